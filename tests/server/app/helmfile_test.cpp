// The commands on helmfile trees, as a person at a shell meets them.

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "server/base/process.hpp"

namespace sluice::app {
namespace {

namespace fs = std::filesystem;

class HelmfileCommands : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "sluice-helmfile-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
    put("helmfile.yaml.gotmpl",
        "environments:\n  default:\n    values: [values.yaml]\n---\nreleases:\n"
        "- {name: web, namespace: app, chart: ./web, needs: [db], values: [web.yaml.gotmpl]}\n"
        "- {name: db, namespace: app, chart: ./web, values: [{text: from db}]}\n"
        "- {name: old, namespace: app, chart: ./web, installed: false}\n");
    put("values.yaml", "zone: eu\n");
    put("web.yaml.gotmpl", "text: {{ .Values.zone }}-{{ env \"COLOUR\" }}-{{ exec \"printf\" (list \"ran\") }}\n");
    put("web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 0.1.0\n");
    put("web/templates/a.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\ndata:\n  text: {{ .Values.text | quote }}\n  "
        "kube: {{ "
        ".Capabilities.KubeVersion.Version }}\n");
  }
  void TearDown() override { fs::remove_all(folder_); }

  void put(const std::string& path, const std::string& text) {
    fs::create_directories((folder_ / path).parent_path());
    std::ofstream(folder_ / path) << text;
  }

  std::string file(const std::string& path) {
    std::ifstream stream(folder_ / path);
    std::stringstream text;
    text << stream.rdbuf();
    return text.str();
  }

  ProcessResult run(std::vector<std::string> arguments, const std::vector<std::string>& variables = {}) {
    ProcessRequest request;
    request.arguments = {SLUICE_PROGRAM};
    request.arguments.insert(request.arguments.end(), arguments.begin(), arguments.end());
    request.environment = {"PATH=/usr/bin:/bin", "HOME=" + folder_.string()};
    request.environment.insert(request.environment.end(), variables.begin(), variables.end());
    request.folder = folder_.string();
    auto result = run_process(request);
    EXPECT_TRUE(result) << (result ? "" : result.error().what);
    return result ? *result : ProcessResult{};
  }

  static std::string manifest(const std::string& name, const std::string& text) {
    return "---\n# Source: web/templates/a.yaml\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: " + name +
           "\ndata:\n  text: \"" + text + "\"\n  kube: v1.30.4\n\n";
  }

  fs::path folder_;
};

TEST_F(HelmfileCommands, RenderPrintsReleasesInTheOrderOfTheirNeeds) {
  const ProcessResult result = run({"render", "--args", "--kube-version=1.30.4"}, {"COLOUR=red"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.output, manifest("db", "from db") + manifest("web", "eu-red-ran"));
  EXPECT_EQ(result.error_output, "Templating release=db, chart=./web\nTemplating release=web, chart=./web\n");
}

TEST_F(HelmfileCommands, RenderTakesSelectorsAndMoreValues) {
  const ProcessResult result = run({"render", "-q", "-l", "name=db", "--kube-version", "1.30.4", "--set", "text=set"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.output, manifest("db", "set"));
  EXPECT_EQ(result.error_output, "");
}

TEST_F(HelmfileCommands, RenderRunsFromAnotherFolder) {
  put("other/empty", "");
  const ProcessResult there =
      run({"render", "-q", "-f", "./helmfile.yaml.gotmpl", "-l", "name=web", "--kube-version", "1.30.4"}, {"COLOUR=red"});
  EXPECT_EQ(there.output, manifest("web", "eu-red-ran"));
  const ProcessResult by_variable = run({"render", "-q", "-l", "name=db", "--kube-version", "1.30.4"},
                                        {"HELMFILE_FILE_PATH=" + (folder_ / "helmfile.yaml.gotmpl").string()});
  EXPECT_EQ(by_variable.output, manifest("db", "from db"));
}

TEST_F(HelmfileCommands, RenderReadsMoreValuesBesideTheStateFile) {
  put("d/helmfile.yaml", "releases: [{name: a, chart: ../web}]\n");
  put("d/more.yaml", "text: more\n");
  put("d/text.txt", "from a file");
  EXPECT_EQ(run({"render", "-q", "-f", "d/helmfile.yaml", "--values", "more.yaml", "--kube-version", "1.30.4"}).output,
            manifest("a", "more"));
  EXPECT_EQ(run({"render", "-q", "-f", "d/helmfile.yaml", "--args", "--set-file text=text.txt --kube-version 1.30.4"}).output,
            manifest("a", "from a file"));
}

TEST_F(HelmfileCommands, RenderEndsWith3WhenNothingMatches) {
  const ProcessResult result = run({"render", "-q", "-l", "name=nope"});
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_EQ(result.error_output,
            "no releases found that matches specified selector(name=nope) and environment(default), in any helmfile\n");
  EXPECT_EQ(run({"render", "-q", "-l", "name=nope", "--allow-no-matching-release"}).exit_code, 0);
  EXPECT_EQ(run({"render", "-q", "-e", "test"}).exit_code, 3);
}

TEST_F(HelmfileCommands, RenderSaysWhereAnErrorIs) {
  put("web.yaml.gotmpl", "text: {{ .Values.none }}\n");
  const ProcessResult result = run({"render", "-q", "-l", "name=web"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(result.output, "");
  EXPECT_EQ(result.error_output,
            "Error: in helmfile.yaml.gotmpl: release \"web\": failed to render values files \"web.yaml.gotmpl\": template: "
            "web.yaml.gotmpl:1:16: executing \"web.yaml.gotmpl\" at <.Values.none>: map has no entry for key \"none\"\n");
}

TEST_F(HelmfileCommands, RenderRefusesHelmsFlagsThatItDoesNotKnow) {
  EXPECT_EQ(run({"render", "--args", "--post-renderer ./x"}).error_output,
            "Error: --args: helm's flag --post-renderer is not supported\n");
  EXPECT_EQ(run({"render", "--args", "--set"}).error_output, "Error: --args: --set needs a value\n");
}

TEST_F(HelmfileCommands, NeedsMayNotBeSkippedWhenAskedSo) {
  const ProcessResult result = run({"render", "-q", "-l", "name=web", "--skip-needs=false"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(result.error_output,
            "Error: in helmfile.yaml.gotmpl: release \"app/web\" depends on \"app/db\" which does not match the selectors. "
            "Please add a "
            "selector like \"--selector name=db\", or indicate whether to skip (--skip-needs) or include (--include-needs) these "
            "dependencies\n");
}

TEST_F(HelmfileCommands, LintLintsTheChartOfEachReleaseWithItsValues) {
  const ProcessResult result = run({"lint"}, {"COLOUR=red"});
  EXPECT_EQ(result.exit_code, 0) << result.error_output;
  const std::string one =
      "==> Linting ./web\n[INFO] Chart.yaml: icon is recommended\n[INFO] values.yaml: file does not exist\n\n"
      "1 chart(s) linted, 0 chart(s) failed\n\n";
  EXPECT_EQ(result.output, one + one);
  EXPECT_EQ(result.error_output, "Linting release=db, chart=./web\nLinting release=web, chart=./web\n");
}

TEST_F(HelmfileCommands, LintFailsWhereAChartDoesAndSaysForWhichRelease) {
  put("web/templates/b.yaml", "{{ if hasPrefix \"eu\" .Values.text }}{{ .Values.text.deeper }}{{ end }}\n");
  const ProcessResult result = run({"lint", "-q"}, {"COLOUR=red"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(result.error_output, "Error: in helmfile.yaml.gotmpl: release \"web\": 1 chart(s) linted, 1 chart(s) failed\n");
}

TEST_F(HelmfileCommands, LintOfANamedChartIsHelms) {
  const ProcessResult result = run({"lint", "web"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.output,
            "==> Linting web\n[INFO] Chart.yaml: icon is recommended\n[INFO] values.yaml: file does not exist\n\n"
            "1 chart(s) linted, 0 chart(s) failed\n");
}

TEST_F(HelmfileCommands, ReleasesAreListed) {
  EXPECT_EQ(run({"releases", "-q"}).output,
            "NAME\tNAMESPACE\tENABLED\tINSTALLED\tLABELS                          \tCHART\tVERSION\n"
            "web \tapp      \ttrue   \ttrue     \tchart:web,name:web,namespace:app\t./web\t       \n"
            "db  \tapp      \ttrue   \ttrue     \tchart:web,name:db,namespace:app \t./web\t       \n"
            "old \tapp      \ttrue   \tfalse    \tchart:web,name:old,namespace:app\t./web\t       \n");
  EXPECT_EQ(
      run({"releases", "-q", "-o", "json", "-l", "name=db"}).output,
      "[{\"name\":\"db\",\"namespace\":\"app\",\"enabled\":true,\"installed\":true,\"labels\":\"chart:web,name:db,namespace:app\","
      "\"chart\":\"./web\",\"version\":\"\"}]\n");
}

TEST_F(HelmfileCommands, FlagsMayStandBeforeTheCommand) {
  EXPECT_EQ(run({"-l", "name=db", "releases", "-q"}).output, run({"releases", "-q", "-l", "name=db"}).output);
}

TEST_F(HelmfileCommands, BuildPrintsAFileThatMeansTheSame) {
  const ProcessResult built = run({"build", "-q", "-l", "name=db"});
  EXPECT_EQ(built.exit_code, 0) << built.error_output;
  EXPECT_TRUE(built.output.starts_with("---\n#  Source: helmfile.yaml.gotmpl\n\nenvironments:\n")) << built.output;
  EXPECT_NE(built.output.find("renderedvalues:\n  zone: eu\n"), std::string::npos) << built.output;
  EXPECT_EQ(built.output.find("name: web\n"), std::string::npos) << built.output;
}

TEST_F(HelmfileCommands, DepsHasNothingToLockWithoutRepositories) {
  const ProcessResult result = run({"deps"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.error_output,
            "helmfile.yaml.gotmpl: no release has its chart from a repository, so there is nothing to lock\n");
  EXPECT_FALSE(fs::exists(folder_ / "helmfile.lock"));
}

TEST_F(HelmfileCommands, DepsLocksWhatARangeMeansNow) {
  put("helmfile.yaml.gotmpl",
      "repositories: [{name: r, url: \"file://charts\"}]\n---\nreleases:\n- {name: a, namespace: x, chart: r/redis, version: "
      "~1.0}\n- {name: b, "
      "chart: ./web}\n");
  put("charts/index.yaml",
      "apiVersion: v1\nentries:\n  redis:\n  - {version: 1.0.3, urls: [a.tgz]}\n  - {version: 1.0.12, urls: [a.tgz]}\n  - "
      "{version: 1.1.0, urls: [a.tgz]}\n");
  const ProcessResult result = run({"deps"});
  EXPECT_EQ(result.exit_code, 0) << result.error_output;
  EXPECT_EQ(result.error_output, "helmfile.lock: 1 charts locked\n");
  const std::string lock = file("helmfile.lock");
  EXPECT_TRUE(lock.starts_with(
      "version: 1.0.0\ndependencies:\n- name: redis\n  repository: file://charts\n  version: 1.0.12\ndigest: sha256:"))
      << lock;
  EXPECT_EQ(run({"releases", "-q", "-o", "json", "-l", "name=a"}).output.find("\"version\":\"1.0.12\"") == std::string::npos,
            false);
}

}  // namespace
}  // namespace sluice::app
