#include "core/track/pods.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace sluice::track {

using plan::Json;
using namespace std::chrono_literals;

TEST(Pod, ThatCannotPullItsImageIsInTroubleAfterAMinute) {
  const auto found = troubles(Json::parse(R"({"metadata":{"name":"web-1"},"status":{"containerStatuses":[
    {"name":"web","state":{"waiting":{"reason":"ImagePullBackOff","message":"Back-off pulling image \"nope\""}}}]}})"));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].text(), "pod web-1, container web: ImagePullBackOff: Back-off pulling image \"nope\"");
  EXPECT_EQ(found[0].grace, 60s);
}

TEST(Pod, ThatCrashedTwiceIsInTroubleAtOnce) {
  const auto text = [](int restarts) {
    return R"({"metadata":{"name":"p"},"status":{"containerStatuses":[{"name":"c","restartCount":)" + std::to_string(restarts) +
           R"(,"state":{"waiting":{"reason":"CrashLoopBackOff"}},"lastState":{"terminated":{"reason":"Error","exitCode":3}}}]}})";
  };
  EXPECT_EQ(troubles(Json::parse(text(1)))[0].grace, 30s);
  EXPECT_EQ(troubles(Json::parse(text(2)))[0].grace, 0s);
  EXPECT_EQ(troubles(Json::parse(text(2)))[0].text(), "pod p, container c: CrashLoopBackOff: last ended with Error, exit code 3");
}

TEST(Pod, OnItsWayOrOnItsWayOutIsInNoTrouble) {
  EXPECT_TRUE(troubles(Json::parse(R"({"status":{"containerStatuses":[{"state":{"waiting":{"reason":"ContainerCreating"}}}]}})"))
                  .empty());
  EXPECT_TRUE(
      troubles(
          Json::parse(
              R"({"metadata":{"deletionTimestamp":"x"},"status":{"containerStatuses":[{"state":{"waiting":{"reason":"ErrImagePull"}}}]}})"))
          .empty());
}

TEST(Pod, IsMatchedByItsWorkloadsSelector) {
  const Json workload = Json::parse(R"({"spec":{"selector":{"matchLabels":{"app":"web"}}}})");
  EXPECT_TRUE(is_selected(Json::parse(R"({"metadata":{"labels":{"app":"web","x":"y"}}})"), workload));
  EXPECT_FALSE(is_selected(Json::parse(R"({"metadata":{"labels":{"app":"db"}}})"), workload));
  EXPECT_FALSE(is_selected(Json::parse(R"({"metadata":{"labels":{"app":"web"}}})"), Json::parse(R"({"spec":{"selector":{}}})")));
}

TEST(Event, IsToldWithItsCountAndSortsByItsLatestTime) {
  const Json event = Json::parse(
      R"({"reason":"FailedScheduling","message":"0/1 nodes","count":3,"lastTimestamp":"2026-01-02T00:00:00Z","eventTime":null,
    "metadata":{"creationTimestamp":"2026-01-01T00:00:00Z"}})");
  EXPECT_EQ(event_text(event), "FailedScheduling: 0/1 nodes (x3)");
  EXPECT_EQ(event_time(event), "2026-01-02T00:00:00");
}

}  // namespace sluice::track
