// Who may call what, asked of the router's own table: a new route is in here without a line of its own.

#include <gtest/gtest.h>

#include "tests/server/api/fixture.hpp"

namespace sluice::api {
namespace {

using http::Access;

struct Who {
  std::string name;
  std::string token;
  std::vector<Role> roles;  // none: not authenticated
};

std::string with_captures(std::string pattern, const std::string& id, const std::string& name) {
  for (const auto& [part, value] : {std::pair<std::string, std::string>{"{id}", id}, {"{name}", name}, {"{environment}", name}}) {
    const auto at = pattern.find(part);
    if (at != std::string::npos) pattern.replace(at, part.size(), value);
  }
  return pattern;
}

bool may(const Who& who, Access access) {
  const http::Caller caller{
      .person = {.name = who.name, .id = 0, .roles = who.roles, .environments = {}}, .token_id = 0, .session = {}};
  return caller.has(access);
}

TEST_F(ApiTest, GivesEachRouteToTheRolesItNamesAndToNobodyElse) {
  const auto table = router(world, guard);
  const auto id = waiting();
  const auto past = token("old", {Role::admin}, {}, time.clock().wall() + std::chrono::hours(1));
  const auto revoked = token("gone", {Role::admin});
  auto tokens = store->read_now([](const store::Reader& reader) { return reader.tokens(); });
  for (const auto& each : *tokens) {
    if (each.name != "gone") continue;
    ASSERT_TRUE(store->write_now([&](store::Writer& writer) { return writer.revoke_token(each.id, "adam"); }));
  }
  time.advance(std::chrono::hours(2));
  const std::vector<Who> people = {{"nobody", "", {}},
                                   {"nonsense", "slc_nonsense", {}},
                                   {"expired", past, {}},
                                   {"revoked", revoked, {}},
                                   {"viewer", viewer, {Role::viewer}},
                                   {"approver", approver, {Role::approver}},
                                   {"operator", operator_, {Role::operator_}},
                                   {"admin", admin, {Role::admin}}};
  for (const auto& route : table.routes()) {
    if (route.access == Access::session || route.pattern == "/login") continue;
    for (const auto& who : people) {
      // 999: not there, so that a permitted call changes nothing.
      const auto target = with_captures(route.pattern, "999", "nowhere");
      const auto answer = ask(route.method, target, who.token, route.method == "POST" ? "{}" : "");
      const std::string what = route.method + " " + route.pattern + " as " + who.name + ": " + answer.raw;
      if (route.access == Access::open)
        EXPECT_LT(answer.status, 300) << what;
      else if (who.roles.empty())
        EXPECT_EQ(answer.status, 401) << what;
      else if (!may(who, route.access))
        EXPECT_EQ(answer.status, 403) << what;
      else
        EXPECT_TRUE(answer.status != 401 && answer.status != 403 && answer.status != 0 && answer.status < 500) << what;
    }
    time.advance(std::chrono::minutes(11));  // past the block that the failed logins bring
  }
  EXPECT_EQ(store->read_now([&](const store::Reader& reader) { return reader.deployment(id); })->state,
            store::State::awaiting_approval);
}

TEST_F(ApiTest, HidesOtherEnvironmentsFromATokenThatIsNotForThem) {
  const auto table = router(world, guard);
  const auto id = waiting();
  for (const auto& route : table.routes()) {
    if (route.pattern.find('{') == std::string::npos || route.access == Access::session) continue;
    const auto target = with_captures(route.pattern, std::to_string(id.value), "prod");
    std::string body = route.method == "POST" ? "{}" : "";
    if (route.pattern.ends_with("/approve")) body = R"({"digest":")" + digest_of(id) + "\"}";
    const auto answer = ask(route.method, target, elsewhere, body);
    EXPECT_EQ(answer.status, 404) << route.method << " " << route.pattern << ": " << answer.raw;
  }
  EXPECT_EQ(ask("GET", "/api/v1/deployments", elsewhere).body()["items"].size(), 0U);
  EXPECT_EQ(ask("GET", "/api/v1/environments", elsewhere).body()["items"].size(), 1U);
  EXPECT_EQ(ask("POST", "/api/v1/deployments", elsewhere, R"({"repository":"ann/web","environment":"prod"})").status, 404);
}

TEST_F(ApiTest, ChangesNothingOnGet) {
  const auto table = router(world, guard);
  for (const auto& route : table.routes()) EXPECT_TRUE(route.method == "GET" || route.method == "POST") << route.pattern;
  const auto before = store->read_now([](const store::Reader& reader) { return reader.counts(); })->audit_rows;
  const auto id = waiting();
  const auto after_setup = store->read_now([](const store::Reader& reader) { return reader.counts(); })->audit_rows;
  EXPECT_GT(after_setup, before);
  for (const auto& route : table.routes()) {
    if (route.method != "GET" || route.pattern.ends_with("/events") || route.access == Access::session) continue;
    ask("GET", with_captures(route.pattern, std::to_string(id.value), "prod"), admin);
  }
  EXPECT_EQ(store->read_now([](const store::Reader& reader) { return reader.counts(); })->audit_rows, after_setup);
}

TEST_F(ApiTest, BlocksAnAddressThatKeepsGuessing) {
  for (int i = 0; i < 11; ++i) ask("GET", "/api/v1/deployments", "slc_guess" + std::to_string(i));
  const auto blocked = ask("GET", "/api/v1/deployments", viewer);
  EXPECT_EQ(blocked.status, 429);
  EXPECT_NE(blocked.raw.find("Retry-After: 600\r\n"), std::string::npos);
  time.advance(std::chrono::minutes(10));
  EXPECT_EQ(ask("GET", "/api/v1/deployments", viewer).status, 200);
}

TEST_F(ApiTest, TakesATokenInTheHeaderOnly) {
  EXPECT_EQ(ask("GET", "/api/v1/deployments?token=" + viewer, "").status, 401);
  EXPECT_EQ(ask("GET", "/api/v1/deployments", "", "", "Cookie: sluice=" + viewer + "\r\n").status, 401);
  EXPECT_EQ(ask("GET", "/api/v1/deployments", "", "", "Authorization: Basic " + viewer + "\r\n").status, 401);
}

}  // namespace
}  // namespace sluice::api
