#include "core/kustomize/kustomize.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::kustomize {
namespace {

using testing::ElementsAre;

std::vector<Source> one(const std::string& name, const std::string& yaml) { return {{name, Text(yaml)}}; }

std::string built(const std::vector<Source>& resources, const Customization& customization) {
  const auto objects = build(resources, customization);
  if (!objects) return objects.error().what;
  std::string all;
  for (const Text& object : *objects) all += (all.empty() ? "" : "---\n") + object.str();
  return all;
}

/// The marked stretches of a text.
std::vector<std::string> secrets_of(const Text& text) {
  std::vector<std::string> found;
  for (const Mark& mark : text.marks()) found.emplace_back(text.view().substr(mark.begin, mark.end - mark.begin));
  return found;
}

Text marked(const std::string& before, const std::string& secret, const std::string& after) {
  TextBuilder out;
  out.append(before);
  out.append_secret(secret);
  out.append(after);
  return out.finish();
}

const std::string service = "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n  namespace: shop\n";

TEST(Kustomize, SaysWhatThereIsWhenAPatchFindsNoObject) {
  const std::string patch = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\n";
  EXPECT_EQ(built(one("web.yaml", service), {.strategic_merge_patches = one("patch.yaml", patch)}),
            "patch.yaml: no resource matches strategic merge patch \"Service.v1.[noGrp]/web.[noNs]\"; there is "
            "Service.v1.[noGrp]/web.shop");
}

TEST(Kustomize, NamesTheOperationOfAJsonPatchThatDoesNotFit) {
  const std::string patch = "target: {kind: Service}\npatch: [{op: add, path: /a, value: 1}, {op: remove, path: /b}]\n";
  EXPECT_EQ(built(one("web.yaml", service), {.json_patches = one("patch.yaml", patch)}),
            "patch.yaml: Service.v1.[noGrp]/web.shop: operation 2: there is nothing at /b to remove");
}

TEST(Kustomize, LeavesEverythingAsItIsWhereATargetSelectsNothing) {
  const std::string patch = "target: {kind: Serv}\npatch: [{op: remove, path: /metadata}]\n";
  EXPECT_EQ(built(one("web.yaml", service), {.json_patches = one("patch.yaml", patch)}), service);
}

TEST(Kustomize, TellsWhereAPatchHasAnotherShape) {
  const std::string patch = service + "spec: {ports: {a: b}}\n";
  EXPECT_EQ(built(one("web.yaml", service + "spec: {ports: []}\n"), {.strategic_merge_patches = one("patch.yaml", patch)}),
            "patch.yaml: Service.v1.[noGrp]/web.shop: at spec.ports the object has a list, the patch a map");
}

TEST(Kustomize, RefusesTheSameObjectFromTwoFilesAndNamesBoth) {
  EXPECT_EQ(built({{"a.yaml", Text(service)}, {"b.yaml", Text(service)}}, {}),
            "b.yaml: may not add resource with an already registered id: Service.v1.[noGrp]/web.shop, which is in a.yaml");
}

TEST(Kustomize, RefusesTransformersThatItDoesNotHaveByTheirKind) {
  const auto outcome = [](const std::string& transformer) {
    return built(one("web.yaml", service), {.transformers = one("t.yaml", transformer)});
  };
  EXPECT_EQ(outcome("apiVersion: builtin\nkind: ReplacementTransformer\nmetadata: {name: a}\n"),
            "t.yaml: transformer ReplacementTransformer is not supported: write what it does as a patch");
  EXPECT_EQ(
      outcome("apiVersion: example.org/v1\nkind: Sealer\nmetadata: {name: a}\n"),
      "t.yaml: transformer Sealer is a program of apiVersion \"example.org/v1\": only those of apiVersion builtin are supported");
  EXPECT_EQ(outcome("apiVersion: builtin\nkind: PatchTransformer\nmetadata: {name: a}\npath: x.yaml\n"),
            "t.yaml: `path` of a PatchTransformer is not supported");
}

TEST(Kustomize, KeepsTheMarksOfSecretsInNamesThatItChanges) {
  const Text map = marked("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ", "s3cret", "}\n");
  const std::string prefix =
      "apiVersion: builtin\nkind: PrefixTransformer\nmetadata: {name: a}\nprefix: p-\nfieldSpecs: [{path: metadata/name}]\n";
  const auto objects = build(std::vector<Source>{{"a.yaml", map}}, {.transformers = one("t.yaml", prefix)});
  ASSERT_TRUE(objects);
  EXPECT_THAT(objects->front().str(), testing::HasSubstr("name: p-s3cret"));
  EXPECT_THAT(secrets_of(objects->front()), ElementsAre("s3cret"));
}

TEST(Kustomize, KeepsTheMarksOfSecretsInWhatItDoesNotTouch) {
  const Text text = marked("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  url: postgres://", "s3cret", "@db\n");
  const auto objects = build(std::vector<Source>{{"a.yaml", text}}, {});
  ASSERT_TRUE(objects);
  EXPECT_THAT(secrets_of(objects->front()), ElementsAre("s3cret"));
}

TEST(Kustomize, KeepsTheMarksOfSecretsThatPatchesBring) {
  const Text merge = marked(service + "spec: {clusterIP: ", "10.0.0.1", "}\n");
  const Text json = marked("target: {}\npatch: [{op: add, path: /port, value: ", "8080", "}]\n");
  const auto objects =
      build(one("web.yaml", service), {.json_patches = {{"json", json}}, .strategic_merge_patches = {{"merge", merge}}});
  ASSERT_TRUE(objects);
  EXPECT_EQ(
      objects->front().str(),
      "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n  namespace: shop\nport: 8080\nspec:\n  clusterIP: 10.0.0.1\n");
  EXPECT_THAT(secrets_of(objects->front()), ElementsAre(testing::HasSubstr("8080"), testing::HasSubstr("10.0.0.1")));
}

TEST(Kustomize, KeepsTheMarkOfANumberThatBecomesAText) {
  const std::string map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";
  const auto objects = build(one("a.yaml", map + "data: {pin: \"1\"}\n"),
                             {.strategic_merge_patches = {{"patch", marked(map + "data: {pin: ", "4711", "}\n")}}});
  ASSERT_TRUE(objects);
  EXPECT_THAT(objects->front().str(), testing::HasSubstr("pin: \"4711\""));
  EXPECT_THAT(secrets_of(objects->front()), ElementsAre(testing::HasSubstr("4711")));
}

TEST(Kustomize, ShowsNothingOfADocumentWithSecretsThatIsNoYaml) {
  EXPECT_EQ(built({{"a.yaml", marked("a: [", "s3cret", "\n")}}, {}), "a.yaml: a document that holds secrets is no YAML");
}

}  // namespace
}  // namespace sluice::kustomize
