#include "core/plan/patch.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace sluice::plan {

namespace {

Json strategic(const char* kind, const char* original, const char* modified, const char* current) {
  return strategic_patch(kind, {Json::parse(original), Json::parse(modified), Json::parse(current)});
}
Json merge(const char* original, const char* modified, const char* current) {
  return json_patch({Json::parse(original), Json::parse(modified), Json::parse(current)});
}

}  // namespace

TEST(ThreeWayPatch, IsEmptyWhenTheClusterHoldsWhatTheManifestSays) {
  EXPECT_EQ(strategic("ConfigMap", "{}", R"({"data":{"a":"1"}})", R"({"data":{"a":"1","b":"of others"},"metadata":{"uid":"x"}})"),
            Json::object());
}

TEST(ThreeWayPatch, SetsWhatChangedRemovesWhatLeftAndKeepsWhatOthersSet) {
  EXPECT_EQ(strategic("ConfigMap", R"({"data":{"a":"1","gone":"x"}})", R"({"data":{"a":"2","new":"y"}})",
                      R"({"data":{"a":"1","gone":"x","theirs":"z"}})"),
            Json::parse(R"({"data":{"a":"2","gone":null,"new":"y"}})"));
}

TEST(ThreeWayPatch, CorrectsDriftOfAFieldThatTheManifestNames) {
  EXPECT_EQ(strategic("Deployment", R"({"spec":{"replicas":2}})", R"({"spec":{"replicas":2}})", R"({"spec":{"replicas":7}})"),
            Json::parse(R"({"spec":{"replicas":2}})"));
}

TEST(ThreeWayPatch, MergesContainersByName) {
  EXPECT_EQ(
      strategic(
          "Deployment",
          R"({"spec":{"template":{"spec":{"containers":[{"name":"web","image":"a"},{"name":"old","image":"o"}]}}}})",
          R"({"spec":{"template":{"spec":{"containers":[{"name":"web","image":"b"}]}}}})",
          R"({"spec":{"template":{"spec":{"containers":[{"name":"web","image":"a","imagePullPolicy":"Always"},{"name":"old","image":"o"},
                         {"name":"injected","image":"sidecar"}]}}}})"),
      Json::parse(R"({"spec":{"template":{"spec":{"$setElementOrder/containers":[{"name":"web"}],
                           "containers":[{"name":"web","image":"b"},{"name":"old","$patch":"delete"}]}}}})"));
}

TEST(ThreeWayPatch, ReplacesListsWithoutAMergeKey) {
  const char* old_args = R"({"spec":{"containers":[{"name":"c","args":["a"]}]}})";
  EXPECT_EQ(
      strategic("Pod", old_args, R"({"spec":{"containers":[{"name":"c","args":["a","b"]}]}})", old_args),
      Json::parse(R"({"spec":{"$setElementOrder/containers":[{"name":"c"}],"containers":[{"name":"c","args":["a","b"]}]}})"));
}

TEST(ThreeWayPatch, NoticesThatVariablesChangedPlaces) {
  EXPECT_EQ(strategic("Pod", "{}",
                      R"j({"spec":{"containers":[{"name":"c","env":[{"name":"B","value":"1"},{"name":"A","value":"$(B)"}]}]}})j",
                      R"j({"spec":{"containers":[{"name":"c","env":[{"name":"A","value":"$(B)"},{"name":"B","value":"1"}]}]}})j"),
            Json::parse(R"({"spec":{"$setElementOrder/containers":[{"name":"c"}],
                           "containers":[{"name":"c","$setElementOrder/env":[{"name":"B"},{"name":"A"}],"env":[]}]}})"));
}

TEST(ThreeWayPatch, TakesEqualQuantitiesForEqual) {
  EXPECT_EQ(
      strategic(
          "Pod", "{}",
          R"({"spec":{"containers":[{"name":"c","resources":{"limits":{"cpu":"1000m","memory":"1024Mi"},"requests":{"cpu":0.5}}}]}})",
          R"({"spec":{"containers":[{"name":"c","resources":{"limits":{"cpu":"1","memory":"1Gi"},"requests":{"cpu":"500m"}}}]}})"),
      Json::object());
  EXPECT_NE(strategic("Pod", "{}", R"({"spec":{"containers":[{"name":"c","resources":{"limits":{"cpu":"1100m"}}}]}})",
                      R"({"spec":{"containers":[{"name":"c","resources":{"limits":{"cpu":"1"}}}]}})"),
            Json::object());
}

TEST(ThreeWayPatch, LeavesAPortOverTcpAndUdpAloneUntilItChanges) {
  const char* live = R"({"spec":{"ports":[{"port":53,"protocol":"UDP","name":"u","targetPort":53,"nodePort":30001},
                                          {"port":53,"protocol":"TCP","name":"t","targetPort":53,"nodePort":30002}]}})";
  EXPECT_EQ(
      strategic("Service", "{}", R"({"spec":{"ports":[{"port":53,"protocol":"UDP","name":"u"},{"port":53,"name":"t"}]}})", live),
      Json::object());
  EXPECT_EQ(strategic("Service", "{}",
                      R"({"spec":{"ports":[{"port":53,"protocol":"UDP","name":"u"},{"port":53,"name":"renamed"}]}})", live),
            Json::parse(R"({"spec":{"ports":[{"$patch":"replace"},{"port":53,"protocol":"UDP","name":"u","nodePort":30001},
                                             {"port":53,"name":"renamed","nodePort":30002}]}})"));
}

TEST(ThreeWayPatch, TellsAStrategyWhatToKeep) {
  EXPECT_EQ(
      strategic("Deployment", R"({"spec":{"strategy":{"type":"RollingUpdate"}}})", R"({"spec":{"strategy":{"type":"Recreate"}}})",
                R"({"spec":{"strategy":{"type":"RollingUpdate","rollingUpdate":{"maxSurge":"25%"}}}})"),
      Json::parse(R"({"spec":{"strategy":{"type":"Recreate","$retainKeys":["type"]}}})"));
}

TEST(ThreeWayPatch, AddsAndRemovesFinalizersOneByOne) {
  EXPECT_EQ(strategic("ConfigMap", R"({"metadata":{"finalizers":["a/x","b/x"]}})", R"({"metadata":{"finalizers":["a/x","c/x"]}})",
                      R"({"metadata":{"finalizers":["a/x","b/x","theirs/x"]}})"),
            Json::parse(R"({"metadata":{"finalizers":["c/x"],"$deleteFromPrimitiveList/finalizers":["b/x"]}})"));
}

TEST(MergePatch, SeesDriftOfCustomResources) {
  EXPECT_EQ(merge(R"({"spec":{"a":1,"gone":2}})", R"({"spec":{"a":1,"list":[1]}})",
                  R"({"spec":{"a":9,"gone":2,"list":[1],"theirs":3}})"),
            Json::parse(R"({"spec":{"a":1,"gone":null}})"));
}

TEST(MergePatch, ReplacesListsAsAWhole) {
  EXPECT_EQ(merge("{}", R"({"spec":{"rules":[{"name":"a","x":1}]}})", R"({"spec":{"rules":[{"name":"a","x":1},{"name":"b"}]}})"),
            Json::parse(R"({"spec":{"rules":[{"name":"a","x":1}]}})"));
}

TEST(AnyPatch, OfUnexpectedShapesIsMadeWithoutTrouble) {
  for (const char* odd : {"{}", R"({"spec":7})", R"({"spec":[]})", R"({"spec":{"template":{"spec":{"containers":{"x":1}}}}})",
                          R"({"spec":{"template":{"spec":{"containers":[1,null,{"name":{}}]}}}})"}) {
    for (const char* other : {"{}", R"({"spec":{"template":{"spec":{"containers":[{"name":"a"}]}}}})"}) {
      strategic("Deployment", odd, other, odd);
      strategic("Deployment", other, odd, other);
      strategic("Deployment", odd, odd, other);
    }
  }
}

}  // namespace sluice::plan
