#include "server/source/registry.hpp"

#include <gtest/gtest.h>

#include "core/base/digest.hpp"
#include "tests/server/net/stub_server.hpp"

namespace sluice::source {
namespace {

using test::answer;
using test::StubServer;

constexpr const char* config = R"("config":{"mediaType":"application/vnd.cncf.helm.config.v1+json","digest":"sha256:00"})";

DownloadRules plain_rules() {
  DownloadRules rules;
  rules.may_speak_plainly = [](const std::string&) { return true; };
  return rules;
}

std::string manifest(const std::string& digest) {
  return std::string("{") + config +
         R"(,"layers":[{"mediaType":"application/vnd.cncf.helm.chart.content.v1.tar+gzip","digest":"sha256:)" + digest + "\"}]}";
}

std::string first_line(const std::string& request) { return request.substr(0, request.find(" HTTP/")); }

bool has_header(const std::string& request, const std::string& line) {
  return request.find("\r\n" + line + "\r\n") != std::string::npos;
}

TEST(Registry, IsReadWithATokenThatItAsksFor) {
  const std::string blob = "the archive";
  std::string port;
  StubServer server([&](StubServer::Peer& peer) {
    for (std::string request = peer.read_request(); !request.empty(); request = peer.read_request()) {
      const std::string line = first_line(request);
      if (line.starts_with("GET /token?")) {
        const bool right = has_header(request, "Authorization: Basic " + to_base64("ann:pass")) &&
                           line == "GET /token?scope=repository%3Acharts%2Fredis%3Apull&service=reg";
        peer.write(right ? answer(200, R"({"token":"t0k3n"})") : answer(403, ""));
      } else if (!has_header(request, "Authorization: Bearer t0k3n")) {
        peer.write(answer(401, "", "WWW-Authenticate: Bearer realm=\"http://127.0.0.1:" + port + "/token\",service=\"reg\"\r\n"));
      } else if (line == "GET /v2/charts/redis/manifests/1.0.0_b") {
        peer.write(answer(200, manifest(to_hex(sha256(blob)))));
      } else if (line.starts_with("GET /v2/charts/redis/blobs/sha256:")) {
        peer.write(answer(200, blob));
      } else {
        peer.write(answer(404, ""));
      }
    }
  });
  port = std::to_string(server.port());
  Downloader downloader(plain_rules());
  const Access access{.user = "ann",
                      .password = Secret("pass"),
                      .pass_credentials = false,
                      .plain_http = true,
                      .ca_pem = {},
                      .certificate_pem = {},
                      .key_pem = {}};
  Registry registry(downloader, access, server.url(), {"127.0.0.1:" + port, "charts/redis"});
  auto archive = registry.archive("1.0.0+b");
  ASSERT_TRUE(archive) << archive.error().what;
  EXPECT_EQ(*archive, blob);
}

TEST(Registry, ListsItsTagsPageByPage) {
  StubServer server([&](StubServer::Peer& peer) {
    for (std::string request = peer.read_request(); !request.empty(); request = peer.read_request()) {
      const bool first = request.find("last=") == std::string::npos;
      peer.write(
          first ? answer(200, R"({"tags":["1.0.0","latest","1.10.0_b"]})", "Link: </v2/a/tags/list?last=x>; rel=\"next\"\r\n")
                : answer(200, R"({"tags":["1.2.0","v2.0.0"]})"));
    }
  });
  Downloader downloader(plain_rules());
  const Access access{};
  Registry registry(downloader, access, server.url(), {"127.0.0.1", "a"});
  auto versions = registry.versions();
  ASSERT_TRUE(versions) << versions.error().what;
  EXPECT_EQ(*versions, (std::vector<std::string>{"1.10.0+b", "1.2.0", "1.0.0"}));
}

TEST(Registry, MustSendWhatItsManifestSays) {
  StubServer server([&](StubServer::Peer& peer) {
    for (std::string request = peer.read_request(); !request.empty(); request = peer.read_request()) {
      const bool wants_manifest = request.find("/manifests/") != std::string::npos;
      peer.write(answer(200, wants_manifest ? manifest(to_hex(sha256("good"))) : "bad"));
    }
  });
  Downloader downloader(plain_rules());
  const Access access{};
  Registry registry(downloader, access, server.url(), {"reg.example", "a/b"});
  EXPECT_EQ(registry.archive("1.0.0").error(),
            (Error{Errc::invalid, "chart-digest-mismatch: reg.example/a/b:1.0.0 has the SHA-256 " + to_hex(sha256("bad")) +
                                      ", its manifest says " + to_hex(sha256("good"))}));
}

TEST(Registry, WantsAPasswordThatIsNotThere) {
  StubServer server([&](StubServer::Peer& peer) {
    for (std::string request = peer.read_request(); !request.empty(); request = peer.read_request()) {
      peer.write(answer(401, "", "WWW-Authenticate: Basic realm=\"x\"\r\n"));
    }
  });
  Downloader downloader(plain_rules());
  const Access access{};
  Registry registry(downloader, access, server.url(), {"reg.example", "a"});
  EXPECT_EQ(registry.archive("1.0.0").error(),
            (Error{Errc::denied, "reg.example wants a user and a password: give them in `repositories` of the helmfile"}));
}

TEST(Registry, GetsItsPasswordAtItsOwnHostOrTheDomainItLiesUnder) {
  EXPECT_TRUE(may_give_password("ghcr.io:443", "ghcr.io"));
  EXPECT_TRUE(may_give_password("quay.io", "quay.io"));
  EXPECT_TRUE(may_give_password("registry.gitlab.com", "gitlab.com"));
  EXPECT_TRUE(may_give_password("registry-1.docker.io", "auth.docker.io"));
  EXPECT_FALSE(may_give_password("registry-2.docker.io", "auth.docker.io"));
  EXPECT_FALSE(may_give_password("registry.example.co.uk", "evil.co.uk"));
  EXPECT_FALSE(may_give_password("ann.github.io", "eve.github.io"));
  EXPECT_FALSE(may_give_password("example.org", "auth.example.org"));
  EXPECT_FALSE(may_give_password("badexample.org", "example.org"));
  EXPECT_FALSE(may_give_password("registry.example.org", "org"));
  EXPECT_FALSE(may_give_password("registry.example.org", "example.com"));
  EXPECT_FALSE(may_give_password("10.0.0.1:5000", "9.0.0.1"));
  EXPECT_FALSE(may_give_password("10.0.0.1:5000", "0.0.1"));
}

TEST(Registry, HasNamesOfLowerCase) {
  EXPECT_EQ(parse_registry_name("oci://docker.io/bitnamicharts/redis")->host, "registry-1.docker.io");
  EXPECT_EQ(parse_registry_name("oci://reg:5000/a/b")->path, "a/b");
  for (const char* wrong : {"oci://reg", "oci:///a", "oci://reg/a/../b", "oci://reg/A", "oci://reg/a//b"}) {
    EXPECT_EQ(parse_registry_name(wrong).error().what,
              "\"" + std::string(wrong) + "\" is no address in a registry: expected oci://host/path in lower case");
  }
}

TEST(Registry, UnderstandsWhatItIsAskedFor) {
  const Challenge challenge =
      parse_challenge(R"(Bearer realm="https://auth.x/token?a=b,c",service=reg, scope="repository:a:pull")");
  EXPECT_EQ(challenge.scheme, "bearer");
  EXPECT_EQ(challenge.parameters.at("realm"), "https://auth.x/token?a=b,c");
  EXPECT_EQ(challenge.parameters.at("service"), "reg");
  EXPECT_EQ(challenge.parameters.at("scope"), "repository:a:pull");
}

}  // namespace
}  // namespace sluice::source
