#include "core/plan/managed_fields.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace sluice::plan {
namespace {

const Json live = Json::parse(R"({
  "metadata": {"annotations": {"example.org/owner": "ann"}, "finalizers": ["a", "b"], "managedFields": [
    {"manager": "helm", "time": "2026-01-01T00:00:00Z", "fieldsV1": {
      "f:metadata": {"f:annotations": {".": {}, "f:example.org/owner": {}}},
      "f:spec": {"f:paused": {}, "f:selector": {}, "f:template": {"f:spec": {"f:containers": {
        "k:{\"name\":\"web\"}": {".": {}, "f:image": {}, "f:ports": {"k:{\"containerPort\":80,\"protocol\":\"TCP\"}": {".": {}, "f:containerPort": {}}}}}}}}}},
    {"manager": "kubectl-edit", "time": "2026-02-01T00:00:00Z", "fieldsV1": {
      "f:spec": {"f:template": {"f:spec": {"f:containers": {"k:{\"name\":\"web\"}": {"f:image": {}}}}}}}},
    {"manager": "kubectl", "subresource": "scale", "time": "2026-03-01T00:00:00Z", "fieldsV1": {"f:spec": {"f:replicas": {}}}},
    {"manager": "operator", "fieldsV1": {"f:metadata": {"f:finalizers": {".": {}, "v:\"b\"": {}}}}}]},
  "spec": {"paused": false, "replicas": 5, "selector": {"matchLabels": {"app": "web"}}, "template": {"spec": {"containers": [
    {"name": "web", "image": "x:2", "ports": [{"containerPort": 80, "protocol": "TCP"}]}]}}}})");

std::string manager(std::string_view path) {
  const auto found = manager_of(live, path);
  return found ? found->name + " " + found->time : "nobody";
}

TEST(ManagedFields, TellWhoWroteAFieldLast) {
  EXPECT_EQ(manager("spec.paused"), "helm 2026-01-01T00:00:00Z");
  EXPECT_EQ(manager("spec.template.spec.containers[web].image"), "kubectl-edit 2026-02-01T00:00:00Z");
  EXPECT_EQ(manager("spec.template.spec.containers[web].ports[80].containerPort"), "helm 2026-01-01T00:00:00Z");
  EXPECT_EQ(manager("metadata.annotations.\"example.org/owner\""), "helm 2026-01-01T00:00:00Z");
}

TEST(ManagedFields, NameTheSubresourceThatWasUsed) { EXPECT_EQ(manager("spec.replicas"), "kubectl/scale 2026-03-01T00:00:00Z"); }

TEST(ManagedFields, CountForAllBelowWhatIsOwnedAsAWhole) {
  EXPECT_EQ(manager("spec.selector.matchLabels.app"), "helm 2026-01-01T00:00:00Z");
}

TEST(ManagedFields, CountForAnElementAndForTheWholeListAroundIt) {
  EXPECT_EQ(manager("metadata.finalizers[1]"), "operator ");
  EXPECT_EQ(manager("metadata.finalizers[0]"), "nobody");
  EXPECT_EQ(manager("spec.template.spec.containers[web]"), "kubectl-edit 2026-02-01T00:00:00Z");
}

TEST(ManagedFields, SayNothingOfWhatIsNotThere) {
  EXPECT_EQ(manager("spec.strategy"), "nobody");
  EXPECT_EQ(manager("spec.template.spec.containers[side].image"), "nobody");
  EXPECT_FALSE(manager_of(Json::parse(R"({"metadata": {"managedFields": [7, {"fieldsV1": []}, {"fieldsV1": {"f:spec": 1}}]}, "spec": {"a": 1}})"), "spec.a"));
  EXPECT_FALSE(manager_of(Json::object(), "spec"));
}

}  // namespace
}  // namespace sluice::plan
