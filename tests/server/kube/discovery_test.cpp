#include "server/kube/discovery.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace sluice::kube {

using plan::Json;

namespace {

Json aggregated() {
  return Json::parse(R"({"kind":"APIGroupDiscoveryList","items":[
    {"metadata":{"name":"apps"},"versions":[{"version":"v1","freshness":"Current","resources":[
      {"resource":"deployments","responseKind":{"group":"","version":"","kind":"Deployment"},"scope":"Namespaced","verbs":["get","list"]}]}]},
    {"metadata":{"name":"example.org"},"versions":[
      {"version":"v2","freshness":"Current","resources":[{"resource":"oxen","responseKind":{"group":"example.org","version":"v2","kind":"Ox"},"scope":"Cluster","verbs":["get"]}]},
      {"version":"v1","freshness":"Current","resources":[{"resource":"oxen","responseKind":{"group":"example.org","version":"v1","kind":"Ox"},"scope":"Cluster","verbs":["get"]}]}]},
    {"metadata":{"name":"metrics.k8s.io"},"versions":[{"version":"v1beta1","freshness":"Stale","resources":null}]}]})");
}

}  // namespace

TEST(Discovery, MapsKindsToPaths) {
  Discovery discovery;
  ASSERT_TRUE(discovery.add_aggregated(aggregated()));
  EXPECT_EQ(discovery.find("apps", "Deployment")->path("shop", "web"), "/apis/apps/v1/namespaces/shop/deployments/web");
  EXPECT_EQ(discovery.find("example.org", "Ox")->path("", "a:b"), "/apis/example.org/v2/oxen/a%3Ab");
  EXPECT_EQ(discovery.find("example.org", "Ox", "v1")->version, "v1");
  EXPECT_EQ(discovery.find("example.org", "Ox", "v0")->version, "v2") << "the preferred one";
  EXPECT_EQ(discovery.find_exact("example.org/v0", "Ox"), nullptr);
  EXPECT_EQ(discovery.find("", "Ox"), nullptr);
  EXPECT_FALSE(discovery.find("example.org", "Ox")->can_list);
}

TEST(Discovery, SurvivesAGroupWhoseServerIsDown) {
  Discovery discovery;
  ASSERT_TRUE(discovery.add_aggregated(aggregated()));
  EXPECT_TRUE(discovery.is_stale("metrics.k8s.io"));
  EXPECT_FALSE(discovery.is_stale("apps"));
}

TEST(Discovery, ListsWhatTemplatesAskFor) {
  Discovery discovery;
  ASSERT_TRUE(discovery.add_aggregated(aggregated()));
  EXPECT_EQ(discovery.api_versions(),
            (std::vector<std::string>{"apps/v1", "apps/v1/Deployment", "example.org/v1", "example.org/v1/Ox", "example.org/v2",
                                      "example.org/v2/Ox", "metrics.k8s.io/v1beta1"}));
}

TEST(Discovery, ReadsTheOldFormWithoutSubresources) {
  Discovery discovery;
  ASSERT_TRUE(discovery.add_legacy(Json::parse(R"({"kind":"APIResourceList","groupVersion":"v1","resources":[
    {"name":"pods","namespaced":true,"kind":"Pod","verbs":["list"]},{"name":"pods/log","namespaced":true,"kind":"Pod","verbs":["get"]},
    {"name":"nodes","namespaced":false,"kind":"Node","verbs":["list"]}]})")));
  EXPECT_EQ(discovery.find("", "Pod")->path("a", "b"), "/api/v1/namespaces/a/pods/b");
  EXPECT_EQ(discovery.find("", "Node")->path("", "n"), "/api/v1/nodes/n");
}

TEST(Discovery, OfAnUnexpectedShapeIsAnErrorOrEmpty) {
  Discovery discovery;
  for (const char* text : {"null", "[]", "{}", R"({"kind":"Status"})"})
    EXPECT_FALSE(discovery.add_aggregated(Json::parse(text))) << text;
  EXPECT_TRUE(
      discovery.add_aggregated(Json::parse(R"({"kind":"APIGroupDiscoveryList","items":[null,7,{"versions":[{"version":1}]}]})")));
  EXPECT_TRUE(discovery.empty());
}

}  // namespace sluice::kube
