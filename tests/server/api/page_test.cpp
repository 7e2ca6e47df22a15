#include "server/api/page.hpp"

#include <gtest/gtest.h>

#include "server/api/html.hpp"
#include "tests/server/api/fixture.hpp"

namespace sluice::api {
namespace {

struct PageTest : ApiTest {
  static std::string field_of(const std::string& answer, const std::string& name) {
    const auto at = answer.find("\r\n" + name + ": ");
    if (at == std::string::npos) return {};
    const auto begin = at + name.size() + 4;
    return answer.substr(begin, answer.find("\r\n", begin) - begin);
  }
  Answered form(const std::string& path, const std::string& body, const std::string& fields) const {
    return send("POST " + path +
                " HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\n" + fields +
                "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  }
  std::string log_in(const std::string& token) const {
    const auto answer = form("/login", "token=" + token, "Sec-Fetch-Site: same-origin\r\n");
    const auto cookie = field_of(answer.raw, "Set-Cookie");
    return "Cookie: " + cookie.substr(0, cookie.find(';')) + "\r\n";
  }
  Answered open(const std::string& path, const std::string& cookie) const { return ask("GET", path, "", "", cookie); }
  static std::string hidden(const std::string& page, const std::string& name) {
    const std::string mark = "name=\"" + name + "\" value=\"";
    const auto at = page.find(mark);
    if (at == std::string::npos) return {};
    return page.substr(at + mark.size(), page.find('"', at + mark.size()) - at - mark.size());
  }
  static std::string page_of(store::DeploymentId id, const std::string& rest = "") {
    return "/deployments/" + std::to_string(id.value) + rest;
  }
  store::State state_of(store::DeploymentId id) {
    return store->read_now([&](const store::Reader& reader) { return reader.deployment(id); })->state;
  }
};

const std::string same_origin = "Sec-Fetch-Site: same-origin\r\n";

TEST_F(PageTest, SendsAStrangerToTheLogin) {
  const auto answer = ask("GET", "/", "");
  EXPECT_EQ(answer.status, 303);
  EXPECT_EQ(field_of(answer.raw, "Location"), "/login");
  EXPECT_EQ(ask("GET", "/", viewer).status, 303);  // a bearer token opens the API, not the page
  EXPECT_EQ(form("/login", "token=slc_wrong", same_origin).status, 401);
}

TEST_F(PageTest, SetsACookieThatScriptsAndOtherSitesCannotUse) {
  const auto cookie = field_of(form("/login", "token=" + viewer, same_origin).raw, "Set-Cookie");
  EXPECT_NE(cookie.find("; HttpOnly; SameSite=Strict"), std::string::npos) << cookie;
  EXPECT_EQ(cookie.find(viewer), std::string::npos);
}

TEST_F(PageTest, ListsWhatWaitsAndWhatWas) {
  waiting();
  const auto page = open("/", log_in(viewer));
  ASSERT_EQ(page.status, 200) << page.raw;
  EXPECT_NE(page.raw.find("Waiting for a decision"), std::string::npos);
  EXPECT_NE(page.raw.find("Change the text"), std::string::npos);
  EXPECT_NE(field_of(page.raw, "Content-Security-Policy").find("default-src 'none'; script-src 'self'"), std::string::npos);
}

TEST_F(PageTest, DecidesWithTheFormAlone) {
  const auto id = waiting();
  const auto cookie = log_in(approver);
  const auto page = open(page_of(id), cookie).raw;
  EXPECT_EQ(hidden(page, "digest"), digest_of(id));
  const auto body =
      "form_token=" + hidden(page, "form_token") + "&digest=" + hidden(page, "digest") + "&comment=well+done&decision=approve";
  const auto answer = form(page_of(id, "/decision"), body, cookie + same_origin);
  EXPECT_EQ(answer.status, 303) << answer.raw;
  EXPECT_EQ(state_of(id), store::State::approved);
  EXPECT_NE(open(page_of(id), cookie).raw.find("well done"), std::string::npos);
  EXPECT_EQ(form(page_of(id, "/decision"), body, cookie + same_origin).status, 403);  // the form's token was for once
}

TEST_F(PageTest, ShowsThePlanBeforeTheDecisionAndLetsReleasesBeHeldBack) {
  const auto id = waiting(std::string(40, 'a'), "prod", "t", R"({"releases":[{"release":"web","namespace":"site"},{"release":"db","namespace":"site"}]})");
  const auto cookie = log_in(approver);
  const auto page = open(page_of(id), cookie).raw;
  EXPECT_LT(page.find("<h2>Plan</h2>"), page.find("<h2 id=\"decision\">")) << page;
  EXPECT_NE(page.find("name=\"hold\" value=\"site/db\""), std::string::npos) << page;
  const auto body = "form_token=" + hidden(page, "form_token") + "&digest=" + digest_of(id) + "&hold=site%2Fweb&hold=site%2Fdb&decision=approve";
  EXPECT_EQ(form(page_of(id, "/decision"), body, cookie + same_origin).status, 303);
  const auto decided = open(page_of(id), cookie).raw;
  EXPECT_NE(decided.find("without site/web</span> <span class=\"warn\">without site/db"), std::string::npos) << decided;
}

TEST_F(PageTest, TakesNoFormOfAnotherSite) {
  const auto id = waiting();
  const auto cookie = log_in(approver);
  const auto page = open(page_of(id), cookie).raw;
  const auto body = "form_token=" + hidden(page, "form_token") + "&digest=" + digest_of(id) + "&decision=approve";
  for (const std::string& fields :
       {std::string("Sec-Fetch-Site: cross-site\r\n"), std::string("Sec-Fetch-Site: same-site\r\n"),
        std::string("Origin: http://evil.example\r\n"), std::string("Origin: null\r\n"), std::string()})
    EXPECT_EQ(form(page_of(id, "/decision"), body, cookie + fields).status, 403) << fields;
  EXPECT_EQ(form(page_of(id, "/decision"), "digest=" + digest_of(id) + "&decision=approve", cookie + same_origin).status, 403);
  EXPECT_EQ(ask("POST", page_of(id, "/decision"), "", "{}", cookie + same_origin).status, 400);
  for (const char* fields : {"Sec-Fetch-Site: cross-site\r\n", "Origin: http://evil.example\r\n", "Origin: null\r\n"}) {
    EXPECT_EQ(form("/login", "token=" + viewer, fields).status, 403) << fields;
    EXPECT_EQ(form("/logout", "", cookie + fields).status, 403) << fields;
  }
  EXPECT_EQ(form("/login", "token=" + viewer, "Origin: http://a\r\n").status, 303);
  EXPECT_EQ(state_of(id), store::State::awaiting_approval);
  EXPECT_EQ(form(page_of(id, "/decision"), body, cookie + "Origin: http://a\r\n").status, 303);
}

TEST_F(PageTest, ShowsAViewerNoButtons) {
  const auto id = waiting();
  const auto page = open(page_of(id), log_in(viewer)).raw;
  EXPECT_EQ(page.find("value=\"approve\""), std::string::npos);
  EXPECT_NE(page.find("You cannot decide"), std::string::npos);
}

TEST_F(PageTest, EndsASessionWithItsTokenAndAfterHalfAnHour) {
  const auto cookie = log_in(viewer);
  EXPECT_EQ(open("/", cookie).status, 200);
  time.advance(std::chrono::minutes(31));
  EXPECT_EQ(open("/", cookie).status, 303);
  const auto again = log_in(viewer);
  const auto tokens = store->read_now([](const store::Reader& reader) { return reader.tokens(); });
  for (const auto& each : *tokens)
    if (each.name == "vera") {
      EXPECT_TRUE(store->write_now([&](store::Writer& writer) { return writer.revoke_token(each.id, "adam"); }));
    }
  EXPECT_EQ(open("/", again).status, 303);
}

TEST_F(PageTest, ShowsTextAsText) {
  const std::string evil = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>\xe2\x80\xae";
  const json diff = {
      {"summary", {{"delete", 1}}},
      {"data_losses", {"PersistentVolumeClaim " + evil}},
      {"releases",
       {{{"release", evil},
         {"operation", "upgrade"},
         {"objects",
          {{{"action", "update"},
            {"kind", "ConfigMap"},
            {"name", evil},
            {"changes", {{{"path", "data." + evil}, {"before", evil}, {"after", {{"a", evil}}}, {"cause", "drift"}}}}}}}}}}};
  const auto id = waiting(std::string(40, 'a'), "prod", evil, diff.dump());
  const auto cookie = log_in(approver);
  for (const auto& path : {std::string("/"), page_of(id)}) {
    const auto page = open(path, cookie).raw;
    EXPECT_EQ(page.find("<script>"), std::string::npos);
    EXPECT_EQ(page.find("<img"), std::string::npos);
    EXPECT_EQ(page.find("\xe2\x80\xae"), std::string::npos);
    EXPECT_NE(page.find("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&gt;&lt;img src=x onerror=alert(1)&gt;&lt;U+202E&gt;"),
              std::string::npos)
        << page;
  }
}

TEST(Html, EscapesForContentAndAttributes) {
  Html html;
  html.raw("<p>").text("a<b>&\"'\x1b\n\tc").raw("</p>");
  EXPECT_EQ(std::move(html).take(), "<p>a&lt;b&gt;&amp;&quot;&#39;&lt;U+001B&gt;\n\tc</p>");
}

TEST_F(PageTest, ShowsWhatHasDriftedAndWhoDidIt) {
  const auto page = open("/drift", log_in(viewer)).raw;
  EXPECT_NE(page.find("1 changed, 1 missing"), std::string::npos) << page;
  EXPECT_NE(page.find("<code>spec.replicas</code> <span class=\"soft\">changed by kubectl/scale at 2026-01-01T00:00:00Z"), std::string::npos) << page;
  EXPECT_NE(page.find("<strong>&lt;b&gt;</strong>"), std::string::npos) << page;
  EXPECT_NE(page.find("cluster-unreachable: nobody listens"), std::string::npos) << "one silent cluster hides no other";
  EXPECT_EQ(hidden(page, "form_token"), "") << "viewers repair nothing";
}

TEST_F(PageTest, OffersOperatorsToBringDriftBackByADeployment) {
  const auto page = open("/drift", log_in(operator_)).raw;
  EXPECT_NE(page.find("action=\"/deployments/7/decision\""), std::string::npos) << page;
  EXPECT_NE(hidden(page, "form_token"), "");
}

}  // namespace
}  // namespace sluice::api
