#include "server/config/config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/config/reader.hpp"

namespace sluice::config {
namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;

const std::string minimal = R"(data_dir: /var/lib/sluice
clusters:
  vps: {kubeconfig: {credential: kubeconfig}, allow: ["203.0.113.7:6443"]}
environments:
  prod: {cluster: vps}
repositories:
  - name: ann/web
    url: /srv/git/web.git
    helmfile: helmfile.yaml
    environments: {prod: {on: [{push: {branch: main}}]}}
)";

std::string error_of(const std::string& text) {
  const auto config = parse(text, "sluice.yaml");
  return config ? "no error" : config.error().what;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(Config, RemoteSourcesAreHowAddressesBegin) {
  const auto config = parse(minimal + "dns_names: [db.example.org]\nremote_sources: [\"https://github.com/me/\"]\n", "sluice.yaml");
  ASSERT_TRUE(config) << config.error().what;
  EXPECT_EQ(config->dns_names, std::vector<std::string>{"db.example.org"});
  EXPECT_EQ(config->remote_sources, std::vector<std::string>{"https://github.com/me/"});
  EXPECT_THAT(error_of(minimal + "remote_sources: [github.com/me]\n"),
              HasSubstr("remote_sources: \"github.com/me\": expected how an address begins, such as https://github.com/me/"));
}

TEST(Config, TheExampleFileDocumentsEveryKeyAndIsValid) {
  const auto config = load(std::string(SLUICE_SOURCE_DIR) + "/config/sluice.example.yaml");
  ASSERT_TRUE(config) << config.error().what;
  const Environment& prod = config->environments.at("prod");
  EXPECT_EQ(prod.protection.reviewers, std::vector<std::string>{"xinyu"});
  EXPECT_EQ(prod.protection.expires_after, 72h);
  EXPECT_EQ(prod.variables.at("IMAGE_TAG"), "{{ .Commit.Sha }}");
  EXPECT_EQ(prod.secret_objects.size(), 2u);
  EXPECT_EQ(prod.exec.allow.at(0).at(0), "/bin/sh");
  EXPECT_EQ(prod.risk.data_loss, 2);
  ASSERT_EQ(config->repositories.size(), 3u);
  const Target& target = config->repositories[0].environments.at("prod");
  ASSERT_EQ(target.on.size(), 3u);
  EXPECT_EQ(target.on[1].event, "push");
  EXPECT_EQ(target.on[0].conditions.at("workflow"), "CI");
  EXPECT_EQ(config->repositories[1].layout, Layout::chart);
}

TEST(Config, KeysOfOneKindOfUrlAreRefusedWithAnother) {
  const auto with = [](const std::string& url, const std::string& keys) {
    return error_of(replaced(minimal, "    url: /srv/git/web.git\n", "    url: " + url + "\n" + keys));
  };
  EXPECT_EQ(with("https://git.example.org/web.git", "    user: ann\n    certificate_authority: /etc/ca.crt\n"), "no error");
  EXPECT_EQ(with("git@git.example.org:web.git", "    ssh: {key: {credential: key}, known_hosts: /etc/known_hosts}\n"), "no error");
  EXPECT_EQ(with("git@git.example.org:web.git", ""),
            "sluice.yaml:7:5: repositories[0].ssh: an ssh URL needs ssh.known_hosts with the host's pinned key");
  EXPECT_EQ(with("/srv/git/web.git", "    certificate_authority: /etc/ca.crt\n"),
            "sluice.yaml:9:28: repositories[0].certificate_authority: is for https URLs");
  EXPECT_EQ(with("https://git.example.org/web.git", "    ssh: {known_hosts: /etc/known_hosts}\n"),
            "sluice.yaml:9:10: repositories[0].ssh: is for ssh URLs");
}

TEST(Config, AMinimalFileHasTheDefaultsOfTheDocumentation) {
  const auto config = parse(minimal, "sluice.yaml");
  ASSERT_TRUE(config) << config.error().what;
  EXPECT_EQ(config->server.listen, "127.0.0.1:8080");
  EXPECT_EQ(config->environments.at("prod").protection.required, 1);
  EXPECT_TRUE(config->environments.at("prod").exec.allow.empty());
  EXPECT_NE(find_repository(*config, "Ann/Web"), nullptr);
  EXPECT_EQ(find_repository(*config, "ann/we"), nullptr);
}

TEST(Config, AnUnknownKeyIsNamedWithItsPlaceAndTheNearestKnownOne) {
  EXPECT_EQ(error_of(replaced(minimal, "kubeconfig: {", "kubecnfig: {")),
            "sluice.yaml:3:8: clusters.vps.kubeconfig: is missing\n"
            "sluice.yaml:3:9: clusters.vps.kubecnfig: unknown key, did you mean \"kubeconfig\"?");
}

TEST(Config, AWrongUnitIsRefused) {
  EXPECT_EQ(error_of(replaced(minimal, "{cluster: vps}", "{cluster: vps, wait_timer: 5}")),
            "sluice.yaml:5:36: environments.prod.wait_timer: expected a duration such as 90s, 15m or 72h, found \"5\"");
}

TEST(Config, ASecretInClearIsRefused) {
  EXPECT_EQ(error_of(replaced(minimal, "url: /srv/git/web.git", "url: /srv/git/web.git\n    webhook_secret: hunter2")),
            "sluice.yaml:9:21: repositories[0].webhook_secret: a secret must not be written in this file; expected {file: PATH}, "
            "{credential: NAME} or {env: NAME}");
}

TEST(Config, ASecretInClearIsNotRepeatedInTheError) {
  EXPECT_THAT(error_of(replaced(minimal, "url: /srv/git/web.git", "url: /srv/git/web.git\n    token: hunter2")),
              Not(HasSubstr("hunter2")));
}

TEST(Config, NamesThatPointNowhereAreRefused) {
  EXPECT_EQ(error_of(replaced(minimal, "{cluster: vps}", "{cluster: vsp}")),
            "sluice.yaml:5:19: environments.prod.cluster: there is no cluster \"vsp\", did you mean \"vps\"?");
  EXPECT_THAT(error_of(replaced(minimal, "environments: {prod:", "environments: {prd:")),
              HasSubstr("ann/web: there is no environment \"prd\", did you mean \"prod\"?"));
}

TEST(Config, AllProblemsAreToldAtOnce) {
  const std::string text = error_of("data_dir: relative\nserver: {listen: here}\nclustres: {}\n");
  EXPECT_EQ(text,
            "sluice.yaml:1:11: data_dir: must be an absolute path\n"
            "sluice.yaml:2:18: server.listen: expected ADDRESS:PORT, found \"here\"\n"
            "sluice.yaml:3:1: clustres: unknown key, did you mean \"clusters\"?");
}

TEST(Config, BrokenYamlIsToldWithItsPlace) { EXPECT_THAT(error_of("data_dir: [\n"), HasSubstr("sluice.yaml:2:1: ")); }

TEST(Config, AKeyGivenTwiceIsRefused) {
  EXPECT_THAT(error_of(minimal + "data_dir: /other\n"), HasSubstr("sluice.yaml:11:1: data_dir: is given twice"));
}

TEST(Config, AClusterNeedsItsAllowList) {
  EXPECT_THAT(error_of(replaced(minimal, ", allow: [\"203.0.113.7:6443\"]", "")),
              HasSubstr("clusters.vps.allow: list the endpoints that may be connected to"));
}

TEST(Config, ACredentialInAUrlIsRefused) {
  EXPECT_THAT(error_of(replaced(minimal, "/srv/git/web.git", "https://ann:pw@example.org/web.git")),
              HasSubstr("a credential must not be part of the URL; use token"));
}

TEST(Config, TokensAreNotKeptInTheFile) {
  EXPECT_THAT(error_of(minimal + "tokens: {ann: x}\n"), HasSubstr("make one with `sluice token create`"));
}

TEST(Risk, AsksForApprovalsByTheClassOfAChange) {
  const auto config = parse(replaced(minimal, "{cluster: vps}", "{cluster: vps, risk: {image_only: auto, data_loss: 2}}"), "sluice.yaml");
  ASSERT_TRUE(config) << config.error().what;
  const Environment& prod = config->environments.at("prod");
  EXPECT_EQ(rules_for(prod, true, false).required, 0);
  EXPECT_EQ(rules_for(prod, false, true).required, 2);
  EXPECT_EQ(rules_for(prod, true, true).required, 2);
  EXPECT_EQ(rules_for(prod, false, false).required, 1);
}

TEST(Units, DurationsAndSizesNeedTheirUnit) {
  EXPECT_EQ(parse_duration("90s"), 90s);
  EXPECT_EQ(parse_duration("7d"), 168h);
  EXPECT_EQ(parse_duration("90"), std::nullopt);
  EXPECT_EQ(parse_duration("-1s"), std::nullopt);
  EXPECT_EQ(parse_duration("1.5h"), std::nullopt);
  EXPECT_EQ(parse_size("25MiB"), 25u << 20);
  EXPECT_EQ(parse_size("25MB"), std::nullopt);
}

}  // namespace
}  // namespace sluice::config
