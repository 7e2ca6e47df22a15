#include "core/functions/url.hpp"

#include <gtest/gtest.h>

#include "core/functions/paths.hpp"

namespace sluice::functions {
namespace {

std::string error(std::string_view text) {
  auto url = parse_url(text);
  return url ? "no error" : url.error().what;
}

TEST(Url, IsTakenApart) {
  const Url url = *parse_url("HTTP://bob:p%40w@svc.test:8443/v1/a%20b?x=1&q=2#top%2F");
  EXPECT_EQ(url.scheme, "http");
  EXPECT_EQ(to_string(*url.user), "bob:p%40w");
  EXPECT_EQ(url.host, "svc.test:8443");
  EXPECT_EQ(url.hostname(), "svc.test");
  EXPECT_EQ(url.path, "/v1/a b");
  EXPECT_EQ(url.raw_query, "x=1&q=2");
  EXPECT_EQ(url.fragment, "top/");
  EXPECT_EQ(parse_url("mailto:me@x.com")->opaque, "me@x.com");
  EXPECT_EQ(parse_url("http://[fe80::1%25en0]:80/")->hostname(), "fe80::1%en0");
}

TEST(Url, IsWrittenAsItWasRead) {
  for (const char* text : {"http://u:p@h:80/a%20b?q=1#f%20g", "https://u@h/p/?a=b c#x", "//host/p", "mailto:a@b", "/p?q", "/a%2Fb", "http://h/?",
                           "file:///etc/passwd", "../x", "*"})
    EXPECT_EQ(parse_url(text)->text(), text);
  Url made;
  made.path = "a:b";
  EXPECT_EQ(made.text(), "./a:b");
  made.host = "h";
  EXPECT_EQ(made.text(), "//h/a:b");
}

TEST(Url, SaysWhyATextIsNone) {
  EXPECT_EQ(error("http://a b"), "parse \"http://a b\": invalid character \" \" in host name");
  EXPECT_EQ(error("http://h:x/"), "parse \"http://h:x/\": invalid port \":x\" after host");
  EXPECT_EQ(error("http://h:1:x/"), "parse \"http://h:1:x/\": invalid port \":x\" after host");
  EXPECT_EQ(parse_url("http://h:1:2/", PortColon::first).error().what, "parse \"http://h:1:2/\": invalid port \":1:2\" after host");
  EXPECT_EQ(error("http://h/%zz"), "parse \"http://h/%zz\": invalid URL escape \"%zz\"");
  EXPECT_EQ(error("http://h/%4"), "parse \"http://h/%4\": invalid URL escape \"%4\"");
  EXPECT_EQ(error(":x"), "parse \":x\": missing protocol scheme");
  EXPECT_EQ(error("a:b:c\x01"), "parse \"a:b:c\\x01\": net/url: invalid control character in URL");
  EXPECT_EQ(error("1a:b"), "parse \"1a:b\": first path segment in URL cannot contain colon");
  EXPECT_EQ(error("http://[::1/"), "parse \"http://[::1/\": missing ']' in host");
  EXPECT_EQ(error("http://a<b@h/"), "parse \"http://a<b@h/\": net/url: invalid userinfo");
}

TEST(Path, IsCleanedAndTakenApart) {
  EXPECT_EQ(clean_path("a/../b//./c/"), "b/c");
  EXPECT_EQ(clean_path("/.."), "/");
  EXPECT_EQ(clean_path("../../a"), "../../a");
  EXPECT_EQ(clean_path(""), ".");
  EXPECT_EQ(base_of("a/b/"), "b");
  EXPECT_EQ(base_of("///"), "/");
  EXPECT_EQ(dir_of("a//b"), "a");
  EXPECT_EQ(dir_of("a"), ".");
  EXPECT_EQ(extension_of("a.b/c"), "");
  EXPECT_EQ(extension_of("a.tar.gz"), ".gz");
}

}  // namespace
}  // namespace sluice::functions
