#include "core/helmfile/sops.hpp"

#include <gtest/gtest.h>

#include "core/helmfile/references.hpp"
#include "tests/core/helmfile/fixture.hpp"

namespace sluice::helmfile {
namespace {

using test::World;

const std::string encrypted = "token: ENC[x]\nsops:\n    mac: ENC[AES256_GCM,data:m,type:str]\n";
const std::string plain = "token: hunter2\n";

std::string call_of(const std::string& type, const std::string& input) {
  return "sops --decrypt --input-type " + type + " --output-type " + type + " /dev/stdin < " + input;
}

World one_release(const std::string& fields) {
  World world{{{"helmfile.yaml", "releases:\n- name: web\n  chart: ./web\n" + fields}, {"s/prod.yaml", encrypted}}};
  world.programs[call_of("yaml", encrypted)] = {.exit_code = 0, .out = plain};
  return world;
}

TEST(Secrets, AreDecryptedBySopsAndCountOverValues) {
  World world = one_release("  values: [{token: none, a: 1}]\n  secrets: [s/prod.yaml]\n");
  EXPECT_EQ(world.values("web"), "a: 1.0\ntoken: hunter2\n");
  EXPECT_EQ(world.ran, std::vector<std::string>{".: " + call_of("yaml", encrypted)});
}

TEST(Secrets, AreMarkedAsSuch) {
  World world = one_release("  secrets: [s/prod.yaml]\n");
  auto loaded = load({}, world.outside());
  ASSERT_TRUE(loaded);
  auto values = values_of(loaded->states[0], loaded->states[0].releases[0], world.outside());
  ASSERT_TRUE(values) << values.error().what;
  auto merged = merge_values(*values, [](std::string_view) { return Result<std::string>(""); });
  ASSERT_TRUE(merged);
  EXPECT_TRUE(merged->find("token")->text().has_marks());
}

TEST(Secrets, MayBeTemplatesOfValues) {
  World world = one_release("  labels: {tier: front}\n  secrets: [s/prod.yaml.gotmpl]\n");
  world.tree["s/prod.yaml.gotmpl"] = encrypted;
  world.programs[call_of("yaml", encrypted)].out = "token: {{ .Release.Labels.tier }}\nmore: ref+echo://abc\n";
  EXPECT_EQ(world.values("web"), "more: abc\ntoken: front\n");
}

TEST(Secrets, OfAnEnvironmentAreStateValues) {
  World world{{{"helmfile.yaml.gotmpl",
                "environments:\n  default:\n    values: [{token: none, a: 1}]\n    secrets: [s/prod.yaml]\n---\nreleases: []\n"},
               {"s/prod.yaml", encrypted}}};
  world.programs[call_of("yaml", encrypted)] = {.exit_code = 0, .out = plain};
  EXPECT_EQ(world.state_values(), "a: 1\ntoken: hunter2\n");
}

TEST(Secrets, ThatAreNotEncryptedAreAMistake) {
  World world = one_release("  secrets: [s/plain.yaml]\n");
  world.tree["s/plain.yaml"] = plain;
  EXPECT_EQ(world.values("web"),
            "invalid: release \"web\": secrets[0]: \"s/plain.yaml\" is not encrypted with sops: encrypt it, or list it under `values`");
  world = one_release("  secrets: [{token: hunter2}]\n");
  EXPECT_EQ(world.values("web"),
            "invalid: release \"web\": \"secrets[0]\" is not encrypted with sops: encrypt it, or list it under `values`");
}

TEST(Secrets, SayWhatMustBeAllowed) {
  World world = one_release("  secrets: [s/prod.yaml]\n");
  world.programs.clear();
  EXPECT_EQ(world.values("web"),
            "denied: release \"web\": secrets[0]: exec-denied: \"s/prod.yaml\" is encrypted, and sops may not be run: list "
            "[\"/usr/bin/sops\", \"--decrypt\", \"--input-type\", \"yaml\", \"--output-type\", \"yaml\", \"/dev/stdin\"] (with the "
            "path that sops has there) in exec.allow of the environment's configuration");
  world.tree["helmfile.yaml"] = "environments:\n  default:\n    secrets: [s/prod.yaml]\n---\nreleases: []\n";
  EXPECT_EQ(world.state_values(),
            "denied: in helmfile.yaml: failed to load environment secrets file \"s/prod.yaml\": exec-denied: \"s/prod.yaml\" is "
            "encrypted, and sops may not be run: list [\"/usr/bin/sops\", \"--decrypt\", \"--input-type\", \"yaml\", "
            "\"--output-type\", \"yaml\", \"/dev/stdin\"] (with the path that sops has there) in exec.allow of the environment's "
            "configuration");
}

TEST(Secrets, SayWhySopsFailed) {
  World world = one_release("  secrets: [s/prod.yaml]\n");
  world.programs[call_of("yaml", encrypted)] = {.exit_code = 128, .out = "half", .error_text = "no key could decrypt the data key\n"};
  EXPECT_EQ(world.values("web"),
            "invalid: release \"web\": secrets[0]: decrypting \"s/prod.yaml\": sops exited with status 128: no key could decrypt the "
            "data key");
}

TEST(Secrets, AreOfTheTypeThatTheirTextShows) {
  EXPECT_EQ(type_of_encrypted(encrypted), SopsType::yaml);
  EXPECT_EQ(type_of_encrypted("{\"a\": \"ENC[]\", \"sops\": {}}"), SopsType::json);
  EXPECT_EQ(type_of_encrypted("{\n\t\"data\": \"ENC[]\", \"sops\": {}}"), SopsType::binary);
  EXPECT_FALSE(is_encrypted("mac: a\nb: ,type:str]\n"));
}

TEST(References, AreFilesThatSopsDecryptsOrKeysInThem) {
  World world = one_release("");
  world.programs[call_of("binary", encrypted)] = {.exit_code = 0, .out = "whole"};
  world.programs[call_of("json", encrypted)] = {.exit_code = 0, .out = "{\"token\": \"of json\"}"};
  const auto expanded = [&](const std::string& text) {
    auto result = expand_references(Text(text), "s", world.outside());
    if (!result) return result.error().what;
    EXPECT_TRUE(result->has_marks()) << text;
    return result->str();
  };
  EXPECT_EQ(expanded("ref+sops://prod.yaml#/token"), "hunter2");
  EXPECT_EQ(expanded("ref+sops://prod.yaml"), "whole");
  EXPECT_EQ(expanded("ref+sops://prod.yaml?format=json#/token"), "of json");
  EXPECT_EQ(expanded("ref+sops://prod.yaml?format=x#/token"),
            "expand sops://prod.yaml?format=x#/token: format \"x\": expected yaml, json, dotenv or binary");
}

}  // namespace
}  // namespace sluice::helmfile
