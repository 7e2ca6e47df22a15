#include "server/notify/github.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace sluice::notify {
namespace {

using Json = nlohmann::json;
using store::State;

store::Deployment deployment() {
  store::Deployment one;
  one.id.value = 7;
  one.repository = "ann/web";
  one.environment = "prod/eu";
  one.commit = "0123456789abcdef0123456789abcdef01234567";
  one.digest = "d1";
  return one;
}

std::string body(State state, const std::string& reason = "") { return *github_body(deployment(), state, reason, "https://deploy.example.org"); }

GithubRequests requests(State state, const std::string& reason = "") {
  return *GithubRequests::of(body(state, reason), "https://api.example.org/", Secret("ghp_x"));
}

TEST(Github, HearsOfTheCommitUnderTheNameOfTheEnvironment) {
  const auto request = requests(State::awaiting_approval).commit_status();
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.url, "https://api.example.org/repos/ann/web/statuses/0123456789abcdef0123456789abcdef01234567");
  EXPECT_EQ(request.headers, (std::vector<net::Header>{{"Accept", "application/vnd.github+json"},
                                                       {"X-GitHub-Api-Version", "2022-11-28"},
                                                       {"Authorization", "Bearer ghp_x"},
                                                       {"Content-Type", "application/json"}}));
  EXPECT_EQ(request.body, R"({"context":"sluice/prod/eu","description":"waiting for approval","state":"pending","target_url":"https://deploy.example.org/deployments/7"})");
}

TEST(Github, GetsADeploymentThatNeitherMergesNorWaitsForOurOwnStatus) {
  const auto sent = Json::parse(requests(State::planning).create_deployment().body);
  EXPECT_EQ(sent["auto_merge"], false);
  EXPECT_EQ(sent["required_contexts"], Json::array());
  EXPECT_EQ(sent["ref"], deployment().commit);
  EXPECT_EQ(sent["payload"], Json::parse(R"({"sluice_id":"sluice-7","plan":"d1"})"));
}

TEST(Github, TellsWhyInTheFirstLineAndNoMoreThanItTakes) {
  const auto state = [](State to, const std::string& reason) {
    const auto sent = Json::parse(requests(to, reason).deployment_status("4711").body);
    return sent["state"].get<std::string>() + ": " + sent["description"].get<std::string>();
  };
  EXPECT_EQ(state(State::rolled_back, "web is not ready\nmore"), "failure: rolled back: web is not ready");
  EXPECT_EQ(state(State::succeeded, "not told"), "success: deployed");
  EXPECT_EQ(state(State::superseded, "by 12"), "inactive: superseded: by 12");
  std::string umlauts;
  for (int i = 0; i < 100; ++i) umlauts += "ü";
  const std::string cut = state(State::failed, umlauts).substr(std::string("failure: ").size());
  EXPECT_LE(cut.size(), 140U);
  EXPECT_EQ(cut.substr(cut.size() - 5), "ü…");
}

TEST(Github, HearsNothingOfStepsInBetweenNorWithoutACommit) {
  EXPECT_FALSE(github_body(deployment(), State::received, "", ""));
  EXPECT_FALSE(github_body(deployment(), State::verifying, "", ""));
  auto one = deployment();
  one.commit = "main";
  EXPECT_FALSE(github_body(one, State::planning, "", ""));
}

TEST(Github, IsAskedForADeploymentThatAnEarlierTryHasMade) {
  const auto asked = requests(State::planning);
  EXPECT_EQ(asked.deployments().url,
            "https://api.example.org/repos/ann/web/deployments?task=deploy&per_page=100&sha=0123456789abcdef0123456789abcdef01234567&environment=prod%2Feu");
  EXPECT_EQ(*asked.find_ours(R"([{"id":1,"payload":{}},{"id":2,"payload":"{\"sluice_id\":\"sluice-7\"}"}])"), "2");
  EXPECT_EQ(*asked.find_ours(R"([{"id":3,"payload":{"sluice_id":"sluice-7"}}])"), "3");
  EXPECT_EQ(*asked.find_ours(R"([{"id":4,"payload":{"sluice_id":"sluice-77"}}, 5])"), "");
  EXPECT_FALSE(asked.find_ours(R"({"message":"x"})"));
  EXPECT_FALSE(GithubRequests::id_of("[]"));
}

TEST(Github, IsAskedAgainWhenItIsBusyAndNotWhenItRefuses) {
  using std::chrono::seconds;
  const auto now = seconds(1000);
  const auto said = [&](int status, std::vector<net::Header> headers, std::string text = "{}") {
    const auto refusal = refusal_of({status, std::move(headers), std::move(text)}, now);
    return std::string(to_string(refusal.error.code)) + " " + std::to_string(refusal.pause.count()) + " " + refusal.error.what;
  };
  EXPECT_EQ(said(502, {}), "unavailable 0 GitHub answered 502");
  EXPECT_EQ(said(429, {}), "unavailable 60 GitHub answered 429");
  EXPECT_EQ(said(403, {{"Retry-After", "90"}}), "unavailable 90 GitHub answered 403");
  EXPECT_EQ(said(403, {{"X-RateLimit-Remaining", "0"}, {"X-RateLimit-Reset", "1500"}}), "unavailable 500 GitHub answered 403");
  EXPECT_EQ(said(403, {}, R"({"message":"Resource not accessible by personal access token"})"),
            "denied 0 GitHub answered 403: Resource not accessible by personal access token");
  EXPECT_EQ(said(422, {}, "no json"), "denied 0 GitHub answered 422");
}

}  // namespace
}  // namespace sluice::notify
