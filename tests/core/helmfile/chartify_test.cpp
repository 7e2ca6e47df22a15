#include "core/helmfile/chartify.hpp"

#include <gtest/gtest.h>

#include "tests/core/helmfile/fixture.hpp"

namespace sluice::helmfile {
namespace {

using test::World;

/// The release `web` of a helmfile with these fields, rendered with a chart of these files and printed as `helm template` does.
std::string rendered(const std::string& fields, std::vector<chart::File> files, Tree more = {},
                     chart::TemplateOutput output = {}) {
  World world{.tree = std::move(more)};
  world.tree["helmfile.yaml"] = "releases:\n- name: web\n  namespace: shop\n  chart: ./web\n" + fields;
  const Outside outside = world.outside();
  const auto loaded = load({}, outside);
  if (!loaded) return loaded.error().what;
  const State& state = loaded->states.front();
  const Release& release = state.releases.front();
  files.push_back({"Chart.yaml", "apiVersion: v2\nname: web\nversion: 0.1.0\n"});
  const auto chart = chart::load_files(std::move(files));
  if (!chart) return chart.error().what;
  auto how = chartify_of(state, release, {**chart, ChartForm::chart}, outside);
  if (!how) return how.error().what;
  RenderSettings settings;
  settings.chartify = std::move(*how);
  auto result = render_release(release, **chart, Value::new_map(), settings);
  if (!result) return result.error().what;
  auto text = chart::print_template_output(*result, output);
  return text ? text->str() + (result->notes.empty() ? "" : "NOTES: " + result->notes.str()) : text.error().what;
}

const chart::File service = {"templates/service.yaml", "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n"};
const chart::File map = {"templates/map.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: web\n"};

TEST(Chartify, PutsAllPatchedObjectsIntoOneFile) {
  EXPECT_EQ(rendered("  strategicMergePatches:\n  - {apiVersion: v1, kind: ConfigMap, metadata: {name: web}, data: {a: '1'}}\n",
                     {service, map}),
            "---\n# Source: web/templates/patched_resources.yaml\napiVersion: v1\ndata:\n  a: \"1\"\nkind: "
            "ConfigMap\nmetadata:\n  name: web\n"
            "---\n# Source: web/templates/patched_resources.yaml\napiVersion: v1\nkind: Service\nmetadata:\n  name: web\n");
}

TEST(Chartify, AppliesJsonPatchesBeforeTheOthers) {
  EXPECT_EQ(rendered("  strategicMergePatches:\n  - {apiVersion: v1, kind: Service, metadata: {name: web}, spec: {b: 2}}\n"
                     "  jsonPatches:\n  - target: {kind: Service}\n    patch: [{op: add, path: /spec, value: {a: 1}}]\n",
                     {service}),
            "---\n# Source: web/templates/patched_resources.yaml\napiVersion: v1\nkind: Service\nmetadata:\n  name: web\nspec:\n "
            " a: 1\n  b: 2\n");
}

TEST(Chartify, RendersThePatchesThatAreTemplates) {
  EXPECT_EQ(rendered("  jsonPatches:\n  - p/patch.yaml.gotmpl\n", {service},
                     {{"p/patch.yaml.gotmpl",
                       "target: {name: {{ .Release.Name }}}\npatch: [{op: add, path: /x, value: {{ readFile \"v\" }}}]\n"},
                      {"p/v", "7"}}),
            "---\n# Source: web/templates/patched_resources.yaml\napiVersion: v1\nkind: Service\nmetadata:\n  name: web\nx: 7\n");
}

TEST(Chartify, KeepsHooksAndDropsNotes) {
  EXPECT_EQ(rendered("  jsonPatches:\n  - {target: {}, patch: [{op: add, path: /x, value: 1}]}\n",
                     {{"templates/job.yaml",
                       "apiVersion: batch/v1\nkind: Job\nmetadata: {name: a, annotations: {helm.sh/hook: pre-install}}\n"},
                      service,
                      {"templates/NOTES.txt", "hello"}},
                     {}, {.no_hooks = true}),
            "---\n# Source: web/templates/patched_resources.yaml\napiVersion: v1\nkind: Service\nmetadata:\n  name: web\nx: 1\n");
}

TEST(Chartify, MovesDefinitionsOfCustomResourcesToCrds) {
  const chart::File crd = {"templates/crd.yaml",
                           "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: a.b}\n"};
  const std::string fields = "  jsonPatches:\n  - {target: {}, patch: [{op: add, path: /x, value: 1}]}\n";
  EXPECT_EQ(rendered(fields, {crd}), "\n");
  EXPECT_EQ(rendered(fields, {crd}, {}, {.crds = chart::Crds::include}),
            "---\n# Source: web/crds/patched_crds.yaml\napiVersion: apiextensions.k8s.io/v1\nkind: "
            "CustomResourceDefinition\nmetadata:\n  name: a.b\nx: "
            "1\n---\n");
}

TEST(Chartify, LeavesFilesWhereTheyAreWhenOnlyTheNamespaceChanges) {
  EXPECT_EQ(rendered("  forceNamespace: other\n", {service}),
            "---\n# Source: web/templates/service.yaml\n# Source: web/templates/service.yaml\napiVersion: v1\nkind: "
            "Service\nmetadata:\n  name: web\n  "
            "namespace: other\n");
}

TEST(Chartify, ForcesTheNamespaceBeforeItPatches) {
  EXPECT_EQ(
      rendered("  forceNamespace: other\n  strategicMergePatches:\n  - {apiVersion: v1, kind: Service, metadata: {name: web}}\n",
               {service}),
      "strategicMergePatches[0]: no resource matches strategic merge patch \"Service.v1.[noGrp]/web.[noNs]\"; there is "
      "Service.v1.[noGrp]/web.other");
}

TEST(Chartify, NeedsSomethingToPatch) {
  EXPECT_EQ(rendered("  forceNamespace: other\n", {{"templates/_x.tpl", ""}}),
            "the chart renders no objects: there is nothing to patch");
}

TEST(Chartify, NamesAPatchThatIsMissingOrNone) {
  EXPECT_EQ(rendered("  jsonPatches: [x.yaml]\n", {service}),
            "release \"web\": values file matching \"x.yaml\" does not exist in \".\"");
  EXPECT_EQ(rendered("  missingFileHandler: Warn\n  jsonPatches: [x.yaml]\n", {service}),
            "---\n# Source: web/templates/service.yaml\napiVersion: v1\nkind: Service\nmetadata:\n  name: web\n");
  EXPECT_EQ(rendered("  jsonPatches: [5]\n", {service}),
            "release \"web\": jsonPatches[0]: unexpected type of value: it must be a path or a map");
}

}  // namespace
}  // namespace sluice::helmfile
