#include <gtest/gtest.h>

#include "core/functions/outside.hpp"
#include "tests/core/helmfile/fixture.hpp"

namespace sluice::helmfile {
namespace {

using test::World;

const std::string needs_file =
    "releases:\n"
    "- {name: web, namespace: app, chart: ./web, needs: [db, infra/dns]}\n"
    "- {name: db, namespace: app, chart: ./db, labels: {tier: data}}\n"
    "- {name: dns, namespace: infra, chart: ./dns}\n"
    "- {name: docs, namespace: app, chart: ./docs, needs: [web]}\n";

TEST(Load, OrdersReleasesByNeeds) {
  World world{{{"helmfile.yaml", needs_file}}};
  EXPECT_EQ(world.order(), "helmfile.yaml: app/db infra/dns | app/web | app/docs\n");
  EXPECT_EQ(world.order({.reverse = true}), "helmfile.yaml: app/docs | app/web | app/db infra/dns\n");
}

TEST(Load, SelectsByLabelsAndTheImplicitOnes) {
  World world{{{"helmfile.yaml", needs_file}}};
  EXPECT_EQ(world.order({.selectors = {"tier=data"}}), "helmfile.yaml: app/db\n");
  EXPECT_EQ(world.order({.selectors = {"namespace=app,name!=web"}}), "helmfile.yaml: app/db | app/docs\n");
  EXPECT_EQ(world.order({.selectors = {"chart=dns", "name=docs"}}), "helmfile.yaml: infra/dns | app/docs\n");
}

TEST(Load, BringsInNeedsWhenAsked) {
  World world{{{"helmfile.yaml", needs_file}}};
  EXPECT_EQ(world.order({.selectors = {"name=docs"}, .needs = NeedsRule::include}),
            "helmfile.yaml: app/db infra/dns | app/web | app/docs\n");
}

TEST(Load, SaysThatNothingMatched) {
  World world{{{"helmfile.yaml", needs_file}}};
  EXPECT_EQ(
      world.order({.selectors = {"name=nope"}}),
      "helmfile.yaml: \nno releases found that matches specified selector(name=nope) and environment(default), in any helmfile");
}

TEST(Load, RefusesProvenanceAlsoWhereATemplateAsksForIt) {
  World world{{{"helmfile.yaml", "releases:\n- {name: a, chart: ./a, verifyTemplate: '{{ eq 1 1 }}'}\n"}}};
  EXPECT_EQ(world.order(),
            "unsupported: in helmfile.yaml: release \"a\": verifyTemplate asks for verify, which is not supported: sluice checks "
            "archives by digest (lock file or index), not by provenance file");
  world.tree["helmfile.yaml"] = "releases:\n- {name: a, chart: ./a, verifyTemplate: '{{ eq 1 2 }}'}\n";
  EXPECT_EQ(world.order(), "helmfile.yaml: a\n");
}

TEST(Load, RefusesAMalformedSelector) {
  World world{{{"helmfile.yaml", needs_file}}};
  EXPECT_EQ(world.order({.selectors = {"name"}}),
            "invalid: in helmfile.yaml: malformed label: name. Expected label in form k=v or k!=v");
}

TEST(Load, RefusesTwoReleasesOfOneName) {
  World world{{{"helmfile.yaml", "releases:\n- {name: a, namespace: x, chart: ./a}\n- {name: a, namespace: x, chart: ./b}\n"}}};
  EXPECT_EQ(world.order(),
            "invalid: in helmfile.yaml: duplicate release \"a\" found in namespace \"x\": several releases of that name match "
            "the selectors");
  EXPECT_EQ(world.order({.selectors = {"chart=b"}}), "helmfile.yaml: x/a\n");
}

TEST(Load, LeavesOutAFileThatDoesNotDefineTheEnvironment) {
  World world{{{"helmfile.yaml", "environments:\n  prod: {}\n---\nreleases:\n- {name: a, chart: ./a}\n"}}};
  EXPECT_EQ(world.order({.environment = "prod"}), "helmfile.yaml: a\n");
  EXPECT_EQ(world.order(), "helmfile.yaml: a\n");
  EXPECT_EQ(world.order({.environment = "test"}),
            "no releases found that matches specified selector() and environment(test), in any helmfile");
}

TEST(Load, NeedsAnEnvironmentThatSomeoneDefines) {
  World world{{{"helmfile.yaml", "releases:\n- {name: a, chart: ./a}\n"}}};
  EXPECT_EQ(world.state_values({.environment = "test"}), "left out");
  EXPECT_EQ(world.state_values({.environment = "test", .state_values_set = {"x=1"}}), "x: 1\n");
}

TEST(Load, LetsLaterPartsSeeTheValuesOfEarlierOnes) {
  World world{{{"helmfile.yaml.gotmpl",
                "environments:\n  default:\n    values:\n    - values.yaml\n    - n: {{ add 1 2 }}\n---\n"
                "releases:\n- name: {{ .Values.app }}-{{ .Values.n }}\n  chart: ./a\n  namespace: {{ .Environment.Name }}\n"},
               {"values.yaml", "app: web\n"}}};
  EXPECT_EQ(world.order(), "helmfile.yaml.gotmpl: default/web-3\n");
}

TEST(Load, NamesFileAndLineOfATemplatesError) {
  World world{
      {{"helmfile.yaml.gotmpl", "helmDefaults: {wait: true}\n---\nreleases:\n- name: {{ .Values.nope }}\n  chart: ./a\n"}}};
  EXPECT_EQ(world.order(),
            "invalid: in helmfile.yaml.gotmpl: template: helmfile.yaml.gotmpl:4:18: executing \"helmfile.yaml.gotmpl\" at "
            "<.Values.nope>: map has no entry for key \"nope\"");
}

TEST(Load, DoesNotExecuteAPlainFile) {
  World world{{{"helmfile.yaml", "releases:\n- name: a\n  chart: {{ .x }}\n"}}};
  EXPECT_EQ(
      world.order(),
      "invalid: in helmfile.yaml: helmfile.yaml: line 3: a key must be a text. It has template expressions: does it lack the "
      "extension .gotmpl?");
}

TEST(Load, KeepsEnvironmentsAndReleasesApart) {
  World world{{{"helmfile.yaml", "environments: {}\nreleases: []\n"}}};
  EXPECT_EQ(world.order(),
            "invalid: in helmfile.yaml: helmfile.yaml: environments and releases cannot be defined within the same YAML part. "
            "Use --- to "
            "extract the environments into a dedicated part");
  world.tree["helmfile.yaml"] = "releases: []\n---\nbases: []\n";
  EXPECT_EQ(world.order(),
            "invalid: in helmfile.yaml: top-level config key bases must be defined before releases in helmfile.yaml");
  world.tree["helmfile.yaml"] = "# nothing\n";
  EXPECT_EQ(world.order(), "invalid: in helmfile.yaml: no top-level config keys are found in helmfile.yaml");
}

TEST(Load, NamesAnUnknownFieldWithItsLineInAnyPart) {
  World world{{{"helmfile.yaml", "helmDefaults:\n  wait: true\n---\nreleases:\n- name: a\n  chart: ./a\n  neds: [b]\n"}}};
  EXPECT_EQ(world.order(), "invalid: in helmfile.yaml: helmfile.yaml:7: unknown field \"neds\" in releases[0]: did you mean \"needs\"?");
}

TEST(Load, NamesAMissingValuesFile) {
  World world{
      {{"d/helmfile.yaml", "environments:\n  default:\n    values: [none.yaml]\n---\nreleases:\n- {name: a, chart: ./a}\n"}}};
  EXPECT_EQ(world.order({.file = "d/helmfile.yaml"}),
            "not_found: in d/helmfile.yaml: environment values file matching \"none.yaml\" does not exist in \"d\"");
  world.tree["d/helmfile.yaml"] =
      "environments:\n  default:\n    missingFileHandler: Warn\n    values: [none.yaml]\n---\nreleases:\n- {name: a, chart: "
      "./a}\n";
  EXPECT_EQ(world.order({.file = "d/helmfile.yaml"}), "d/helmfile.yaml: a\n");
  world.tree["d/helmfile.yaml"] = "releases:\n- {name: a, chart: ./a, values: [none.yaml]}\n";
  EXPECT_EQ(world.values("a", {.file = "d/helmfile.yaml"}),
            "not_found: release \"a\": values file matching \"none.yaml\" does not exist in \"d\"");
}

TEST(Load, FindsItsStateFile) {
  World both{{{"helmfile.yaml", "releases: []\n"}, {"helmfile.yaml.gotmpl", "releases: []\n"}}};
  EXPECT_EQ(both.order(), "invalid: both helmfile.yaml and helmfile.yaml.gotmpl exist. Please remove one of them");
  World folder{{{"helmfile.yaml", "releases: []\n"}, {"helmfile.d/a.yaml", "releases: []\n"}}};
  EXPECT_EQ(folder.order(), "invalid: configuration conflict: you can have either helmfile.yaml or helmfile.d, but not both");
  World none;
  EXPECT_EQ(none.order(),
            "not_found: no state file found. It must be named helmfile.d/*.{yaml,yml,yaml.gotmpl,yml.gotmpl}, helmfile.yaml, or "
            "helmfile.yaml.gotmpl, otherwise specified with the --file flag or HELMFILE_FILE_PATH environment variable");
  EXPECT_EQ(none.order({.file = "x.yaml"}), "not_found: specified state file x.yaml is not found");
}

TEST(Load, TakesTheFilesOfAFolderInTheOrderOfTheirNames) {
  World world{{{"helmfile.d/b.yaml", "releases: [{name: b, chart: ./b}]\n"},
               {"helmfile.d/a.yaml.gotmpl", "releases: [{name: a, chart: ./a}]\n"},
               {"helmfile.d/notes.txt", "x"}}};
  EXPECT_EQ(world.order(), "helmfile.d/a.yaml.gotmpl: a\nhelmfile.d/b.yaml: b\n");
  EXPECT_EQ(world.order({.reverse = true}), "helmfile.d/b.yaml: b\nhelmfile.d/a.yaml.gotmpl: a\n");
}

TEST(Load, ReadsNestedFilesFirst) {
  World world{{{"helmfile.yaml",
                "helmfiles:\n- apps/*.yaml\n- path: infra/helmfile.yaml.gotmpl\n  values: [{zone: eu}, "
                "extra.yaml]\n---\nreleases: [{name: own, chart: ./own}]\n"},
               {"extra.yaml", "tier: one\n"},
               {"apps/a.yaml", "releases: [{name: a, chart: ./a}]\n"},
               {"apps/b.yaml", "releases: [{name: b, chart: ./b}]\n"},
               {"infra/helmfile.yaml.gotmpl", "releases: [{name: dns-{{ .Values.zone }}-{{ .Values.tier }}, chart: ./dns}]\n"}}};
  EXPECT_EQ(world.order(), "apps/a.yaml: a\napps/b.yaml: b\ninfra/helmfile.yaml.gotmpl: dns-eu-one\nhelmfile.yaml: own\n");
  EXPECT_EQ(world.order({.reverse = true}),
            "helmfile.yaml: own\ninfra/helmfile.yaml.gotmpl: dns-eu-one\napps/b.yaml: b\napps/a.yaml: a\n");
}

TEST(Load, GivesNestedFilesTheirOwnSelectorsOrItsOwn) {
  World world{
      {{"helmfile.yaml", "helmfiles:\n- path: a.yaml\n  selectors: [name=two]\n- path: b.yaml\n  selectors: []\n- c.yaml\n"},
       {"a.yaml", "releases: [{name: one, chart: ./a}, {name: two, chart: ./a}]\n"},
       {"b.yaml", "releases: [{name: one, chart: ./a}, {name: two, chart: ./a}]\n"},
       {"c.yaml", "releases: [{name: one, chart: ./a}, {name: two, chart: ./a}]\n"}}};
  EXPECT_EQ(world.order({.selectors = {"name=one"}}), "a.yaml: two\nb.yaml: one two\nc.yaml: one\nhelmfile.yaml: \n");
}

TEST(Load, DoesNotGoRoundInNestedFiles) {
  World world{{{"helmfile.yaml", "helmfiles: [helmfile.yaml]\n"}}};
  EXPECT_EQ(world.order(),
            "invalid: in helmfile.yaml: helmfiles[0]: helmfile.yaml contains a recursion into itself at helmfiles[0]");
  world.tree = {{"helmfile.yaml", "helmfiles: [b.yaml]\n"}, {"b.yaml", "helmfiles: [helmfile.yaml]\n"}};
  EXPECT_TRUE(world.order().ends_with("state files nest more than 16 deep at b.yaml")) << world.order();
}

TEST(Load, LetsABaseWinOverScalarsAndAppendsItsLists) {
  World world{{{"d/helmfile.yaml.gotmpl",
                "bases: [../common/base.yaml.gotmpl]\nhelmDefaults: {timeout: 5, atomic: true}\n---\nreleases:\n- {name: {{ "
                ".Values.app }}, chart: ./a}\n"},
               {"common/base.yaml.gotmpl", "environments:\n  default:\n    values: [v.yaml]\n---\nhelmDefaults: {timeout: 9}\n"},
               {"d/v.yaml", "app: web\n"}}};
  const Options options{.file = "d/helmfile.yaml.gotmpl"};
  EXPECT_EQ(world.order(options), "d/helmfile.yaml.gotmpl: web\n");
  EXPECT_EQ(world.release("web", options).deploy.timeout, std::chrono::seconds(9));
  EXPECT_TRUE(world.release("web", options).deploy.atomic);
}

TEST(Load, RefusesABaseOfABase) {
  World world{{{"helmfile.yaml", "bases: [a.yaml]\n"}, {"a.yaml", "bases: [b.yaml]\n"}, {"b.yaml", "values: []\n"}}};
  EXPECT_EQ(
      world.order(),
      "unsupported: in helmfile.yaml: base a.yaml of helmfile.yaml: a.yaml: a file that is a base may not have bases itself");
}

TEST(Load, MergesStateValuesInTheirOrder) {
  World world{{{"helmfile.yaml",
                "values: [{a: default, b: default, c: default, d: default}]\n---\n"
                "environments:\n  default:\n    values: [{b: file, c: file}]\n---\nreleases: [{name: x, chart: ./x}]\n"}}};
  EXPECT_EQ(world.state_values({.state_values_set = {"c=flag"}}), "a: default\nb: file\nc: flag\nd: default\n");
}

TEST(Load, LetsEnvironmentValuesOfTheSamePartWinOverTheCommandLine) {
  World world{{{"helmfile.yaml", "environments:\n  default:\n    values: [{c: file}]\n"}}};
  EXPECT_EQ(world.state_values({.state_values_set = {"c=flag"}}), "c: file\n");
}

TEST(Load, ShowsEnvironmentValuesFilesTheValuesBeforeThem) {
  World world{
      {{"helmfile.yaml",
        "environments:\n  default:\n    values: [{zone: eu}]\n---\nenvironments:\n  default:\n    values: [e/v.yaml.gotmpl]\n"},
       {"e/v.yaml.gotmpl", "host: {{ .Values.zone }}.{{ readFile \"domain.txt\" | trim }}\n"},
       {"e/domain.txt", "example.org\n"}}};
  EXPECT_EQ(world.state_values(), "host: eu.example.org\nzone: eu\n");
}

TEST(Load, PinsChartsOfRepositoriesToTheLock) {
  World world{{{"helmfile.yaml.gotmpl",
                "repositories: [{name: r, url: https://charts.example.org}, {name: o, url: reg.example/charts, oci: true}]\n---\n"
                "releases:\n- {name: a, chart: r/redis, version: ~21}\n- {name: b, chart: ./b}\n- {name: c, chart: o/sub/app, "
                "version: 1.0.0}\n"},
               {"helmfile.lock",
                "version: 1.0.0\ndependencies:\n- {name: redis, repository: x, version: 20.0.0}\n- {name: redis, repository: x, "
                "version: 21.2.9}\n"
                "- {name: sub/app, repository: x, version: 1.0.0}\n"}}};
  const ChartSource redis = world.release("a").chart;
  EXPECT_EQ(redis.version, "21.2.9");
  EXPECT_TRUE(redis.locked);
  EXPECT_EQ(redis.url, "https://charts.example.org");
  EXPECT_EQ(redis.name, "redis");
  EXPECT_EQ(world.release("b").chart.path, "b");
  EXPECT_EQ(world.release("c").chart.url, "oci://reg.example/charts/sub/app");
  EXPECT_EQ(world.release("a", {.use_lock = false}).chart.version, "~21");
  world.tree["helmfile.lock"] = "dependencies:\n- {name: redis, repository: x, version: 20.0.0}\n";
  EXPECT_EQ(world.order(),
            "not_found: in helmfile.yaml.gotmpl: release \"a\": no resolved dependency found for \"redis\" (locked: 20.0.0; "
            "wanted: ~21), "
            "running \"sluice deps\" may resolve the issue");
}

TEST(Load, TakesAChartFromGitAtAName) {
  World world{
      {{"helmfile.yaml", "releases:\n- {name: a, chart: 'git::https://example.org/x/charts.git@charts/web?ref=v1&depth=1'}\n"}}};
  const ChartSource chart = world.release("a").chart;
  EXPECT_EQ(chart.from, ChartSource::From::git);
  EXPECT_EQ(chart.url, "https://example.org/x/charts.git");
  EXPECT_EQ(chart.path, "charts/web");
  EXPECT_EQ(chart.version, "v1");
  world.tree["helmfile.yaml"] = "releases:\n- {name: a, chart: 'git::https://example.org/charts.git@web'}\n";
  EXPECT_EQ(world.order(),
            "invalid: in helmfile.yaml: release \"a\": chart \"git::https://example.org/charts.git@web\": add ?ref= with a tag "
            "or a commit, "
            "so that it is known what is deployed");
}

TEST(Load, InheritsTemplatesWithTheirListsInFront) {
  World world{{{"helmfile.yaml",
                "templates:\n  base: {labels: {team: core}, values: [{a: base}], wait: true}\n  web: {inherit: [{template: "
                "base}], values: [{b: web}], version: 1.0.0}\n"
                "---\nreleases:\n- {name: x, chart: ./x, inherit: [{template: web}], values: [{c: own}], version: 2.0.0}\n"
                "- {name: y, chart: ./y, inherit: [{template: web, except: [values, labels]}], values: [{c: own}]}\n"}}};
  EXPECT_EQ(world.values("x"), "a: base\nb: web\nc: own\n");
  EXPECT_EQ(world.values("y"), "c: own\n");
  EXPECT_EQ(world.release("x").labels.at("team"), "core");
  EXPECT_EQ(world.release("x").chart.version, "2.0.0");
  EXPECT_TRUE(world.release("x").deploy.wait);
  EXPECT_FALSE(world.release("y").labels.contains("team"));
}

TEST(Load, NamesTheCycleOfInheritance) {
  World world{{{"helmfile.yaml",
                "templates:\n  a: {inherit: [{template: b}]}\n  b: {inherit: [{template: a}]}\n---\nreleases:\n- {name: x, "
                "chart: ./x, inherit: [{template: a}]}\n"}}};
  EXPECT_EQ(world.order(),
            "invalid: in helmfile.yaml: unable to load release \"x\" with template: cyclic inheritance detected: a->b->a");
  world.tree["helmfile.yaml"] = "releases:\n- {name: x, chart: ./x, inherit: [{template: a}]}\n";
  EXPECT_EQ(world.order(),
            "invalid: in helmfile.yaml: unable to load release \"x\" with template: release \"x\" tried to inherit inexistent "
            "release template \"a\"");
}

TEST(Load, ExecutesTheTemplatesInAReleasesFields) {
  World world{
      {{"helmfile.yaml",
        "environments:\n  default:\n    values: [{on: false, zone: eu}]\n---\nreleases:\n- name: web\n  namespace: '{{ "
        ".Release.Name }}-ns'\n  chart: ./{{ .Release.Name }}\n"
        "  labels: {full: '{{ .Release.Namespace }}/{{ .Release.Name }}'}\n  installedTemplate: '{{ .Values.on }}'\n"
        "  valuesTemplate:\n  - host: '{{ .Release.Name }}.{{ .Values.zone }}'\n  values:\n  - raw: '{{ .Release.Name }}'\n"
        "  setTemplate:\n  - {name: zone, value: '{{ .Values.zone }}'}\n"}}};
  const Release web = world.release("web");
  EXPECT_EQ(web.id, "web-ns/web");
  EXPECT_EQ(web.chart.path, "web");
  EXPECT_EQ(web.labels.at("full"), "web-ns/web");
  EXPECT_FALSE(web.installed);
  EXPECT_EQ(world.values("web"), "host: web.eu\nraw: '{{ .Release.Name }}'\nzone: eu\n");
}

TEST(Load, RefusesReleaseTemplatesThatNeverSettle) {
  World world{{{"helmfile.yaml", "releases:\n- name: web\n  namespace: '{{ .Release.Namespace | quote }}x'\n  chart: ./web\n"}}};
  EXPECT_EQ(world.order(),
            "invalid: in helmfile.yaml: failed executing templates in release \"helmfile.yaml\".\"web\": recursive references "
            "can't be resolved");
}

TEST(Load, LetsConditionsTakeReleasesOut) {
  World world{{{"helmfile.yaml",
                "environments:\n  default:\n    values: [{redis: {enabled: false}, web: {enabled: true}}]\n---\nreleases:\n"
                "- {name: redis, chart: ./r, condition: redis.enabled}\n- {name: web, chart: ./w, condition: web.enabled, needs: "
                "[redis]}\n"}}};
  EXPECT_EQ(world.order(), "helmfile.yaml: web\n");
  EXPECT_EQ(world.order({.include_transitive_needs = true}), "helmfile.yaml: redis | web\n");
  world.tree["helmfile.yaml"] = "releases:\n- {name: a, chart: ./a, condition: b.enabled}\n";
  EXPECT_EQ(world.order(),
            "invalid: in helmfile.yaml: failed to parse condition in release a: environment values field '.b' not found");
}

TEST(Load, FillsDeployOptionsFromHelmDefaults) {
  World world{{{"helmfile.yaml",
                "helmDefaults: {wait: true, timeout: 600, atomic: true, createNamespace: false, takeOwnership: "
                "true}\ncommonLabels: {team: core}\n---\nreleases:\n"
                "- {name: a, chart: ./a, wait: false, historyMax: 3, takeOwnership: false, labels: {team: own, x: y}}\n- {name: "
                "b, chart: ./b}\n"}}};
  const Release a = world.release("a");
  EXPECT_FALSE(a.deploy.wait);
  EXPECT_TRUE(a.deploy.atomic);
  EXPECT_TRUE(a.deploy.take_ownership);
  EXPECT_EQ(a.deploy.timeout, std::chrono::seconds(600));
  EXPECT_EQ(a.deploy.history_max, 3);
  EXPECT_FALSE(a.deploy.create_namespace);
  EXPECT_EQ(a.labels, (Labels{{"chart", "a"}, {"name", "a"}, {"namespace", ""}, {"team", "core"}, {"x", "y"}}));
  EXPECT_EQ(world.release("b").deploy.history_max, 10);
}

TEST(Load, TakesTheContextOfTheEnvironmentLast) {
  World world{{{"helmfile.yaml",
                "environments:\n  default: {kubeContext: of-environment}\n---\nreleases:\n- {name: a, chart: ./a}\n- {name: b, "
                "chart: ./b, kubeContext: own}\n"}}};
  EXPECT_EQ(world.order(), "helmfile.yaml: a own//b\n");
  EXPECT_EQ(world.release("a").kube_context, "of-environment");
  EXPECT_EQ(world.release("b").kube_context, "own");
}

TEST(Load, AppliesNamespaceAndContextOverEveryRelease) {
  World world{{{"helmfile.yaml",
                "helmDefaults: {kubeContext: k}\n---\nreleases:\n- {name: a, namespace: x, chart: ./a, needs: [b]}\n- {name: b, "
                "namespace: x, chart: ./b}\n"}}};
  EXPECT_EQ(world.order(), "helmfile.yaml: k/x/b | k/x/a\n");
  EXPECT_EQ(world.order({.name_space = "n"}), "helmfile.yaml: k/n/b | k/n/a\n");
  world.tree["helmfile.yaml"] = "namespace: x\n---\nreleases: [{name: a, chart: ./a}]\n";
  EXPECT_EQ(world.order(), "helmfile.yaml: x/a\n");
  EXPECT_EQ(world.order({.name_space = "n"}),
            "invalid: in helmfile.yaml: cannot use option --namespace and set attribute namespace");
}

TEST(Load, ForceGoGetterWantsAnAddress) {
  const auto order = [](const std::string& chart) {
    return World{{{"helmfile.yaml", "releases: [{name: a, chart: '" + chart + "', forceGoGetter: true}]"}}}.order();
  };
  EXPECT_EQ(order("git::https://example.org/me/charts.git@web?ref=v1"), "helmfile.yaml: a\n");
  EXPECT_EQ(order("./web"), "invalid: in helmfile.yaml: release \"a\": forceGoGetter: the chart \"./web\" is no address such as "
                            "git::https://host/repository@folder?ref=tag");
}

TEST(Load, ChartsLookUpNamesOnlyWithEnableDns) {
  World world{{{"helmfile.yaml", "releases: [{name: a, chart: ./a}, {name: b, chart: ./a, enableDNS: true}]\n"}}};
  auto chart = chart::load_chart({{"Chart.yaml", "apiVersion: v2\nname: a\nversion: 1.0.0\n"},
                                  {"templates/a.yaml", "kind: {{ getHostByName \"db.example.org\" | quote }}\n"}});
  ASSERT_TRUE(chart) << chart.error().what;
  functions::Outside functions;
  functions.host_by_name = [](std::string_view host) -> Result<std::string> { return "address of " + std::string(host); };
  RenderSettings settings;
  settings.outside = &functions;
  const auto kind = [&](const std::string& name) {
    auto rendered = render_release(world.release(name), **chart, Value::new_map(), settings);
    return rendered ? rendered->manifests.at(0).text.str() : rendered.error().what;
  };
  EXPECT_EQ(kind("a"), "kind: \"\"");
  EXPECT_EQ(kind("b"), "kind: \"address of db.example.org\"");
}

}  // namespace
}  // namespace sluice::helmfile
