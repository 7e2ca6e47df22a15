// `sluice lint`, against what helm 3.17.3 prints, and with --helm 4 against helm 4.3.1.

#include "core/chart/lint.hpp"

#include <gtest/gtest.h>

namespace sluice::chart {
namespace {

const Tree good = {
    {"Chart.yaml", "apiVersion: v2\nname: web\nversion: 0.1.0\nicon: https://example.org/web.svg\n"},
    {"values.yaml", "{}\n"},
    {"templates/web.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\n"},
};

struct Found {
  std::vector<std::string> messages, warnings;
};

Found found(Tree files, const Value& values = {}) {
  RenderLog log;
  Found all;
  for (const LintMessage& message : lint(files, {.folder = "/charts/web", .values = values, .log = &log})) all.messages.push_back(to_string(message));
  all.warnings = log.warnings;
  return all;
}

using Lines = std::vector<std::string>;

TEST(Lint, HasNothingToSayOfAGoodChart) { EXPECT_EQ(found(good).messages, Lines()); }

TEST(Lint, WantsUrlsThatCanBeAskedFor) {
  const auto with_icon = [](const std::string& icon) {
    Tree files = good;
    files["Chart.yaml"] = "apiVersion: v2\nname: web\nversion: 0.1.0\nicon: '" + icon + "'\n";
    return found(files).messages;
  };
  for (const char* icon : {"https://${NAME}.org/icon", "icon.svg", "https://a b.org/x", "http://[::1/x", "http://a:b/", "http://x/%zz"})
    EXPECT_EQ(with_icon(icon), Lines{"[ERROR] Chart.yaml: invalid icon URL '" + std::string(icon) + "'"});
  for (const char* icon : {"data:image/png;base64,AA==", "https://a.org/${NAME} x", "file:///x"}) EXPECT_EQ(with_icon(icon), Lines());
}

TEST(Lint, TellsApartWhatIsMissingAndWhatIsEmpty) {
  Tree files = good;
  files["templates/web.yaml"] =
      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\ndata:\n  a: '{{ required \"A\" .Values.none }}'\n"
      "  b: '{{ required \"B\" \"\" }}'\n  c: '{{ fail \"C\\n\" }}'\n";
  const Found all = found(files);
  EXPECT_EQ(all.messages, Lines());
  EXPECT_EQ(all.warnings, (Lines{"engine.go:206: [INFO] Missing required value: A", "engine.go:214: [INFO] Missing required value: B",
                                 "engine.go:227: [INFO] Fail: C"}));
}

std::vector<std::string> found_by_helm4(const Tree& files) {
  std::vector<std::string> all;
  for (const LintMessage& message : lint(files, {.helm = HelmVersion::v4, .folder = "/charts/web"})) all.push_back(to_string(message));
  return all;
}

TEST(LintByHelm4, HasNothingToSayOfAGoodChart) { EXPECT_EQ(found_by_helm4(good), Lines()); }

TEST(LintByHelm4, ReadsChartYamlStrictly) {
  const std::string start = "[WARNING] Chart.yaml: failed to strictly parse chart metadata file\n\t";
  Tree files = good;
  files["Chart.yaml"] += "zoo: 1\ndependencies: [{name: x, zed: 1}]\n";
  EXPECT_EQ(found_by_helm4(files), (Lines{start + "error unmarshaling JSON: while decoding JSON: json: unknown field \"zed\"",
                                          "[WARNING] /charts/web: chart directory is missing these dependencies: x"}));
  files["Chart.yaml"] = "apiVersion: v2\nname: web\nversion: v1.0\nicon: https://example.org/web.svg\nname: web\n";
  EXPECT_EQ(found_by_helm4(files), (Lines{start + "error converting YAML to JSON: yaml: unmarshal errors:\n  line 5: key \"name\" already set in map",
                                          "[WARNING] Chart.yaml: version 'v1.0' is not a valid SemVerV2"}));
  files["Chart.yaml"] = "apiVersion: v2\nname: web\nversion: 0.0.0-0\nicon: https://example.org/web.svg\n";
  EXPECT_EQ(found_by_helm4(files), Lines{"[ERROR] Chart.yaml: version \"0.0.0-0\" is less than or equal to \"0.0.0-0\""});
}

TEST(LintByHelm4, LooksAtEverySpellingOfYamlAndAtNoOldHooks) {
  Tree files = good;
  files["templates/a.yml"] = "apiVersion: v1\nkind: Endpoints\nmetadata: {name: a}\n---\nkind: List\nmetadata: {name: a}\n"
                             "items: [{metadata: {annotations: {helm.sh/resource-policy: keep}}}]\n";
  files["templates/b.YAML"] = "{{/* helm.sh/hook: crd-install .Release.Time */}}\n  - a\n";
  EXPECT_EQ(found_by_helm4(files),
            (Lines{"[WARNING] templates/a.yml: v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice",
                   "[ERROR] templates/b.YAML: file extension '.YAML' not valid. Valid extensions are .yaml, .yml, .tpl, or .txt",
                   "[WARNING] templates/b.YAML: document starts with an illegal indent: \"  - a\", which may cause parsing problems",
                   "[ERROR] templates/b.YAML: unable to parse YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array "
                   "into Go value of type rules.k8sYamlStruct"}));
  files = good;
  files.erase("templates/web.yaml");
  EXPECT_EQ(found_by_helm4(files), Lines{"[WARNING] templates/: directory does not exist"});
}

TEST(LintByHelm4, LooksAtCrds) {
  Tree files = good;
  files["crds/a.yaml"] = "kind: CustomResourceDefinition\napiVersion: apiextensions.k8s.io/v1\n---\nkind: X\napiVersion: v1\n";
  files["crds/b.JSON"] = "a: [\n";
  files["crds/c.yaml"] = "kind: X\n";
  EXPECT_EQ(found_by_helm4(files),
            (Lines{"[ERROR] crds/a.yaml: apiVersion is not in 'apiextensions.k8s.io'", "[ERROR] crds/a.yaml: object kind is not 'CustomResourceDefinition'",
                   "[ERROR] crds/b.JSON: unable to parse YAML: error converting YAML to JSON: yaml: line 1: did not find expected node content"}));
}

}  // namespace
}  // namespace sluice::chart
