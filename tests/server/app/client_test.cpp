#include "server/app/client.hpp"

#include "tests/server/api/fixture.hpp"

namespace sluice::app {
namespace {

using api::json;

struct ClientTest : api::ApiTest {
  Client client(const std::string& token) const {
    setenv("SLUICE_URL", ("http://127.0.0.1:" + std::to_string(live.port()) + "/").c_str(), 1);
    setenv("SLUICE_TOKEN", token.c_str(), 1);
    unsetenv("SLUICE_CA");
    auto made = Client::from_environment();
    EXPECT_TRUE(made) << (made ? "" : made.error().what);
    return std::move(*made);
  }
};

TEST_F(ClientTest, GetsAndPosts) {
  const auto id = waiting();
  auto as_approver = client(approver);
  EXPECT_EQ(as_approver.get(path(id)).value()["state"], "awaiting_approval");
  EXPECT_EQ(*as_approver.get_text(path(id, "/diff")), "+ image: web:2\n");
  EXPECT_EQ(as_approver.post(path(id, "/approve"), {{"digest", digest_of(id)}}).value()["state"], "approved");
}

TEST_F(ClientTest, TellsTheDaemonsReason) {
  const auto id = waiting();
  EXPECT_EQ(client(viewer).post(path(id, "/approve"), json::object()).error(),
            (Error{Errc::denied, "not-permitted: this needs the role approver"}));
  EXPECT_EQ(
      client("slc_wrong").get(path(id)).error(),
      (Error{Errc::denied,
             "not-authenticated: a valid token is needed: Authorization: Bearer slc_... (make one with: sluice token create)"}));
  EXPECT_EQ(client(viewer).get(path(store::DeploymentId{99})).error(),
            (Error{Errc::not_found, "not-found: there is no such deployment"}));
}

TEST_F(ClientTest, FollowsADeploymentToItsEnd) {
  const auto id = waiting();
  ASSERT_TRUE(client(operator_).post(path(id, "/cancel"), json::object()));
  std::vector<std::string> kinds;
  auto followed = client(viewer).follow(path(id, "/events"), [&](const json& event) { kinds.push_back(event["kind"]); });
  EXPECT_TRUE(followed) << (followed ? "" : followed.error().what);
  EXPECT_GE(kinds.size(), 3U);
}

TEST_F(ClientTest, SaysWhatTheEnvironmentLacks) {
  setenv("SLUICE_TOKEN", "slc_x", 1);
  unsetenv("SLUICE_URL");
  EXPECT_EQ(Client::from_environment().error().what,
            "SLUICE_URL is not set: expected the address of the daemon, such as https://deploy.example.org");
  setenv("SLUICE_URL", "http://deploy.example.org", 1);
  EXPECT_EQ(Client::from_environment().error().what,
            "SLUICE_URL: the token would travel in clear; use https, or http on this machine only");
  setenv("SLUICE_URL", "https://deploy.example.org", 1);
  unsetenv("SLUICE_TOKEN");
  EXPECT_EQ(Client::from_environment().error().what, "SLUICE_TOKEN is not set: expected a token made with `sluice token create`");
}

}  // namespace
}  // namespace sluice::app
