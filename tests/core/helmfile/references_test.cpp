#include "core/helmfile/references.hpp"

#include <gtest/gtest.h>

#include "core/functions/outside.hpp"
#include "tests/core/helmfile/fixture.hpp"

namespace sluice::helmfile {
namespace {

using test::World;

World world_with_files() {
  return World{{{"state/db.yaml", "user: {name: app, password: hunter2}\nport: 5432\n"}, {"state/token", "t0k3n\n"}}};
}

/// What becomes of `text`, secret parts in [ ].
std::string expanded(World& world, const std::string& text) {
  auto result = expand_references(Text(text), "state", world.outside());
  if (!result) return std::string(to_string(result.error().code)) + ": " + result.error().what;
  std::string shown = result->str();
  for (auto mark = result->marks().rbegin(); mark != result->marks().rend(); ++mark) {
    shown.insert(mark->end, "]");
    shown.insert(mark->begin, "[");
  }
  return shown;
}

TEST(References, AreFilesOrKeysInThem) {
  World world = world_with_files();
  EXPECT_EQ(expanded(world, "ref+file://token"), "[t0k3n\n]");
  EXPECT_EQ(expanded(world, "secretref+file://./token?encode=base64"), "[dDBrM24K]");
  EXPECT_EQ(expanded(world, "ref+file://db.yaml#/user/password"), "[hunter2]");
  EXPECT_EQ(expanded(world, "ref+file://db.yaml#/user/nobody"), "");
  EXPECT_EQ(expanded(world, "ref+file://db.yaml#/port"), "");
  EXPECT_EQ(expanded(world, "postgres://ref+file://db.yaml#/user/name+:ref+file://db.yaml#/user/password+@db"),
            "postgres://[app]:[hunter2]@db");
}

TEST(References, AreVariablesOrTheirOwnText) {
  World world{{}, {{"OPEN", {"door", false}}, {"TOKEN", {"t0k3n", true}}, {"EMPTY", {"", false}}}};
  EXPECT_EQ(expanded(world, "ref+envsubst://$OPEN"), "door");
  EXPECT_EQ(expanded(world, "ref+envsubst://${TOKEN}"), "[t0k3n]");
  EXPECT_EQ(expanded(world, "ref+envsubst://${NOPE:-x}${EMPTY:-y}${EMPTY-z}"), "xy");
  EXPECT_EQ(expanded(world, "ref+echo://a/b/"), "a/b");
  EXPECT_EQ(expanded(world, "ref+echo://a/b/c#/a/b"), "c");
}

TEST(References, AreKeysOfTheClustersObjects) {
  World world;
  functions::Outside functions;
  functions.lookup = [](const functions::ObjectQuery& query) -> Result<Value> {
    if (query.name != "db") return Value::new_map();
    const char* text = query.kind == "Secret" ? "aHVudGVyMg==" : "plain";
    return Value::new_map({{"data", Value::new_map({{"key", Value::of_string(text)}})}});
  };
  const auto of = [&](const std::string& text) {
    Outside outside = world.outside();
    outside.functions = &functions;
    auto result = expand_references(Text(text), "", outside);
    return result ? (result->has_marks() ? "secret " : "") + result->str() : result.error().what;
  };
  EXPECT_EQ(of("ref+k8s://v1/Secret/data/db/key"), "secret hunter2");
  EXPECT_EQ(of("ref+k8s://v1/ConfigMap/data/db/key"), "plain");
  EXPECT_EQ(of("ref+k8s://v1/Secret/data/db/nope"), "expand k8s://v1/Secret/data/db/nope: Secret data/db has no key \"nope\"");
  EXPECT_EQ(of("ref+k8s://v1/Secret/db/key"),
            "expand k8s://v1/Secret/db/key: expected v1/Secret/NAMESPACE/NAME/KEY or v1/ConfigMap/NAMESPACE/NAME/KEY");
  EXPECT_EQ(expanded(world, "ref+k8s://v1/Secret/data/db/key"),
            "unsupported: expand k8s://v1/Secret/data/db/key: there is no cluster to ask here");
}

TEST(References, NameTheProviderThatIsNotThere) {
  World world;
  EXPECT_EQ(expanded(world, "ref+vault://kv/db#/password"),
            "unsupported: expand vault://kv/db#/password: references to \"vault\" are not supported (only file, sops, envsubst, echo and "
            "k8s are); give the value in an environment variable or a secret of the environment");
  EXPECT_EQ(expanded(world, "ref+file://nope"), "not_found: expand file://nope: open state/nope: no such file or directory");
}

TEST(References, AreOnlyWhatLooksLikeOne) {
  World world;
  for (const char* text : {"no-referrer\" always; https://$host", "ref+x", "ref://x", "ref+://", "xref+ab:c"}) {
    EXPECT_EQ(expanded(world, text), text);
    EXPECT_FALSE(has_reference(text));
  }
}

}  // namespace
}  // namespace sluice::helmfile
