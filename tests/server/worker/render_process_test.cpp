#include "server/worker/render_process.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "server/base/process.hpp"
#include "server/worker/render_messages.hpp"

// Started with the worker's command, this test program is the process that renders, as sluice's main is.
__attribute__((constructor)) static void act_as_render_worker(int argc, char** argv, char**) {
  if (argc == 2 && std::string_view(argv[1]) == sluice::worker::render_worker_command) std::exit(sluice::worker::run_render_worker());
}

namespace sluice::worker {
namespace {

using plan::Json;

const char* const this_program = "/proc/self/exe";

/// A helmfile with a local chart that asks the world for everything there is to ask.
Tree asking_tree() {
  return {{"helmfile.yaml.gotmpl",
           "repositories: []\n"
           "releases:\n"
           "- name: web\n"
           "  namespace: site\n"
           "  chart: ./web\n"
           "  wait: true\n"
           "  values:\n"
           "  - said: {{ exec \"say\" (list \"hello\") | quote }}\n"
           "    variable: {{ requiredEnv \"PLAIN\" }}\n"
           "    token: {{ requiredEnv \"TOKEN\" }}\n"
           "    read: {{ readFile \"note.txt\" | quote }}\n"
           "- name: again\n"
           "  namespace: site\n"
           "  chart: ./web\n"
           "  needs: [site/web]\n"
           "  hooks:\n"
           "  - events: [postsync]\n"
           "    command: tell\n"
           "    args: [\"{{`{{ .Release.Name }}`}} is out\"]\n"},
          {"note.txt", "from a file"},
          {"web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.2.3\n"},
          {"web/values.yaml", "said: nothing\nvariable: none\ntoken: none\nread: none\n"},
          {"web/templates/all.yaml",
           "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\ndata:\n"
           "  said: {{ .Values.said | quote }}\n"
           "  variable: {{ .Values.variable }}\n"
           "  token: {{ .Values.token | upper }}\n"
           "  read: {{ .Values.read }}\n"
           "  random: {{ randAlphaNum 8 }}\n"
           "  now: {{ now | date \"2006-01-02\" }}\n"
           "  secret: {{ (lookup \"v1\" \"Secret\" \"site\" \"known\").data.password }}\n"
           "  missing: {{ lookup \"v1\" \"Secret\" \"site\" \"none\" | len | quote }}\n"
           "  revision: {{ .Release.Revision | quote }}\n"
           "  kube: {{ .Capabilities.KubeVersion }}\n"},
          {"web/templates/hook.yaml",
           "apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: hook\n  annotations:\n    helm.sh/hook: post-install\n"},
          {"web/crds/crd.yaml", "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  name: a.b.c\n"},
          {"web/templates/NOTES.txt", "Thank you for {{ .Chart.Name }}\n"}};
}

TreeInput input_of_helmfile() {
  TreeInput input;
  input.options.file = "helmfile.yaml.gotmpl";
  input.context = "test";
  input.context_namespace = "default";
  input.capabilities.kube_version = *chart::parse_kube_version("v1.34.4");
  input.capabilities.api_versions = {"v1", "apps/v1"};
  return input;
}

/// The children of this process.
std::vector<pid_t> children() {
  const std::string self = std::to_string(::getpid());
  std::vector<pid_t> found;
  for (const char* at : {"/proc/self/task/"}) {
    std::ifstream list(at + self + "/children");
    for (pid_t child; list >> child;) found.push_back(child);
  }
  return found;
}

class RenderProcess : public ::testing::Test {
 protected:
  TreeWorld world(bool only_bytes) {
    TreeWorld world;
    world.outside.files = helmfile::files_of(tree);
    world.outside.variable = [](const std::string& name) -> std::optional<helmfile::Variable> {
      if (name == "PLAIN") return helmfile::Variable{"in clear", false};
      if (name == "TOKEN") return helmfile::Variable{"hidden", true};
      return std::nullopt;
    };
    world.outside.exec = [this](const helmfile::ExecCall& call) -> Result<helmfile::ExecOutput> {
      if (at_exec) at_exec();
      if (call.program != "say") return Error{Errc::denied, "exec-denied: " + call.program};
      return helmfile::ExecOutput{0, call.arguments.front() + " back", "", true};
    };
    world.functions.now = [] { return Result<functions::Moment>(functions::Moment{1'700'000'000'000'000'000}); };
    world.functions.random_bytes = [](std::size_t size) { return Result<std::string>(std::string(size, 'r')); };
    world.find_object = [](const functions::ObjectQuery& query) -> Result<std::optional<Json>> {
      if (query.name != "known") return std::optional<Json>();
      return std::optional<Json>(Json{{"kind", "Secret"}, {"apiVersion", query.api_version}, {"data", {{"password", "cGFzc3dvcmQ="}}}});
    };
    source::ChartsOptions options;
    options.only_bytes = only_bytes;
    world.chart_of = [this, charts = std::make_shared<source::Charts>(options)](const helmfile::State& state, const helmfile::Release& release) {
      return charts->chart_of(state, release, helmfile::files_of(tree));
    };
    return world;
  }

  std::unique_ptr<TreeRenderer> started(TreeInput input = input_of_helmfile()) {
    auto process = start_render_process(this_program, std::move(input), world(true));
    EXPECT_TRUE(process) << process.error().what;
    return std::move(*process);
  }

  Tree tree = asking_tree();
  std::function<void()> at_exec;
};

TEST_F(RenderProcess, GivesWhatThisProcessWouldHaveGiven) {
  const auto here = make_tree_renderer(input_of_helmfile(), world(false));
  const auto there = started();
  const auto contents = here->load();
  const auto same_contents = there->load();
  ASSERT_TRUE(contents && same_contents) << (contents ? same_contents : contents).error().what;
  EXPECT_EQ(to_wire(*same_contents), to_wire(*contents));
  ASSERT_EQ(contents->releases.size(), 2U);
  EXPECT_TRUE(same_contents->releases[0].options.wait);
  EXPECT_GT(same_contents->releases[1].group, same_contents->releases[0].group);
  EXPECT_EQ(same_contents->releases[1].commands.size(), 1U);
  for (std::size_t index : {0U, 1U}) {
    const auto rendered = here->render(index, {3, true});
    const auto same = there->render(index, {3, true});
    ASSERT_TRUE(rendered && same) << (rendered ? same : rendered).error().what;
    EXPECT_EQ(to_wire(*same), to_wire(*rendered));
  }
  EXPECT_EQ(*there->inputs(), *here->inputs());
}

TEST_F(RenderProcess, KeepsTheMarksOfWhatCameFromSecrets) {
  const auto there = started();
  ASSERT_TRUE(there->load());
  const auto rendered = there->render(0, {});
  ASSERT_TRUE(rendered) << rendered.error().what;
  const Text& text = rendered->manifests.at(0).text;
  std::vector<std::string> secrets;
  for (const Mark& mark : text.marks()) secrets.push_back(std::string(text.view().substr(mark.begin, mark.end - mark.begin)));
  EXPECT_EQ(secrets, (std::vector<std::string>{"hello back", "HIDDEN", "cGFzc3dvcmQ="}));
}

/// A release with everything that is done to a chart after it was rendered, and one of plain manifests.
Tree patching_tree() {
  return {{"helmfile.yaml",
           "releases:\n"
           "- name: web\n"
           "  namespace: site\n"
           "  chart: ./web\n"
           "  dependencies: [{chart: ./db, version: 1.x, alias: store}]\n"
           "  forceNamespace: other\n"
           "  strategicMergePatches: [patch.yaml.gotmpl]\n"
           "- name: plain\n"
           "  namespace: site\n"
           "  chart: ./plain\n"},
          {"patch.yaml.gotmpl",
           "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ .Release.Name }}, namespace: other}\n"
           "data: {token: {{ requiredEnv \"TOKEN\" }}}\n"},
          {"web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.2.3\n"},
          {"web/templates/map.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: web\n"},
          {"db/Chart.yaml", "apiVersion: v2\nname: db\nversion: 1.2.3\n"},
          {"db/templates/map.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Chart.Name }}\n"},
          {"plain/map.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: plain\n"},
          {"plain/token.yaml.gotmpl", "apiVersion: v1\nkind: Secret\nmetadata:\n  name: token\nstringData:\n  a: {{ requiredEnv \"TOKEN\" }}\n"}};
}

TEST_F(RenderProcess, PatchesAsThisProcessWouldHavePatched) {
  tree = patching_tree();
  TreeInput input = input_of_helmfile();
  input.options.file = "helmfile.yaml";
  const auto here = make_tree_renderer(input, world(false));
  const auto there = started(input);
  const auto contents = here->load();
  ASSERT_TRUE(contents) << contents.error().what;
  ASSERT_TRUE(there->load());
  for (std::size_t index : {0U, 1U}) {
    const auto rendered = here->render(index, {3, true});
    const auto same = there->render(index, {3, true});
    ASSERT_TRUE(rendered && same) << (rendered ? same : rendered).error().what;
    EXPECT_EQ(to_wire(*same), to_wire(*rendered));
  }
  EXPECT_EQ(*there->inputs(), *here->inputs());
}

TEST_F(RenderProcess, RecordsWhatWasPatchedWithTheMarksOfSecrets) {
  tree = patching_tree();
  TreeInput input = input_of_helmfile();
  input.options.file = "helmfile.yaml";
  const auto there = started(input);
  ASSERT_TRUE(there->load());
  const auto web = there->render(0, {}), plain = there->render(1, {});
  ASSERT_TRUE(web && plain) << (web ? plain : web).error().what;
  EXPECT_EQ(web->chart, "web-1.2.3");
  EXPECT_EQ(web->manifest,
            "---\n# Source: web/templates/patched_resources.yaml\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: store\n  namespace: other\n"
            "---\n# Source: web/templates/patched_resources.yaml\napiVersion: v1\ndata:\n  token: hidden\nkind: ConfigMap\nmetadata:\n  name: web\n  "
            "namespace: other\n");
  EXPECT_EQ(plain->chart, "plain-1.0.0");
  EXPECT_EQ(plain->manifest,
            "---\n# Source: plain/templates/token.yaml\n# Source: plain/templates/token.yaml\napiVersion: v1\nkind: Secret\nmetadata:\n  name: token\n  "
            "namespace: site\nstringData:\n  a: hidden\n"
            "---\n# Source: plain/templates/map.yaml\n# Source: plain/templates/map.yaml\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: plain\n  "
            "namespace: site\n");
  for (const Text& text : {web->manifests.at(1).text, plain->manifests.at(0).text}) {
    ASSERT_EQ(text.marks().size(), 1U) << text.str();
    EXPECT_EQ(text.view().substr(text.marks()[0].begin, 6), "hidden");
  }
}

TEST_F(RenderProcess, TellsErrorsWithTheirPlace) {
  tree["web/templates/all.yaml"] = "a: {{ .Values.none.more }}\n";
  const auto there = started();
  ASSERT_TRUE(there->load());
  const auto rendered = there->render(0, {});
  ASSERT_FALSE(rendered);
  EXPECT_EQ(rendered.error().what,
            "release \"web\": template: web/templates/all.yaml:1:13: executing \"web/templates/all.yaml\" at <.Values.none.more>: nil pointer "
            "evaluating interface {}.more");
}

TEST_F(RenderProcess, NestsAsDeepAsHelmDoes) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "NOT TRIED: with the sanitizers frames are larger, and the guard of the stack comes first";
#endif
  tree["web/templates/_loop.tpl"] = "{{ define \"loop\" }}{{ include \"loop\" . }}{{ end }}";
  tree["web/templates/all.yaml"] = "{{ include \"loop\" . }}\n";
  const auto there = started();
  ASSERT_TRUE(there->load());
  const auto rendered = there->render(0, {});
  ASSERT_FALSE(rendered);
  EXPECT_NE(rendered.error().what.find("rendering template has a nested reference name: loop"), std::string::npos) << rendered.error().what.substr(0, 300);
}

TEST_F(RenderProcess, IsShutOffWhenItComputes) {
  std::string status;
  at_exec = [&status] {
    for (const pid_t child : children()) {
      std::ostringstream text;
      text << std::ifstream("/proc/" + std::to_string(child) + "/status").rdbuf();
      status += text.str();
    }
  };
  const auto there = started();
  ASSERT_TRUE(there->load());
  ASSERT_TRUE(there->render(0, {}));
  EXPECT_NE(status.find("NoNewPrivs:\t1"), std::string::npos) << status;
  EXPECT_NE(status.find("Seccomp:\t2"), std::string::npos) << status;
}

TEST_F(RenderProcess, MayCrashAndOnlyItsPlanFails) {
  at_exec = [] {
    for (const pid_t child : children()) ::kill(child, SIGKILL);
  };
  const auto there = started();
  const auto loaded = there->load();
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().what.substr(0, 67), "render-crashed: the process that renders ended with signal SIGKILL ");
  EXPECT_EQ(there->inputs().error().what, "render-crashed: the process that renders ended with signal SIGKILL (it has ended before)");
  EXPECT_EQ(children().size(), 0U);
}

TEST_F(RenderProcess, MayTalkNonsense) {
  // what is not sluice repeats the question or ends
  auto echo = start_render_process("/bin/cat", input_of_helmfile(), world(true));
  ASSERT_TRUE(echo);
  EXPECT_EQ((*echo)->load().error().what.substr(0, 15), "render-crashed:");
}

TEST_F(RenderProcess, EndsWithItsOwner) {
  {
    const auto there = started();
    ASSERT_TRUE(there->load());
    EXPECT_EQ(children().size(), 1U);
  }
  EXPECT_EQ(children().size(), 0U);
}

TEST(RenderMessages, RefuseWhatDoesNotFit) {
  EXPECT_THROW(facts_from_wire(Json::array({1})), Json::exception);
  EXPECT_THROW(facts_from_wire(Json::array({"1", true})), Json::exception);
  EXPECT_THROW(rendered_from_wire(Json::object()), Json::exception);
  const Json hostile_marks = Json::array({"web", Json::array({Json::array({"a", Json::array({"text", Json::array({0, 9})})})}), Json::array(), Json::array(), nullptr, nullptr, "", ""});
  EXPECT_THROW(rendered_from_wire(hostile_marks), Json::exception);
  EXPECT_FALSE(frame_length(std::string(8, '\xff')));
}

}  // namespace
}  // namespace sluice::worker
