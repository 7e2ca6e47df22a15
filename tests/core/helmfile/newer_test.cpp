// Fields that helmfiles after 1.0.0 have; what they print is in tests/golden/helmfile/cases/newer-*.

#include <gtest/gtest.h>

#include "tests/core/helmfile/fixture.hpp"

namespace sluice::helmfile {
namespace {

using test::World;

TEST(NewerFields, SayHowAReleaseIsDeployed) {
  World world{{{"helmfile.yaml",
                "helmDefaults: {skipCRDs: true, rollbackOnFailure: true, serverSide: auto, trackMode: kubedog, forceConflicts: true}\n"
                "releases:\n- {name: a, chart: ./a}\n"
                "- {name: b, chart: ./b, rollbackOnFailure: false, serverSide: 'false', trackMode: helm, forceConflicts: false,\n"
                "   description: by hand, updateStrategy: reinstallIfForbidden}\n"}}};
  const DeployOptions a = world.release("a").deploy, b = world.release("b").deploy;
  EXPECT_TRUE(a.skip_crds && a.atomic && a.force_conflicts);
  EXPECT_EQ(a.server_side + " " + a.track_mode, "auto kubedog");
  EXPECT_FALSE(b.atomic || b.force_conflicts);
  EXPECT_EQ(b.server_side + " " + b.track_mode, "false helm");
  EXPECT_EQ(b.description + ", " + b.update_strategy, "by hand, reinstallIfForbidden");
}

TEST(NewerFields, WithAWordThatTheyDoNotHaveAreErrors) {
  const auto order = [](const std::string& fields) { return World{{{"helmfile.yaml", "releases: [{name: a, chart: ./a, " + fields + "}]"}}}.order(); };
  EXPECT_EQ(order("serverSide: maybe"), "invalid: in helmfile.yaml: release \"a\": serverSide must be true, false or auto, found \"maybe\"");
  EXPECT_EQ(order("trackMode: x"), "invalid: in helmfile.yaml: release \"a\": trackMode must be helm, helm-legacy or kubedog, found \"x\"");
  EXPECT_EQ(order("atomic: true, rollbackOnFailure: true"),
            "invalid: in helmfile.yaml: release \"a\": atomic and rollbackOnFailure are mutually exclusive");
}

TEST(NewerFields, GiveTemplatesHelmsFlags) {
  World world{{{"helmfile.yaml", "helmDefaults: {templateArgs: [--dry-run=server, '--kube-version 1.29.0']}\nreleases: [{name: a, chart: ./a}]\n"}}};
  EXPECT_EQ(world.release("a").kube_version, "1.29.0");
  World bad{{{"helmfile.yaml", "helmDefaults: {templateArgs: [--post-renderer x]}\nreleases: [{name: a, chart: ./a}]\n"}}};
  EXPECT_EQ(bad.order(), "unsupported: in helmfile.yaml: helmDefaults.templateArgs: helm's flag --post-renderer is not supported");
}

TEST(NewerFields, HandDownRepositoriesOfWhichTheFilesOwnCountMore) {
  World world{{{"helmfile.yaml",
                "repositories: [{name: both, url: http://parent}, {name: one, url: http://one}]\n"
                "helmDefaults: {timeout: 7, historyMax: 3}\n"
                "helmfiles: [{path: sub.yaml, inherits: [repositories, helmDefaults]}]\n"},
               {"sub.yaml",
                "repositories: [{name: both, url: http://child}]\nhelmDefaults: {timeout: 9, historyMax: 0}\n"
                "releases: [{name: a, chart: both/a}, {name: b, chart: one/b}]\n"}}};
  EXPECT_EQ(world.release("a").chart.url + " " + world.release("b").chart.url, "http://child http://one");
  EXPECT_EQ(world.release("a").deploy.timeout, std::chrono::seconds(9));
  EXPECT_EQ(world.release("a").deploy.history_max, 3);
}

TEST(NewerFields, OfAVariableLetPlainFilesBeTemplates) {
  World world{{{"helmfile.yaml", "releases: [{name: '{{ print \"a\" }}{{ \"b\" }}', chart: ./a}]\n"}}};
  world.variables["HELMFILE_RENDER_YAML"] = {"true"};
  EXPECT_EQ(world.order(), "helmfile.yaml: ab\n");
}

}  // namespace
}  // namespace sluice::helmfile
