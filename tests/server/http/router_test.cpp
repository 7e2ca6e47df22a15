#include "server/http/router.hpp"

#include <gtest/gtest.h>

#include "tests/server/http/live_server.hpp"

namespace sluice::http {
namespace {

TEST(Router, DoesNotStartWithARouteThatDeclaresNoAccess) {
  Router router;
  auto route = open_route("GET", "/a");
  route.access = Access::undeclared;
  router.add(route);
  EXPECT_EQ(router.check().error(), (Error{Errc::invalid, "route GET /a declares no access"}));
}

TEST(Router, DoesNotStartWithAGuardedRouteAndNoGuard) {
  Router router;
  auto route = open_route("GET", "/a");
  route.access = Access::viewer;
  router.add(route);
  EXPECT_EQ(router.check().error(), (Error{Errc::invalid, "route GET /a needs a guard and there is none"}));
}

TEST(Router, DoesNotStartWithTheSameRouteTwice) {
  Router router;
  router.add(open_route("GET", "/a"));
  router.add(open_route("GET", "/a"));
  EXPECT_EQ(router.check().error(), (Error{Errc::invalid, "route GET /a is there twice"}));
}

TEST(Router, FindsTheRouteAndWhatItsBracesMatch) {
  Router router;
  router.add(open_route("GET", "/d/{id}/diff"));
  router.add(open_route("POST", "/d/{id}"));
  router.add(open_route("GET", "/badge/{name}.svg"));
  auto found = router.match("GET", "/d/42/diff");
  ASSERT_NE(found.route, nullptr);
  EXPECT_EQ(found.captures, std::vector<std::string>{"42"});
  found = router.match("GET", "/badge/prod.svg");
  ASSERT_NE(found.route, nullptr);
  EXPECT_EQ(found.captures, std::vector<std::string>{"prod"});
  EXPECT_EQ(router.match("GET", "/badge/.svg").route, nullptr);
  EXPECT_EQ(router.match("GET", "/d//diff").route, nullptr);
  EXPECT_EQ(router.match("GET", "/d/42/diff/").route, nullptr);
  EXPECT_EQ(router.match("GET", "/d/42").route, nullptr);
  EXPECT_EQ(router.match("GET", "/d/42").allowed, "POST");
  EXPECT_EQ(router.match("DELETE", "/d/42/diff").allowed, "GET, HEAD");
  EXPECT_EQ(router.match("GET", "/nowhere").allowed, "");
}

TEST(Message, DecodesFormsAndRefusesBrokenEscapes) {
  EXPECT_EQ(form_value("a=1&b=x+y%26&c", "b"), "x y&");
  EXPECT_EQ(form_value("a=1&b=x+y%26&c", "c"), "");
  EXPECT_EQ(form_value("a=1", "z"), std::nullopt);
  EXPECT_EQ(form_value("a=%4", "a"), std::nullopt);
  EXPECT_EQ(form_value("a=%00", "a"), std::nullopt);
}

TEST(Caller, HasTheAccessOfItsRoles) {
  using deployment::Role;
  const Caller viewer{
      .person = {.name = "v", .id = 0, .roles = {Role::viewer}, .environments = {}}, .token_id = 1, .session = {}};
  const Caller approver{
      .person = {.name = "a", .id = 0, .roles = {Role::approver}, .environments = {}}, .token_id = 2, .session = {}};
  const Caller admin{.person = {.name = "x", .id = 0, .roles = {Role::admin}, .environments = {}}, .token_id = 3, .session = "s"};
  EXPECT_TRUE(viewer.has(Access::viewer));
  EXPECT_FALSE(viewer.has(Access::approver));
  EXPECT_FALSE(viewer.has(Access::session));
  EXPECT_TRUE(approver.has(Access::viewer));
  EXPECT_TRUE(approver.has(Access::approver));
  EXPECT_FALSE(approver.has(Access::operator_));
  EXPECT_FALSE(approver.has(Access::undeclared));
  EXPECT_TRUE(admin.has(Access::operator_));
  EXPECT_TRUE(admin.has(Access::session));
}

}  // namespace
}  // namespace sluice::http
