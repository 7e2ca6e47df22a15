#include "server/net/url.hpp"

#include <gtest/gtest.h>

namespace sluice::net {

namespace {
std::string why_not(std::string_view text) {
  auto url = parse_url(text);
  return url ? "accepted" : url.error().what;
}
}  // namespace

TEST(Url, IsTakenApart) {
  EXPECT_EQ(*parse_url("https://Api.Example.org:6443/api?x=1#part"), (Url{true, "api.example.org", 6443, "/api?x=1"}));
  EXPECT_EQ(*parse_url("http://[2001:DB8::1]"), (Url{false, "2001:db8::1", 80, "/"}));
  EXPECT_EQ(parse_url("http://[2001:db8::1]:81/")->authority(), "[2001:db8::1]:81");
  EXPECT_EQ(parse_url("https://a.example?q")->target, "/?q");
  EXPECT_EQ(parse_url("https://a.example/a b\u00e9")->target, "/a%20b%C3%A9");
}

TEST(Url, OfAnotherSchemeOrWithAPasswordIsRefused) {
  EXPECT_EQ(why_not("ftp://a/"), "a URL must begin with https:// or http://");
  EXPECT_EQ(why_not("/etc/passwd"), "a URL must begin with https:// or http://");
  EXPECT_EQ(why_not("https://me:secret@a/"), "a URL must not carry a user name or password");
  EXPECT_EQ(why_not("https:///x"), "'' is not a host name");
  EXPECT_EQ(why_not("https://a:99999/"), "'99999' is not a port");
  EXPECT_EQ(why_not("https://a\r\nX: y/"), "'a\r\nx' is not a host name");
}

TEST(Url, CannotBreakOutOfTheRequestLine) { EXPECT_EQ(parse_url("https://a/x\r\nEvil: 1")->target, "/x%0D%0AEvil:%201"); }

TEST(Reference, IsReadAtItsBase) {
  const Url base = *parse_url("https://a.example/charts/index.yaml");
  EXPECT_EQ(resolve_url(base, "web-1.tgz")->target, "/charts/web-1.tgz");
  EXPECT_EQ(resolve_url(base, "../web-1.tgz")->target, "/web-1.tgz");
  EXPECT_EQ(resolve_url(base, "../../../web-1.tgz")->target, "/web-1.tgz");
  EXPECT_EQ(resolve_url(base, "/x/./y/../z?q=1")->target, "/x/z?q=1");
  EXPECT_EQ(resolve_url(base, "//b.example/x")->origin(), "https://b.example");
  EXPECT_EQ(resolve_url(base, "http://b.example/x")->origin(), "http://b.example");
  EXPECT_EQ(resolve_url(base, "file:///etc/passwd").error().what, "a URL must begin with https:// or http://");
}

TEST(PercentEncoding, LeavesOnlyUnreservedCharacters) { EXPECT_EQ(percent_encode("a/b:c d~é"), "a%2Fb%3Ac%20d~%C3%A9"); }

}  // namespace sluice::net
