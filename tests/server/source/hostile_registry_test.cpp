// What a registry may answer instead of a chart, and what is said then.

#include <gtest/gtest.h>

#include <functional>

#include "core/base/digest.hpp"
#include "server/source/registry.hpp"
#include "tests/server/net/stub_server.hpp"

namespace sluice::source {
namespace {

using test::answer;
using test::StubServer;

/// A registry that answers as the test says, and what it was asked.
class HostileRegistry : public testing::Test {
 protected:
  using Reply = std::function<std::string(const std::string& request)>;

  StubServer::Handler replying(Reply reply) {
    return [this, reply = std::move(reply)](StubServer::Peer& peer) {
      for (std::string request = peer.read_request(); !request.empty(); request = peer.read_request()) {
        seen_ += request;
        peer.write(reply(request));
      }
    };
  }
  /// The archive of a/b:1.0.0, or what went wrong.
  std::string outcome(const std::string& origin) {
    DownloadRules rules;
    rules.may_speak_plainly = [](const std::string&) { return true; };
    Downloader downloader(rules);
    auto archive = Registry(downloader, access_, origin, {"reg.example", "a/b"}).archive("1.0.0");
    return archive ? *archive : std::string(to_string(archive.error().code)) + ": " + archive.error().what;
  }
  std::string outcome_of(const std::string& manifest) {
    const StubServer server(replying([&](const std::string&) { return answer(200, manifest); }));
    return outcome(server.url());
  }

  std::string seen_;
  Access access_{.user = "ann", .password = Secret("pass"), .pass_credentials = false, .plain_http = true, .ca_pem = {}, .certificate_pem = {}, .key_pem = {}};
};

std::string asking_for_token(const std::string& realm) {
  return answer(401, "", "WWW-Authenticate: Bearer realm=\"" + realm + "\",service=\"reg\"\r\n");
}

TEST_F(HostileRegistry, MayNotTakeThePassword) {
  const StubServer server(replying([](const std::string&) { return answer(401, "", "WWW-Authenticate: Basic realm=\"x\"\r\n"); }));
  EXPECT_EQ(outcome(server.url()), "denied: " + server.url() + "/v2/a/b/manifests/1.0.0 answers 401: its credentials are missing or wrong");
}

TEST_F(HostileRegistry, MayNotAskInAWayThatNobodyKnows) {
  for (const char* challenge : {"", "WWW-Authenticate: Negotiate\r\n", "WWW-Authenticate: Bearer realm=\"here\"\r\n"}) {
    const StubServer server(replying([&](const std::string&) { return answer(401, "", challenge); }));
    EXPECT_EQ(outcome(server.url()), "denied: reg.example asks for a kind of authentication that sluice does not know");
  }
}

TEST_F(HostileRegistry, MayNotHaveThePasswordSentToAnotherHost) {
  std::string elsewhere_saw;
  const StubServer elsewhere([&](StubServer::Peer& peer) { elsewhere_saw += peer.read_request(); });
  const StubServer server(replying([&](const std::string&) { return asking_for_token(elsewhere.url() + "/token"); }));
  EXPECT_EQ(outcome(server.url()), "denied: reg.example wants its password sent to 127.0.0.1, another host: where that is right, allow it by "
                                   "passCredentials of the chart repository, or token_host of the image");
  EXPECT_EQ(elsewhere_saw, "");
}

TEST_F(HostileRegistry, GetsThePasswordAtAnotherHostThatIsAllowedByName) {
  std::string elsewhere_saw;
  const StubServer elsewhere([&](StubServer::Peer& peer) {
    for (std::string request = peer.read_request(); !request.empty(); request = peer.read_request()) {
      elsewhere_saw += request;
      peer.write(answer(403, ""));
    }
  });
  const StubServer server(replying([&](const std::string&) { return asking_for_token(elsewhere.url() + "/token"); }));
  const auto sent = "\r\nAuthorization: Basic " + to_base64("ann:pass") + "\r\n";
  access_.token_host = "auth.example";
  EXPECT_NE(outcome(server.url()).find("another host"), std::string::npos);
  access_.token_host = "127.0.0.1";
  EXPECT_EQ(outcome(server.url()), "denied: asking for a token: " + elsewhere.url() + "/token answers 403: its credentials are missing or wrong");
  EXPECT_NE(elsewhere_saw.find(sent), std::string::npos) << elsewhere_saw;
  elsewhere_saw.clear();
  access_.token_host.clear();
  access_.pass_credentials = true;
  EXPECT_EQ(outcome(server.url()), "denied: asking for a token: " + elsewhere.url() + "/token answers 403: its credentials are missing or wrong");
  EXPECT_NE(elsewhere_saw.find(sent), std::string::npos) << elsewhere_saw;
}

TEST_F(HostileRegistry, MayNotHaveThePasswordSentInTheClear) {
  const test::TestCa ca;
  access_.ca_pem = ca.pem();
  const StubServer server(replying([](const std::string&) { return asking_for_token("http://reg.example/token"); }), ca.issue());
  EXPECT_EQ(outcome(server.url()), "denied: reg.example wants tokens asked for without TLS, at http://reg.example");
}

TEST_F(HostileRegistry, MustGiveATokenWhereOneIsAskedFor) {
  access_.user.clear();
  const StubServer tokens([](StubServer::Peer& peer) {
    peer.read_request();
    peer.write(answer(200, "<html>"));
  });
  const StubServer server(replying([&](const std::string&) { return asking_for_token(tokens.url() + "/token"); }));
  EXPECT_EQ(outcome(server.url()), "invalid: asking for a token: " + tokens.url() + "/token answers without one");
}

TEST_F(HostileRegistry, MayNotSendAManifestOfSomethingElse) {
  EXPECT_EQ(outcome_of("<html>"), "invalid: reg.example/a/b:1.0.0: its manifest is no JSON object");
  const std::string no_chart = "invalid: reg.example/a/b:1.0.0 is no Helm chart: its manifest has no ";
  const std::string image = R"({"config":{"mediaType":"application/vnd.oci.image.config.v1+json"},"layers":[]})";
  EXPECT_EQ(outcome_of(image), no_chart + "config of type application/vnd.cncf.helm.config.v1+json");
  const std::string index = R"({"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]})";
  EXPECT_EQ(outcome_of(index), no_chart + "config of type application/vnd.cncf.helm.config.v1+json");
  const std::string config = R"({"config":{"mediaType":"application/vnd.cncf.helm.config.v1+json"},"layers":)";
  EXPECT_EQ(outcome_of(config + R"([{"mediaType":"text/plain"}]})"),
            no_chart + "layer of type application/vnd.cncf.helm.chart.content.v1.tar+gzip");
  EXPECT_EQ(outcome_of(config + R"([{"mediaType":"application/vnd.cncf.helm.chart.content.v1.tar+gzip","digest":"../../x"}]})"),
            "invalid: reg.example/a/b:1.0.0: the digest of its chart is no SHA-256");
}

TEST_F(HostileRegistry, MayKeepItsArchivesElsewhereButGivesNoTokenThere) {
  const std::string archive = "the archive";
  std::string elsewhere_saw;
  const StubServer elsewhere([&](StubServer::Peer& peer) {
    elsewhere_saw += peer.read_request();
    peer.write(answer(200, archive));
  });
  const std::string manifest = R"({"config":{"mediaType":"application/vnd.cncf.helm.config.v1+json"},"layers":[{"mediaType":)"
                               R"("application/vnd.cncf.helm.chart.content.v1.tar+gzip","digest":"sha256:)" + to_hex(sha256(archive)) + "\"}]}";
  const StubServer server(replying([&](const std::string& request) {
    if (request.find("\r\nAuthorization: Basic ") == std::string::npos) return answer(401, "", "WWW-Authenticate: Basic realm=\"x\"\r\n");
    if (request.find("/manifests/") != std::string::npos) return answer(200, manifest);
    return answer(307, "", "Location: " + elsewhere.url() + "/blob?signature=x\r\n");
  }));
  EXPECT_EQ(outcome(server.url()), archive);
  EXPECT_TRUE(elsewhere_saw.starts_with("GET /blob?signature=x HTTP/1.1\r\n")) << elsewhere_saw;
  EXPECT_EQ(elsewhere_saw.find("Authorization"), std::string::npos);
}

}  // namespace
}  // namespace sluice::source
