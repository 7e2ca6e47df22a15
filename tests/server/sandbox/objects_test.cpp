#include "server/sandbox/objects.hpp"

#include <gtest/gtest.h>

namespace sluice::sandbox {
namespace {

using Json = nlohmann::json;

class ObjectsTest : public testing::Test {
 protected:
  const Kind& kind(const char* group, const char* plural) { return *objects_.kinds().find(group, "v1", plural); }
  Outcome apply(const char* group, const char* plural, const std::string& name, Json body, bool dry_run = false) {
    body["metadata"]["name"] = name;
    return objects_.edit(kind(group, plural), "default", name, Edit{Edit::How::apply, std::move(body), "sluice", dry_run});
  }
  Objects objects_;
};

TEST_F(ObjectsTest, ADryRunAnswersWhatWouldBeAndKeepsNothing) {
  const auto planned = apply("", "configmaps", "web", Json{{"data", {{"a", "1"}}}}, true);
  EXPECT_EQ(planned.code, 201);
  EXPECT_EQ(planned.body["data"]["a"], "1");
  EXPECT_EQ(objects_.get(kind("", "configmaps"), "default", "web").code, 404);
}

TEST_F(ObjectsTest, AnApplyThatChangesNothingKeepsTheResourceVersion) {
  const auto first = apply("", "configmaps", "web", Json{{"data", {{"a", "1"}}}});
  const auto second = apply("", "configmaps", "web", Json{{"data", {{"a", "1"}}}});
  EXPECT_EQ(first.body["metadata"]["resourceVersion"], second.body["metadata"]["resourceVersion"]);
  const auto third = apply("", "configmaps", "web", Json{{"data", {{"b", "1"}}}});
  EXPECT_EQ(third.body["data"], (Json{{"b", "1"}}));
  EXPECT_NE(third.body["metadata"]["resourceVersion"], first.body["metadata"]["resourceVersion"]);
}

TEST_F(ObjectsTest, ADeploymentBecomesReadyAMomentAfterItWasWrittenUnlessItsImageIsBroken) {
  const Json good{{"spec", {{"replicas", 2}, {"template", {{"spec", {{"containers", {{{"name", "a"}, {"image", "web:1"}}}}}}}}}}};
  Json bad = good;
  bad["spec"]["template"]["spec"]["containers"][0]["image"] = "web:broken";
  apply("apps", "deployments", "good", good);
  apply("apps", "deployments", "bad", bad);
  const auto ready = [&](const char* name) {
    return objects_.get(kind("apps", "deployments"), "default", name).body["status"].value("readyReplicas", 0);
  };
  EXPECT_EQ(ready("good"), 0);
  EXPECT_TRUE(objects_.tick(std::chrono::steady_clock::now() + std::chrono::seconds(1)));
  EXPECT_EQ(ready("good"), 2);
  EXPECT_EQ(ready("bad"), 0);
}

TEST_F(ObjectsTest, ACustomResourceDefinitionServesItsKind) {
  const Json crd =
      Json::parse(R"({"spec": {"group": "example.org", "scope": "Namespaced", "names": {"kind": "Thing", "plural": "things"},
                                   "versions": [{"name": "v1", "served": true}]}})");
  EXPECT_EQ(objects_.kinds().find("example.org", "v1", "things"), nullptr);
  apply("apiextensions.k8s.io", "customresourcedefinitions", "things.example.org", crd);
  // cluster-scoped kinds have no namespace
  EXPECT_NE(objects_.kinds().find("example.org", "v1", "things"), nullptr);
}

TEST_F(ObjectsTest, AMissingNamespaceIsNamed) {
  const auto refused = objects_.edit(kind("", "secrets"), "nowhere", "x",
                                     Edit{Edit::How::apply, Json{{"metadata", {{"name", "x"}}}}, "sluice", false});
  EXPECT_EQ(refused.code, 404);
  EXPECT_EQ(refused.body["details"]["kind"], "namespaces");
}

TEST_F(ObjectsTest, WatchersGetEveryChangeAfterTheVersionTheyName) {
  const auto before = objects_.version();
  apply("", "configmaps", "a", Json{{"data", {{"x", "1"}}}});
  (void)objects_.remove(kind("", "configmaps"), "default", "a", Json::object(), false);
  const auto changes = objects_.changes(kind("", "configmaps"), "default", before);
  ASSERT_TRUE(changes);
  ASSERT_EQ(changes->size(), 2u);
  EXPECT_EQ((*changes)[0].type, "ADDED");
  EXPECT_EQ((*changes)[1].type, "DELETED");
}

TEST_F(ObjectsTest, StringDataOfASecretIsReadAsData) {
  const auto made = apply("", "secrets", "s", Json{{"kind", "Secret"}, {"stringData", {{"k", "v"}}}});
  EXPECT_EQ(made.body["data"]["k"], "dg==");
  EXPECT_FALSE(made.body.contains("stringData"));
}

TEST_F(ObjectsTest, SelectsByLabelsAsTheApiDoes) {
  const Json object{{"metadata", {{"labels", {{"app", "web"}, {"tier", "front"}}}}}};
  for (const char* yes : {"app=web", "app==web,tier!=back", "app in (a,web)", "tier", "!other", ""})
    EXPECT_TRUE(Objects::has_labels(object, yes)) << yes;
  for (const char* no : {"app=x", "app!=web", "app in (a,b)", "other", "!app"})
    EXPECT_FALSE(Objects::has_labels(object, no)) << no;
}

}  // namespace
}  // namespace sluice::sandbox
