#include "core/helmfile/helm_args.hpp"

#include <gtest/gtest.h>

#include "tests/core/helmfile/fixture.hpp"

namespace sluice::helmfile {
namespace {

using test::World;

const std::string tree =
    "helmDefaults:\n  args: [--set, a=args, --timeout 1m30s]\n  syncArgs: [--wait --skip-crds]\n  diffArgs: [--context=3 "
    "--suppress-secrets]\nreleases:\n- name: web\n  chart: ./web\n  values: [{a: own, b: own}]\n";

std::string error_of(const std::vector<std::string>& args) { return parse_helm_args(args, "--args").error().what; }

TEST(HelmArgs, ComeAfterTheReleasesOwnValues) {
  World world{{{"helmfile.yaml", tree}, {"more.yaml", "b: more\n"}}};
  Options options;
  auto args = parse_helm_args({"--values more.yaml", "--set-string=c=1"}, "--args");
  ASSERT_TRUE(args) << args.error().what;
  options.args = *args;
  EXPECT_EQ(world.values("web", options), "a: args\nb: more\nc: '1'\n");
}

TEST(HelmArgs, SetHowAReleaseIsDeployed) {
  World world{{{"helmfile.yaml", tree}}};
  const DeployOptions rendered = world.release("web").deploy;
  EXPECT_EQ(rendered.timeout, std::chrono::seconds(90));
  EXPECT_FALSE(rendered.wait);
  const DeployOptions applied = world.release("web", {.command = "apply"}).deploy;
  EXPECT_TRUE(applied.wait);
  EXPECT_TRUE(applied.skip_crds);
}

TEST(HelmArgs, OfOtherCommandsAreNotLookedAtWhenRendering) {
  World world{{{"helmfile.yaml", "helmDefaults: {syncArgs: [--force-conflicts]}\nreleases: [{name: web, chart: ./web}]\n"}}};
  EXPECT_EQ(world.order(), "helmfile.yaml: web\n");
  EXPECT_EQ(world.order({.command = "apply"}),
            "unsupported: in helmfile.yaml: helmDefaults.syncArgs: helm's flag --force-conflicts is not supported");
}

TEST(HelmArgs, SayWhatTheClusterIsTakenFor) {
  World world{{{"helmfile.yaml", "kubeVersion: 1.25.0\napiVersions: [a/v1]\nreleases: [{name: web, chart: ./web}]\n"}}};
  Options options;
  auto args = parse_helm_args({"--kube-version 1.29.1 --api-versions b/v1,c/v1 -a d/v1"}, "--args");
  ASSERT_TRUE(args) << args.error().what;
  options.args = *args;
  const Release release = world.release("web", options);
  EXPECT_EQ(release.kube_version, "1.29.1");
  EXPECT_EQ(release.api_versions, (std::vector<std::string>{"a/v1", "b/v1", "c/v1", "d/v1"}));
}

TEST(HelmArgs, AreRefusedByNameWhereTheyMeanNothingHere) {
  EXPECT_EQ(error_of({"--post-renderer ./x"}), "--args: helm's flag --post-renderer is not supported");
  EXPECT_EQ(error_of({"--kubeconfig=x"}), "--args: helm's flag --kubeconfig is not supported");
  EXPECT_EQ(error_of({"--set"}), "--args: --set needs a value");
  EXPECT_EQ(error_of({"--timeout soon"}), "--args: --timeout soon: expected a duration such as 5m0s");
  EXPECT_EQ(error_of({"--history-max few"}), "--args: --history-max few: expected a whole number");
  EXPECT_EQ(error_of({"--set-file x"}), "--args: --set-file x: expected NAME=PATH");
  World world{{{"helmfile.yaml", "helmDefaults: {diffArgs: [--set x=1]}\nreleases: [{name: web, chart: ./web}]\n"}}};
  EXPECT_EQ(world.order({.command = "apply"}), "unsupported: in helmfile.yaml: helmDefaults.diffArgs: helm's flag --set is not supported");
  EXPECT_TRUE(parse_helm_args({"--debug --hide-notes --qps 50"}, "--args"));
}

}  // namespace
}  // namespace sluice::helmfile
