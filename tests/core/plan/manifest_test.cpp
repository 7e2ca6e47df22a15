#include "core/plan/manifest.hpp"

#include <gtest/gtest.h>

namespace sluice::plan {

namespace {

std::optional<bool> known(std::string_view, std::string_view kind) {
  if (kind == "ClusterRole") return false;
  return true;
}

Result<std::vector<Desired>> read(const std::string& text) {
  const std::vector<Document> documents{{"web/templates/x.yaml", Text(text)}};
  return read_objects(documents, "shop", known);
}

std::string failure(const std::string& text) {
  auto objects = read(text);
  return objects ? "accepted" : objects.error().what;
}

}  // namespace

TEST(Manifest, FillsInTheNamespaceOfNamespacedKindsOnly) {
  EXPECT_EQ(read("{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}")->at(0).id, (ObjectId{"", "ConfigMap", "shop", "a"}));
  EXPECT_EQ(read("{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: other}}")->at(0).id.namespace_, "other");
  const auto role = read("{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: a, namespace: other}}");
  EXPECT_EQ(role->at(0).id, (ObjectId{"rbac.authorization.k8s.io", "ClusterRole", "", "a"}));
  EXPECT_FALSE(role->at(0).body["metadata"].contains("namespace"));
}

TEST(Manifest, TakesListsApart) {
  const auto objects = read(
      "{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: Secret, metadata: {name: a}}, {apiVersion: v1, kind: Secret, "
      "metadata: {name: b}}]}");
  ASSERT_EQ(objects->size(), 2U);
  EXPECT_EQ(objects->at(1).id.name, "b");
}

TEST(Manifest, DropsNullsButKeepsEmptyEntriesOfConfigMaps) {
  const auto object =
      read("{apiVersion: v1, kind: ConfigMap, metadata: {name: a, labels: null}, data: {empty: null, x: 'y'}}")->at(0).body;
  EXPECT_EQ(
      object,
      Json::parse(
          R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","namespace":"shop"},"data":{"empty":"","x":"y"}})"));
}

TEST(Manifest, EncodesStringDataSoThatKeysCanBeRemoved) {
  const auto object =
      read("{apiVersion: v1, kind: Secret, metadata: {name: a}, data: {old: b2xk}, stringData: {new: plain}}")->at(0).body;
  EXPECT_EQ(object["data"], Json::parse(R"({"old":"b2xk","new":"cGxhaW4="})"));
  EXPECT_FALSE(object.contains("stringData"));
}

TEST(Manifest, KnowsWhichLeavesAreSecretBehindCharactersOfSeveralBytes) {
  TextBuilder text;
  text.append("{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {a: éééééééé, b: ");
  text.append_secret("pw");
  text.append(", c: x}}\r");
  const std::vector<Document> documents{{"web/templates/x.yaml", text.finish()}};
  const auto objects = read_objects(documents, "shop", known);
  ASSERT_TRUE(objects);
  EXPECT_EQ(objects->at(0).secret_paths, std::vector<std::string>{"/data/b"});
}

TEST(Manifest, KeepsIntegersAsIntegers) {
  EXPECT_EQ(to_text(read("{apiVersion: v1, kind: X, metadata: {name: a}, spec: {big: 9007199254740993, mode: 0644, half: 2.5}}")
                        ->at(0)
                        .body["spec"]),
            R"({"big":9007199254740993,"half":2.5,"mode":420})");
}

TEST(Manifest, TellsWhatIsNoObject) {
  EXPECT_EQ(failure("[1]"), "web/templates/x.yaml: a Kubernetes object is expected, found something else");
  EXPECT_EQ(failure("{kind: ConfigMap, metadata: {name: a}}"), "web/templates/x.yaml: an object without apiVersion");
  EXPECT_EQ(failure("{apiVersion: v1, metadata: {name: a}}"), "web/templates/x.yaml: an object without kind");
  EXPECT_EQ(failure("{apiVersion: v1, kind: ConfigMap}"), "web/templates/x.yaml: ConfigMap without metadata.name");
  EXPECT_EQ(failure("{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: Secret, metadata: {name: a}}, {apiVersion: v1, "
                    "kind: Secret, metadata: {name: a}}]}"),
            "web/templates/x.yaml: Secret shop/a is there twice in this release");
}

TEST(Manifest, OfCommentsAloneHoldsNothing) { EXPECT_TRUE(read("# nothing here")->empty()); }

TEST(Manifest, KnowsWhichLeavesCameFromSecrets) {
  const std::string yaml = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  open: public\n  mail.cf: hunter2\n";
  const auto begin = static_cast<std::uint32_t>(yaml.find("hunter2"));
  const std::vector<Document> documents{{"x", Text(yaml, {{begin, begin + 7}})}};
  const auto objects = read_objects(documents, "shop", known);
  EXPECT_EQ(objects->at(0).secret_paths, std::vector<std::string>{"/data/mail.cf"});
}

TEST(StoredManifest, IsSplitAtItsSeparators) {
  const auto documents =
      split_manifest("---\n# Source: web/templates/a.yaml\na: 1\n---\n# Source: web/templates/b.yaml\nb: |\n  x\n");
  ASSERT_EQ(documents.size(), 2U);
  EXPECT_EQ(documents[0].source, "web/templates/a.yaml");
  EXPECT_EQ(documents[1].text.str(), "# Source: web/templates/b.yaml\nb: |\n  x\n");
  EXPECT_TRUE(split_manifest("").empty());
}

TEST(StoredManifest, ShowsItsObjectsAtAGlimpse) {
  const std::string manifest =
      "---\n# Source: web/templates/a.yaml\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  labels:\n    name: other\n"
      "  name: \"web\"\nspec:\n  name: another\n---\n# Source: web/templates/b.yaml\nkind: ConfigMap\n"
      "metadata:\n  namespace: 'shop'\n  name: settings\ndata:\n  x: |\n    ---\n    kind: y\napiVersion: v1\n---\n{kind: Pod}\n";
  EXPECT_EQ(glimpse(manifest),
            (std::vector<Glimpse>{{"apps/v1", "Deployment", "", "web"}, {"v1", "ConfigMap", "shop", "settings"}}));
  EXPECT_TRUE(glimpse("").empty());
}

TEST(Ownership, IsTakenOverOnlyWithHelmsMarks) {
  Json live = Json::parse(
      R"({"metadata":{"name":"a","labels":{"app.kubernetes.io/managed-by":"Helm"},"annotations":{"meta.helm.sh/release-name":"b"}}})");
  const ObjectId id{"", "Service", "shop", "a"};
  EXPECT_EQ(ownership_conflict(live, id, "web", "shop"),
            "Service \"a\" in namespace \"shop\" exists and cannot be imported into the current release: invalid ownership "
            "metadata; annotation validation error: key "
            "\"meta.helm.sh/release-name\" must equal \"web\": current value is \"b\"; annotation validation error: missing key "
            "\"meta.helm.sh/release-namespace\": must be set to \"shop\"");
  set_owner(live, "web", "shop");
  EXPECT_EQ(ownership_conflict(live, id, "web", "shop"), "");
}

TEST(ResourcePolicy, KeepsExactlyWhatSaysKeep) {
  EXPECT_TRUE(is_kept(Json::parse(R"({"metadata":{"annotations":{"helm.sh/resource-policy":"keep"}}})")));
  EXPECT_FALSE(is_kept(Json::parse(R"({"metadata":{"annotations":{"helm.sh/resource-policy":"Keep"}}})")));
  EXPECT_FALSE(is_kept(Json::parse("{}")));
}

}  // namespace sluice::plan
