#include "server/worker/deliveries.hpp"

#include <gtest/gtest.h>

namespace sluice::worker {
namespace {

config::Config config_with(const std::string& environment) {
  auto config = config::parse("data_dir: /var/lib/sluice\n"
                              "clusters: {vps: {kubeconfig: {credential: k}, allow: [\"127.0.0.1:6443\"]}}\n"
                              "environments: {prod: " + environment + "}\n"
                              "repositories: [{name: ann/web, url: /srv/web.git, helmfile: helmfile.yaml, environments: {prod: {on: [{push: {branch: \"*\"}}]}}}]\n",
                              "sluice.yaml");
  EXPECT_TRUE(config) << (config ? "" : config.error().what);
  return *config;
}

store::Delivery push(const std::string& ref) {
  store::Delivery delivery;
  delivery.event = "push";
  delivery.guid = "72d3162e-cc78-11e3-81ab-4c9367dc0958";
  delivery.body = R"({"ref": ")" + ref + R"(", "before": "0000000000000000000000000000000000000000", "after": "0123456789abcdef0123456789abcdef01234567",
    "deleted": false, "repository": {"id": 1, "full_name": "Ann/Web"}, "sender": {"login": "ann", "id": 7},
    "head_commit": {"id": "0123456789abcdef0123456789abcdef01234567", "message": "web: Say hello\n\nbody"}})";
  return delivery;
}

TEST(Settle, APushAsksForADeploymentOnceForItsCommit) {
  const auto settled = settle(push("refs/heads/main"), config_with("{cluster: vps}"));
  ASSERT_EQ(settled.deployments.size(), 1u) << settled.result;
  const auto& asked = settled.deployments[0];
  EXPECT_EQ(settled.end, store::DeliveryState::done);
  EXPECT_EQ(asked.repository, "ann/web");
  EXPECT_EQ(asked.cluster, "vps");
  EXPECT_EQ(asked.commit, "0123456789abcdef0123456789abcdef01234567");
  EXPECT_EQ(asked.initiator.name, "ann");
  EXPECT_EQ(asked.title, "web: Say hello");
  EXPECT_TRUE(asked.once);
}

TEST(Settle, ABranchThatTheEnvironmentDoesNotAdmitAsksForNothing) {
  const auto settled = settle(push("refs/heads/feature"), config_with("{cluster: vps, branches: [main]}"));
  EXPECT_TRUE(settled.deployments.empty());
  EXPECT_EQ(settled.end, store::DeliveryState::ignored);
  EXPECT_NE(settled.result.find("feature"), std::string::npos) << settled.result;
}

TEST(Settle, ADeliveryWithoutItsShapeFailsAndSaysWhy) {
  auto broken = push("refs/heads/main");
  broken.body = "[1]";
  const auto settled = settle(broken, config_with("{cluster: vps}"));
  EXPECT_EQ(settled.end, store::DeliveryState::failed);
  EXPECT_FALSE(settled.result.empty());
}

TEST(ConfigDigest, ChangesWithWhatIsDeployedNotWithWhoMayApprove) {
  const auto digest = [](const std::string& environment) {
    const auto config = config_with(environment);
    return config_digest(config, config.repositories[0], "prod");
  };
  EXPECT_EQ(digest("{cluster: vps}"), digest("{cluster: vps, wait_timer: 5m}"));
  EXPECT_NE(digest("{cluster: vps}"), digest("{cluster: vps, variables: {A: b}}"));
  EXPECT_NE(digest("{cluster: vps, variables: {A: bc}}"), digest("{cluster: vps, variables: {Ab: c}}"));
}

}  // namespace
}  // namespace sluice::worker
