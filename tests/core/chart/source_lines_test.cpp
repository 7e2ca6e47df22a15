#include "core/chart/source_lines.hpp"

#include <gtest/gtest.h>

#include "core/chart/provenance.hpp"
#include "core/functions/outside.hpp"

namespace sluice::chart {
namespace {

const std::vector<File> web = {
    {"Chart.yaml", "apiVersion: v2\nname: web\nversion: 0.1.0\ndependencies:\n- {name: store, version: 0.1.0, alias: db}\n"},
    {"values.yaml", "image:\n  name: nginx\n  tag: '1'\nlabels: {team: a, tier: b}\nglobal:\n  zone: z1\nhosts:\n- a.org\n- b.org\n"},
    {"crds/a.yaml", "kind: CustomResourceDefinition\nspec: 1\n"},
    {"templates/_parts.tpl", "{{ define \"labels\" -}}\nrelease: {{ .Release.Name }}\nteam: {{ .Values.labels.team }}\n{{- end }}"},
    {"templates/web.yaml",
     "kind: Web\n"
     "labels:\n"
     "  {{- include \"labels\" . | nindent 2 }}\n"
     "{{- with .Values.image }}\n"
     "image: {{ .name }}:{{ .tag | quote }}\n"
     "{{- end }}\n"
     "all: {{ toYaml .Values.labels | nindent 2 }}\n"
     "from: {{ tpl \"{{ .Values.image.name }}\" . }}\n"
     "hosts: [{{ range .Values.hosts }}{{ . }},{{ end }}]\n"
     "none: {{ .Values.missing }}\n"},
    {"charts/store/Chart.yaml", "apiVersion: v2\nname: store\nversion: 0.1.0\n"},
    {"charts/store/values.yaml", "size: 1Gi\nreplicas: 1\nglobal: {zone: z0, own: o}\n"},
    {"charts/store/templates/store.yaml",
     "kind: Store\nsize: {{ .Values.size }}\nreplicas: {{ .Values.replicas }}\nzone: {{ .Values.global.zone }}{{ .Values.global.own }}\n"},
};

Result<std::string> read_file(std::string_view path) {
  if (path == "prod.yaml") return std::string("image:\n\n  tag: '2'\ndb: {replicas: 2}\n");
  return Error{Errc::not_found, std::string(path)};
}

std::string shown(const LineSource& line, const Provenance& provenance) {
  std::string text = line.file + (line.line > 0 ? ":" + std::to_string(line.line) : "");
  for (const SourceValue& value : line.values) {
    text += "  " + path_text(value.path) + (value.printed ? " printed" : "");
    if (const auto origin = provenance.find(value.path))
      text += " " + (origin->flag.empty() ? origin->file + ":" + std::to_string(origin->line) : origin->flag);
  }
  return text;
}

/// Each line of output with what is known of it.
std::string traced(const TemplateOutput& output, const ValueFlags& flags = {}) {
  const auto chart = load_files(web);
  EXPECT_TRUE(chart) << chart.error().what;
  RenderRequest request{.release = "rel", .values = *read_values(flags, read_file), .wants_source_map = true};
  const auto rendered = render(**chart, request);
  if (!rendered) return rendered.error().what;
  const auto lines = source_lines(*rendered, output);
  if (!lines) return lines.error().what;
  const auto provenance = Provenance::of(**chart, flags, read_file, HelmVersion::v3);
  const std::string text = print_template_output(*rendered, output)->str();
  std::string all;
  std::size_t at = 0;
  for (const LineSource& line : *lines) {
    const std::size_t end = text.find('\n', at);
    all += text.substr(at, end - at) + " | " + shown(line, *provenance) + "\n";
    at = end + 1;
  }
  EXPECT_EQ(at, text.size()) << "every line is told of";
  return all;
}

TEST(SourceLines, TellTheTemplateLineAndTheValuesOfEachLine) {
  EXPECT_EQ(traced({.show_only = {"templates/web.yaml"}}, {.files = {"prod.yaml"}, .set = {"labels.tier=c"}}),
            "--- | \n"
            "# Source: web/templates/web.yaml | web/templates/web.yaml\n"
            "kind: Web | web/templates/web.yaml:1\n"
            "labels: | web/templates/web.yaml:2\n"
            "  release: rel | web/templates/_parts.tpl:2\n"
            "  team: a | web/templates/_parts.tpl:3  labels.team printed web/values.yaml:4\n"
            "image: nginx:\"2\" | web/templates/web.yaml:5  image.name printed web/values.yaml:2  image.tag prod.yaml:3\n"
            "all:  | web/templates/web.yaml:7  labels --set\n"
            "  team: a | web/templates/web.yaml:7  labels --set\n"
            "  tier: c | web/templates/web.yaml:7  labels --set\n"
            "from: nginx | web/templates/web.yaml:8  image.name printed web/values.yaml:2\n"
            "hosts: [a.org,b.org,] | web/templates/web.yaml:9  hosts[0] printed web/values.yaml:8  hosts[1] printed web/values.yaml:9\n"
            "none: | web/templates/web.yaml:10\n");
}

TEST(SourceLines, FollowSubchartsTheirAliasesAndGlobalValues) {
  EXPECT_EQ(traced({.show_only = {"charts/db/templates/store.yaml"}}, {.files = {"prod.yaml"}, .set_string = {"db.size=2Gi"}}),
            "--- | \n"
            "# Source: web/charts/db/templates/store.yaml | web/charts/db/templates/store.yaml\n"
            "kind: Store | web/charts/db/templates/store.yaml:1\n"
            "size: 2Gi | web/charts/db/templates/store.yaml:2  db.size printed --set-string\n"
            "replicas: 2 | web/charts/db/templates/store.yaml:3  db.replicas printed prod.yaml:4\n"
            "zone: z1o | web/charts/db/templates/store.yaml:4  db.global.zone printed web/values.yaml:6  db.global.own printed "
            "web/charts/store/values.yaml:3\n");
}

TEST(Provenance, FollowsWhatWasImportedToTheSubchartThatHadIt) {
  const std::vector<File> files = {
      {"Chart.yaml",
       "apiVersion: v2\nname: web\nversion: 0.1.0\ndependencies:\n- name: store\n  version: 0.1.0\n  alias: db\n"
       "  import-values: [ports, {child: paths.data, parent: mounts.store}]\n"},
      {"values.yaml", "mounts:\n  store: {mode: ro}\n"},
      {"charts/store/Chart.yaml",
       "apiVersion: v2\nname: store\nversion: 0.1.0\ndependencies: [{name: disk, version: 0.1.0, import-values: [{child: size, parent: paths.data}]}]\n"},
      {"charts/store/values.yaml", "exports:\n  ports:\n    main: 1\n    other: 2\npaths:\n  data:\n    root: /x\n    mode: rw\n"},
      {"charts/store/charts/disk/Chart.yaml", "apiVersion: v2\nname: disk\nversion: 0.1.0\n"},
      {"charts/store/charts/disk/values.yaml", "size:\n  gigabytes: 5\n"}};
  const auto chart = load_files(files);
  ASSERT_TRUE(chart) << chart.error().what;
  const auto provenance = Provenance::of(**chart, {.set = {"db.exports.ports.other=3"}}, read_file, HelmVersion::v3);
  const auto origin = [&](const std::vector<std::string>& path) {
    const auto found = provenance->find(path);
    return !found ? "none" : found->flag.empty() ? found->file + ":" + std::to_string(found->line) : found->flag;
  };
  EXPECT_EQ(origin({"main"}), "web/charts/store/values.yaml:3");
  EXPECT_EQ(origin({"other"}), "web/charts/store/values.yaml:4") << "flags come too late for imports";
  EXPECT_EQ(origin({"mounts", "store", "root"}), "web/charts/store/values.yaml:7");
  EXPECT_EQ(origin({"mounts", "store", "mode"}), "web/values.yaml:2");
  EXPECT_EQ(origin({"mounts", "store", "gigabytes"}), "web/charts/store/charts/disk/values.yaml:2");
  EXPECT_EQ(origin({"nowhere"}), "none");
}

TEST(SourceLines, TellTheLinesOfFilesThatAreNoTemplates) {
  const std::string all = traced({.crds = Crds::include});
  EXPECT_EQ(all.substr(0, all.find("--- | web/charts")),
            "--- | web/crds/a.yaml\n"
            "# Source: web/crds/a.yaml | web/crds/a.yaml\n"
            "kind: CustomResourceDefinition | web/crds/a.yaml:1\n"
            "spec: 1 | web/crds/a.yaml:2\n"
            " | web/crds/a.yaml\n");
}

TEST(SourceLines, AreNotKeptUnlessWanted) {
  const auto rendered = render(**load_files(web), {.release = "rel"});
  ASSERT_TRUE(rendered);
  EXPECT_TRUE(rendered->value_paths.empty());
  for (const Manifest& manifest : rendered->manifests) EXPECT_EQ(manifest.traced, nullptr);
}

}  // namespace
}  // namespace sluice::chart
