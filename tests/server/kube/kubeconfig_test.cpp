#include "server/kube/kubeconfig.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace sluice::kube {

namespace {

std::string config(const std::string& cluster, const std::string& user, const std::string& more = "") {
  return "apiVersion: v1\nkind: Config\ncurrent-context: c\ncontexts:\n- {name: c, context: {cluster: k, user: u, namespace: "
         "shop}}\n" +
         more + "clusters:\n- name: k\n  cluster: " + cluster + "\nusers:\n- name: u\n  user: " + user + "\n";
}
std::string why_not(const std::string& text, const KubeconfigRules& rules = {}) {
  auto access = read_kubeconfig(text, rules);
  return access ? "accepted" : access.error().what;
}
const std::string good_cluster = "{server: 'https://API.example.org:6443/prefix/', certificate-authority-data: UEVN}";

}  // namespace

TEST(Kubeconfig, SaysWhereAndWho) {
  const auto access =
      read_kubeconfig(config(good_cluster, "{client-certificate-data: Q0VSVA==, client-key-data: S0VZ, token: abc}"), {});
  ASSERT_TRUE(access) << access.error().what;
  EXPECT_EQ(access->server, "https://api.example.org:6443/prefix");
  EXPECT_EQ(access->tls.ca_pem, "PEM");
  EXPECT_EQ(access->tls.certificate_pem, "CERT");
  EXPECT_EQ(access->tls.key_pem.reveal(), "KEY");
  EXPECT_EQ(access->token.reveal(), "abc");
  EXPECT_EQ(access->namespace_, "shop");
}

TEST(Kubeconfig, RefusesWhatWouldRunProgramsOrWeakenTrust) {
  const auto head = [](const std::string& rest) { return "kubeconfig: " + rest; };
  EXPECT_EQ(why_not(config(good_cluster, "{exec: {command: aws}}")),
            head("user 'u': exec is refused: no program is run; use a token, a token file or a client certificate"));
  EXPECT_EQ(why_not(config(good_cluster, "{auth-provider: {name: gcp}}")),
            head("user 'u': auth-provider is refused: no program is run; use a token, a token file or a client certificate"));
  EXPECT_EQ(why_not(config(good_cluster, "{username: a, password: b}")),
            head("user 'u': username is refused: the API server knows no passwords"));
  EXPECT_EQ(why_not(config("{server: 'https://a', insecure-skip-tls-verify: true}", "{}")),
            head("cluster 'k': insecure-skip-tls-verify is refused: every connection is verified"));
  EXPECT_EQ(why_not(config("{server: 'https://a', proxy-url: 'http://p'}", "{}")),
            head("cluster 'k': proxy-url is refused: the cluster is reached directly, at the addresses of its allow list"));
  EXPECT_EQ(why_not(config("{server: 'http://a'}", "{}")), head("cluster 'k': server http://a is refused: only https is spoken"));
}

TEST(Kubeconfig, TellsWhatIsMissingOrContradicts) {
  EXPECT_EQ(why_not("clusters: []"), "kubeconfig: no context is chosen, and there is no current-context");
  EXPECT_EQ(why_not(config(good_cluster, "{}"), {.context = "x"}), "kubeconfig: contexts has no entry called 'x'");
  EXPECT_EQ(why_not(config("{}", "{}")), "kubeconfig: cluster 'k': server is missing");
  EXPECT_EQ(why_not(config("{server: 'https://a', certificate-authority: a, certificate-authority-data: Yg==}", "{}")),
            "kubeconfig: cluster 'k': certificate-authority and certificate-authority-data exclude each other");
  EXPECT_EQ(why_not(config(good_cluster, "{client-certificate-data: Q0VSVA==}")),
            "kubeconfig: user 'u': client-certificate without client-key");
  EXPECT_EQ(why_not(config(good_cluster, "{client-key-data: '***'}")), "kubeconfig: user 'u': client-key-data is not base64");
  EXPECT_EQ(why_not(config(good_cluster, "{}", "extra: 1\n") + "- {name: u, user: {}}\n"),
            "kubeconfig: users has two entries called 'u'");
}

TEST(Kubeconfig, ThatIsBrokenIsNotQuoted) {
  EXPECT_EQ(why_not("token: hunter2: {"), "kubeconfig: not a YAML map");
  EXPECT_EQ(why_not("- hunter2"), "kubeconfig: not a YAML map");
}

TEST(Kubeconfig, ReadsFilesNextToIt) {
  const auto folder = std::filesystem::temp_directory_path() / ("kubeconfig-test-" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder / "inner");
  std::ofstream(folder / "inner" / "ca.crt") << "AUTHORITY";
  std::ofstream(folder / "outside.crt") << "OTHER";
  const KubeconfigRules rules{.folder = (folder / "inner").string(), .files = FileReferences::refuse_outside_folder};
  const auto with_ca = [](const std::string& path) {
    return config("{server: 'https://a', certificate-authority: " + path + "}", "{}");
  };
  EXPECT_EQ(read_kubeconfig(with_ca("ca.crt"), rules)->tls.ca_pem, "AUTHORITY");
  EXPECT_EQ(why_not(with_ca("../outside.crt"), rules),
            "kubeconfig: cluster 'k': certificate-authority '../outside.crt' is outside of the kubeconfig's folder");
  EXPECT_EQ(why_not(with_ca("/etc/hostname"), rules),
            "kubeconfig: cluster 'k': certificate-authority '/etc/hostname' is outside of the kubeconfig's folder");
  std::filesystem::remove_all(folder);
}

}  // namespace sluice::kube
