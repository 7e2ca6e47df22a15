#include <gtest/gtest.h>

#include "core/helmfile/templates.hpp"
#include "tests/core/helmfile/fixture.hpp"

namespace sluice::helmfile {
namespace {

/// What a template in the folder "d" makes of the values {a: {b: 1, n: null}, l: [x, z]}.
std::string made(const std::string& source) {
  test::World world;
  world.tree = {{"d/one.txt", "1"},
                {"d/two.txt", "2"},
                {"d/sub/x", ""},
                {"d/_helpers.tpl", "{{ define \"hello\" }}hello {{ . }}{{ end }}"}};
  world.variables["SET"] = {.text = "value"};
  world.variables["EMPTY"] = {.text = ""};
  const Outside outside = world.outside();
  Templates templates(outside);
  const Value dot = Value::new_map({{"Values", *read_yaml(Text("a: {b: 1, n: null}\nl: [x, z]\n"))}});
  auto text = templates.render("t", Text(source), dot, "d");
  if (text) return text->str();
  const std::string what = text.error().what;
  const std::size_t at = what.find("error calling ");
  return "error: " + (at == std::string::npos ? what : what.substr(at));
}

TEST(TemplateFunctions, ReadFilesBesideThem) {
  EXPECT_EQ(made("{{ readFile \"one.txt\" }}{{ readFile \"./two.txt\" }}"), "12");
  EXPECT_EQ(made("{{ readDir \".\" | join \",\" }}"), "_helpers.tpl,one.txt,two.txt");
  EXPECT_EQ(made("{{ range readDirEntries \".\" }}{{ .Name }}{{ if .IsDir }}/{{ end }} {{ end }}"),
            "_helpers.tpl one.txt sub/ two.txt ");
  EXPECT_EQ(made("{{ isFile \"one.txt\" }} {{ isFile \"sub\" }} {{ isDir \"sub\" }} {{ isFile \"none\" }}"),
            "true false true false");
  EXPECT_EQ(made("{{ readFile \"none\" }}"), "error: error calling readFile: open d/none: no such file or directory");
  EXPECT_EQ(made("{{ readFile \"../../etc/passwd\" }}"),
            "error: error calling readFile: path-outside-tree: \"../etc/passwd\" is not inside the commit");
}

TEST(TemplateFunctions, AskForVariables) {
  EXPECT_EQ(made("[{{ env \"SET\" }}][{{ env \"UNSET\" }}][{{ requiredEnv \"SET\" }}][{{ expandenv \"$SET-${SET}$UNSET\" }}]"),
            "[value][][value][value-value]");
  EXPECT_EQ(made("{{ requiredEnv \"EMPTY\" }}"), "error: error calling requiredEnv: required env var `EMPTY` is not set");
}

TEST(TemplateFunctions, ReachIntoValues) {
  EXPECT_EQ(made("{{ get \"a.b\" .Values }} {{ .Values | get \"a.x\" \"other\" }} {{ .Values | getOrNil \"a.x\" }} {{ get "
                 "\"a.n\" 5 .Values }}"),
            "1 other <no value> <no value>");
  EXPECT_EQ(made("{{ get \"a.x\" .Values }}"), "error: error calling get: no value exist for key \"x\"");
  EXPECT_EQ(made("{{ sprigGet .Values.a \"b\" }}"), "1");
  EXPECT_EQ(made("{{ (setValueAtPath \"a.b\" 2 .Values).a.b }} {{ .Values.a.b }}"), "2 2");
  EXPECT_EQ(made("{{ setValueAtPath \"x.y\" 2 .Values }}"),
            "error: error calling setValueAtPath: failed to set value at path \"x.y\": value for key \"x\" does not exist");
}

TEST(TemplateFunctions, WriteAndReadYaml) {
  EXPECT_EQ(made("{{ toYaml .Values.l | nindent 2 }}|"), "\n  - x\n  - z\n  |");
  EXPECT_EQ(made("{{ (fromYaml \"a: {b: [1, 2]}\").a.b }}"), "[1 2]");
}

TEST(TemplateFunctions, IncludeHelpersAndExecuteTexts) {
  EXPECT_EQ(made("{{ include \"hello\" \"ann\" | upper }}"), "HELLO ANN");
  EXPECT_EQ(made("{{ tpl \"{{ .x }}!\" (dict \"x\" 1) }}"), "1!");
  EXPECT_EQ(made("{{ required \"no\" 0 }}{{ required \"no\" false }}"), "0false");
  EXPECT_EQ(made("{{ required \"say a name\" \"\" }}"), "error: error calling required: say a name");
}

TEST(TemplateFunctions, KeepTheHabitsThatPeopleKnow) {
  EXPECT_EQ(made("{{ \"\" | quote | default \"x\" }}"), "\"\"");
  EXPECT_EQ(made("{{ len (splitList \"\\n\" \"\") }}"), "1");
  EXPECT_EQ(made("{{ .Values.nope | default \"x\" }}"),
            "error: template: t:1:10: executing \"t\" at <.Values.nope>: map has no entry for key \"nope\"");
}

TEST(TemplateFunctions, RefuseSecretStores) {
  EXPECT_EQ(made("{{ fetchSecretValue \"ref+vault://kv/x\" }}"),
            "error: error calling fetchSecretValue: expand vault://kv/x: references to \"vault\" are not supported (only file, sops, "
            "envsubst, echo and k8s are); give the value in an environment variable or a secret of the environment");
  EXPECT_EQ(made("{{ (expandSecretRefs (dict \"a\" \"ref+echo://kv/x\")).a }}"), "kv/x");
}

}  // namespace
}  // namespace sluice::helmfile
