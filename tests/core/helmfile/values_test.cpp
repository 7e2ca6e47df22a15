#include <gtest/gtest.h>

#include "tests/core/helmfile/fixture.hpp"

namespace sluice::helmfile {
namespace {

using test::World;

World one_release(const std::string& fields, Tree more = {}) {
  World world;
  world.tree = std::move(more);
  world.tree["helmfile.yaml"] =
      "environments:\n  default:\n    values: [{zone: eu}]\n---\nreleases:\n- name: web\n  namespace: app\n  chart: ./web\n" +
      fields;
  return world;
}

TEST(Values, MergeInTheirOrder) {
  World world = one_release(
      "  values:\n  - a.yaml\n  - {b: inline, m: {y: 2}}\n  set:\n  - {name: c, value: set}\n  - {name: m.z, value: 3}\n  "
      "setString:\n  - {name: c, value: 10}\n",
      {{"a.yaml", "a: file\nb: file\nc: file\nm: {x: 1}\nl: [1, 2]\n"}});
  EXPECT_EQ(world.values("web"), "a: file\nb: inline\nc: '10'\nl:\n- 1.0\n- 2.0\nm:\n  x: 1.0\n  'y': 2.0\n  z: 3\n");
}

TEST(Values, OfTemplatesSeeStateValuesAndTheRelease) {
  World world =
      one_release("  values: [v/web.yaml.gotmpl]\n",
                  {{"v/web.yaml.gotmpl",
                    "host: {{ .Release.Name }}.{{ .Release.Namespace }}.{{ .Values.zone }}\nfile: {{ readFile \"x.txt\" }}\n"
                    "env: {{ env \"HOME\" | quote }}\nlabel: {{ .Release.Labels.chart }}\n"},
                   {"v/x.txt", "beside"}});
  EXPECT_EQ(world.values("web"), "env: ''\nfile: beside\nhost: web.app.eu\nlabel: web\n");
}

TEST(Values, SetEscapesWhatHelmWouldTakeForSyntax) {
  World world = one_release(
      "  set:\n  - {name: a, value: 'x,{y}'}\n  - {name: b, values: [1, 'p,q']}\n  - {name: c, value: ''}\n  - {name: d.e, "
      "value: 010}\n  - {name: f, value: '1.10'}\n  - {name: g, value: true}\n");
  EXPECT_EQ(world.values("web"), "a: x,{y}\nb:\n- 1\n- p,q\nd:\n  e: 8\nf: '1.10'\ng: true\n");
}

TEST(Values, SetReadsFilesRelativeToTheStateFile) {
  World world = one_release("  set:\n  - {name: a, file: x.txt}\n", {{"x.txt", "one\ntwo\n"}});
  EXPECT_EQ(world.values("web"), "a: |\n  one\n  two\n");
}

TEST(Values, ReadInlineTextsAsHelmWould) {
  World world = one_release("  values:\n  - {a: '1e3', b: 'yes', c: '010', d: yes}\n");
  EXPECT_EQ(world.values("web"), "a: 1000.0\nb: 'yes'\nc: '010'\nd: 'yes'\n");
}

TEST(Values, NameTheReleaseAndFileOfAnError) {
  World world =
      one_release("  values: [v.yaml.gotmpl]\n", {{"v.yaml.gotmpl", "a: 1\nb: {{ required \"zone2 is needed\" nil }}\n"}});
  EXPECT_EQ(world.values("web"),
            "invalid: release \"web\": failed to render values files \"v.yaml.gotmpl\": template: v.yaml.gotmpl:2:6: executing "
            "\"v.yaml.gotmpl\" at <required \"zone2 is needed\" nil>: error calling required: zone2 is needed");
}

TEST(Values, RefuseReferencesToSecretStores) {
  World world = one_release("  values: [{a: ref+vault://kv/x}]\n");
  EXPECT_EQ(
      world.values("web"),
      "unsupported: release \"web\": values[0]: expand vault://kv/x: references to \"vault\" are not supported (only file, "
      "sops, envsubst, echo and k8s are); give the value in an environment variable or a secret of the environment");
}

TEST(Values, TakeReferencesWhereverTextsStand) {
  World world = one_release(
      "  values:\n  - {a: ref+echo://one/a, o: {b: [ref+file://s.txt]}}\n  - ref+echo://more.yaml\n  set:\n  - {name: s, value: "
      "'ref+echo://x,y'}\n  - {name: l, values: [ref+echo://i1, ref+echo://i2]}\n",
      {{"s.txt", "hunter2"}, {"more.yaml", "m: ref+file://s.txt\nplain: 010\n"}});
  EXPECT_EQ(world.values("web"), "a: one/a\nl:\n- i1\n- i2\nm: hunter2\no:\n  b:\n  - hunter2\nplain: 8.0\ns: x,y\n");
}


TEST(Values, RunProgramsBesideTheValuesFile) {
  World world = one_release("  values: [v/a.yaml.gotmpl]\n",
                            {{"v/a.yaml.gotmpl",
                              "out: {{ exec \"sh\" (list \"-c\" \"date\") | trim }}\nin: {{ \"text\" | exec \"cat\" (list) "
                              "}}\nextra: {{ envExec (dict \"A\" \"b\") \"env\" (list) }}\n"}});
  world.programs["sh -c date"] = {.exit_code = 0, .out = "today\n"};
  world.programs["cat < text"] = {.exit_code = 0, .out = "text"};
  world.programs["A=b env"] = {.exit_code = 0, .out = "x"};
  EXPECT_EQ(world.values("web"), "extra: x\nin: text\nout: today\n");
  EXPECT_EQ(world.ran, (std::vector<std::string>{"v: sh -c date", "v: cat < text", "v: A=b env"}));
}

TEST(Values, SayWhyAProgramWasNotRunOrFailed) {
  World world = one_release("  values: [a.yaml.gotmpl]\n", {{"a.yaml.gotmpl", "a: {{ exec \"sh\" (list \"-c\" \"rm x\") }}\n"}});
  const std::string place =
      ": release \"web\": failed to render values files \"a.yaml.gotmpl\": template: a.yaml.gotmpl:1:6: executing "
      "\"a.yaml.gotmpl\" at <exec \"sh\" (list \"-c\" \"rm x\")>: error calling exec: command sh \"-c\" \"rm x\"";
  EXPECT_EQ(world.values("web"), "denied" + place + ": exec-denied: no rule of this environment allows it");
  world.programs["sh -c rm x"] = {.exit_code = 3, .out = "half", .error_text = "no x\n"};
  EXPECT_EQ(world.values("web"), "invalid" + place + " exited with status 3; stderr: no x\n; stdout: half");
  world.programs["sh -c rm x"] = {.exit_code = 3, .out = "half", .error_text = "no x\n", .secret = true};
  EXPECT_EQ(world.values("web"), "invalid" + place + " exited with status 3 (its output is secret)");
}

TEST(Values, KeepTheMarksOfSecrets) {
  World world = one_release("  values:\n  - a.yaml.gotmpl\n  set: [{name: plain, value: x}]\n",
                            {{"a.yaml.gotmpl",
                              "config: |\n  user = app\n  password = {{ exec \"get\" (list \"pw\") | quote }};\nvariable: {{ env "
                              "\"TOKEN\" }}\nopen: {{ env \"OPEN\" }}\n"}});
  world.programs["get pw"] = {.exit_code = 0, .out = "hunter2", .error_text = "", .secret = true};
  world.variables["TOKEN"] = {.text = "t0k3n", .secret = true};
  world.variables["OPEN"] = {.text = "door", .secret = false};
  auto loaded = load({}, world.outside());
  ASSERT_TRUE(loaded) << loaded.error().what;
  auto values = values_of(loaded->states[0], loaded->states[0].releases[0], world.outside());
  ASSERT_TRUE(values) << values.error().what;
  auto merged = merge_values(*values, {});
  ASSERT_TRUE(merged) << merged.error().what;
  const Text config = merged->find("config")->text();
  ASSERT_EQ(config.marks().size(), 1u);
  EXPECT_NE(config.view().substr(config.marks()[0].begin, config.marks()[0].end - config.marks()[0].begin).find("hunter2"),
            std::string::npos);
  EXPECT_EQ(config.view().substr(0, config.marks()[0].begin), "user = app\npassword = \"");
  EXPECT_TRUE(merged->find("variable")->text().has_marks());
  EXPECT_FALSE(merged->find("open")->text().has_marks());
  EXPECT_FALSE(merged->find("plain")->text().has_marks());
}

TEST(Values, DoNotShowSecretsInErrors) {
  World world =
      one_release("  values: [a.yaml.gotmpl]\n", {{"a.yaml.gotmpl", "a: {{ exec \"sh\" (list \"-c\" (env \"TOKEN\")) }}\n"}});
  world.variables["TOKEN"] = {.text = "t0k3n", .secret = true};
  world.programs["sh -c t0k3n"] = {.exit_code = 1};
  EXPECT_EQ(world.values("web"),
            "invalid: release \"web\": failed to render values files \"a.yaml.gotmpl\": template: a.yaml.gotmpl:1:6: executing "
            "\"a.yaml.gotmpl\" at <exec \"sh\" (list \"-c\" (env \"TOKEN\"))>: error calling exec: command sh \"-c\" (secret) "
            "exited with status 1");
  world.tree["a.yaml.gotmpl"] = "a: *{{ env \"TOKEN\" }}\n";
  const std::string what = world.values("web");
  EXPECT_TRUE(what.starts_with("invalid: failed to parse a.yaml.gotmpl: ")) << what;
  EXPECT_EQ(what.find("t0k3n"), std::string::npos) << what;
}

TEST(Hooks, RunForTheirEventWithTheirTemplatesExecuted) {
  World world = one_release(
      "  hooks:\n  - events: [prepare, cleanup]\n    showlogs: true\n    command: ./build.sh\n    args: ['{{ .Release.Name }}', "
      "'{{ .Event.Name }}', '{{ .Values.zone }}', '{{ .HelmfileCommand }}']\n  - events: [postsync]\n    command: never\n");
  world.programs["./build.sh web prepare eu template"] = {.exit_code = 0, .out = "built\n"};
  auto loaded = load({}, world.outside());
  ASSERT_TRUE(loaded) << loaded.error().what;
  const State& state = loaded->states[0];
  EXPECT_EQ(*run_hooks(state, &state.releases[0], "prepare", "", world.outside()), "built\n");
  world.programs["./build.sh web cleanup eu template"] = {.exit_code = 1, .out = "", .error_text = "no room"};
  EXPECT_EQ(run_hooks(state, &state.releases[0], "cleanup", "", world.outside()).error().what,
            "hook[./build.sh]: command `./build.sh` exited with status 1: no room");
}

}  // namespace
}  // namespace sluice::helmfile
