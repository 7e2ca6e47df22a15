#include "server/notify/notify.hpp"

#include <gtest/gtest.h>

namespace sluice::notify {
namespace {

store::Deployment deployment() {
  store::Deployment one;
  one.id.value = 7;
  one.repository = "ann/web";
  one.environment = "prod";
  one.commit = "0123456789abcdef0123456789abcdef01234567";
  one.title = "web: Say hello\r\nX-Evil: 1";
  return one;
}

TEST(Notify, TellsOfDecisionsAndEndsAlone) {
  EXPECT_TRUE(is_worth_telling(store::State::awaiting_approval));
  EXPECT_TRUE(is_worth_telling(store::State::failed));
  EXPECT_TRUE(is_worth_telling(store::State::rejected));
  EXPECT_TRUE(is_worth_telling(store::State::expired));
  EXPECT_TRUE(is_worth_telling(store::State::interrupted));
  EXPECT_FALSE(is_worth_telling(store::State::planning));
  EXPECT_FALSE(is_worth_telling(store::State::no_changes));
}

TEST(Notify, NtfyGetsASentenceWithATitleAndThePage) {
  const auto body = to_body(deployment(), store::State::awaiting_approval, "", "https://deploy.example.org");
  const auto request = to_request(body, "ntfy", "https://ntfy.example.org/topic");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->body, "prod: deployment 7 of ann/web waits for approval: web: Say hello\r\nX-Evil: 1");
  EXPECT_EQ(request->headers, (std::vector<net::Header>{{"Content-Type", "text/plain; charset=utf-8"},
                                                        {"Title", "prod: waits for approval"},
                                                        {"Click", "https://deploy.example.org/deployments/7"}}));
}

TEST(Notify, NothingFromARepositoryBreaksOutOfAHeader) {
  auto one = deployment();
  one.environment = "prod\r\nX-Evil: 1";
  const auto request = to_request(to_body(one, store::State::failed, "", ""), "ntfy", "https://ntfy.example.org/topic");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->headers[1].value, "prod??X-Evil: 1: failed");
}

TEST(Notify, JsonAndSlackGetTheirForms) {
  auto one = deployment();
  one.title = "web: Say hello";
  const auto body = to_body(one, store::State::failed, "web is not ready", "https://deploy.example.org");
  EXPECT_EQ(to_request(body, "json", "https://example.org/hook")->body, body);
  EXPECT_EQ(to_request(body, "slack", "https://example.org/hook")->body,
            R"({"text":"prod: deployment 7 of ann/web failed: web: Say hello (web is not ready) https://deploy.example.org/deployments/7"})");
  EXPECT_FALSE(to_request("nonsense", "json", "https://example.org/hook"));
}

}  // namespace
}  // namespace sluice::notify
