#include "server/sandbox/merge.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace sluice::sandbox {

using Json = nlohmann::json;

static Json pod(const char* text) { return Json{{"spec", {{"containers", Json::parse(text)}}}}; }

TEST(Apply, TakesOutOnlyWhatThisManagerAppliedBefore) {
  Json live = Json::parse(R"({"metadata": {"labels": {"ours": "1", "theirs": "2"}}, "spec": {"a": 1, "b": 2}})");
  apply(live, Json::parse(R"({"metadata": {"labels": {"ours": "1"}}, "spec": {"a": 1}})"), Json::parse(R"({"spec": {"c": 3}})"));
  EXPECT_EQ(live, Json::parse(R"({"metadata": {"labels": {"theirs": "2"}}, "spec": {"b": 2, "c": 3}})"));
}

TEST(Apply, FindsContainersByName) {
  Json live = pod(R"([{"name": "a", "image": "a:1", "extra": true}, {"name": "b", "image": "b:1"}])");
  apply(live, pod(R"([{"name": "a", "image": "a:1"}, {"name": "b", "image": "b:1"}])"),
        pod(R"([{"name": "a", "image": "a:2"}])"));
  EXPECT_EQ(live, pod(R"([{"name": "a", "image": "a:2", "extra": true}])"));
}

TEST(StrategicMerge, MergesListsByKeyAndObeysDirectives) {
  Json live = pod(R"([{"name": "a", "image": "a:1", "env": [{"name": "X", "value": "1"}]}, {"name": "b"}])");
  strategic_merge(live, pod(R"([{"name": "a", "env": [{"name": "Y", "value": "2"}]}, {"name": "b", "$patch": "delete"}])"));
  EXPECT_EQ(live, pod(R"([{"name": "a", "image": "a:1", "env": [{"name": "X", "value": "1"}, {"name": "Y", "value": "2"}]}])"));
}

TEST(StrategicMerge, NullDeletesAndOtherListsAreReplaced) {
  Json live = Json::parse(R"({"a": 1, "args": ["x", "y"], "rules": [{"host": "a"}]})");
  strategic_merge(live, Json::parse(R"({"a": null, "args": ["z"], "rules": [{"host": "b"}]})"));
  EXPECT_EQ(live, Json::parse(R"({"args": ["z"], "rules": [{"host": "b"}]})"));
}

}  // namespace sluice::sandbox
