// What a chart repository may send instead of charts, and what is said then.

#include "tests/server/source/chart_repository.hpp"

namespace sluice::source {
namespace {

using test::answer;
using test::packed;
using test::StubServer;

const std::string start = "chart \"bitnami/redis\" of release \"cache\": ";
const std::string index_url = "http://127.0.0.1:PORT/charts/index.yaml";
const std::string archive_url = "http://127.0.0.1:PORT/charts/redis-21.2.9.tgz";
const std::string chart_yaml = "apiVersion: v2\nname: redis\nversion: 21.2.9\n";

/// Answers each request for the index with `bytes`, and ends the connection.
StubServer::Handler sending(std::string bytes) {
  return [bytes = std::move(bytes)](StubServer::Peer& peer) {
    if (!peer.read_request().empty()) peer.write(bytes);
  };
}

class HostileRepository : public test::ChartRepository {
 protected:
  void offer(const std::string& archive) {
    std::filesystem::remove_all(cache_);
    files_["/charts/redis-21.2.9.tgz"] = archive;
    files_["/charts/index.yaml"] = index(to_hex(sha256(archive)), "redis-21.2.9.tgz");
  }
  std::string outcome_at(const StubServer& server, ChartsOptions how) {
    state_.repositories[0].url = server.url() + "/charts";
    return outcome("", std::move(how));
  }
  std::string outcome_at(const StubServer& server) { return outcome_at(server, options()); }
};

TEST_F(HostileRepository, MayNotBeSlow) {
  const StubServer slow([](StubServer::Peer& peer) {
    peer.read_request();
    peer.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\napiVersion");
    peer.wait_for_close();
  });
  ChartsOptions impatient = options();
  impatient.rules.time = std::chrono::milliseconds(100);
  EXPECT_EQ(outcome_at(slow, impatient), "timeout: " + start + index_url + ": asking http://127.0.0.1:PORT: no answer in 100 ms");
}

TEST_F(HostileRepository, MayNotSendWithoutEnd) {
  const StubServer endless([](StubServer::Peer& peer) {
    peer.read_request();
    peer.write("HTTP/1.1 200 OK\r\n\r\n");
    const std::string piece(64 << 10, ' ');
    for (int i = 0; i < 64; ++i) peer.write(piece);
    peer.wait_for_close();
  });
  ChartsOptions small = options();
  small.rules.max_bytes = 1 << 20;
  EXPECT_EQ(outcome_at(endless, small),
            "invalid: " + start + index_url + ": asking http://127.0.0.1:PORT: the answer is larger than 1048576 bytes");
}

TEST_F(HostileRepository, MayLeaveOutTheLengthOfAnAnswer) {
  const StubServer plain([this](StubServer::Peer& peer) {
    const bool wants_index = peer.read_request().find("/index.yaml ") != std::string::npos;
    peer.write("HTTP/1.1 200 OK\r\n\r\n" + files_[wants_index ? "/charts/index.yaml" : "/charts/redis-21.2.9.tgz"]);
  });
  EXPECT_EQ(outcome_at(plain), "21.2.9");
}

TEST_F(HostileRepository, MayNotEndAnAnswerEarly) {
  const StubServer cut(sending("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\napiVersion: v1\n"));
  EXPECT_EQ(outcome_at(cut), "unavailable: " + start + index_url + ": asking http://127.0.0.1:PORT: the connection was closed before the answer was complete");
  const StubServer chunks(sending("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"));
  EXPECT_EQ(outcome_at(chunks), "invalid: " + start + index_url + ": asking http://127.0.0.1:PORT: the answer is not HTTP: bad chunk");
}

TEST_F(HostileRepository, MayNotCompressItsIndex) {
  const std::string bomb = packed({{"x", std::string(64 << 20, '\0')}});
  const std::string refusal =
      "invalid: " + start + index_url + ": the index is compressed with gzip: expected YAML; have the repository serve it as it is";
  files_["/charts/index.yaml"] = bomb;
  EXPECT_EQ(outcome(""), refusal);
  EXPECT_EQ(outcome_at(StubServer(sending(answer(200, bomb, "Content-Encoding: gzip\r\n")))), refusal);
}

TEST_F(HostileRepository, HasItsLimitOfVersions) {
  std::string index = "apiVersion: v1\nentries:\n  redis:\n";
  for (int i = 0; i < 1'000'000; ++i) index += "  - version: 1.0." + std::to_string(i) + "\n    urls: [a]\n";
  files_["/charts/index.yaml"] = index;
  EXPECT_EQ(outcome(">=2"), "invalid: " + start + index_url + ": the index is no YAML: yaml-too-many-nodes: more than 5000000 nodes, limit 5000000");
}

TEST_F(HostileRepository, MayOfferAMillionOtherCharts) {
  std::string index = "apiVersion: v1\nentries:\n";
  for (int i = 0; i < 1'000'000; ++i) index += "  c" + std::to_string(i) + ":\n  - version: 1.0.0\n    urls: [a]\n";
  files_["/charts/index.yaml"] = index + files_["/charts/index.yaml"].substr(std::string("apiVersion: v1\nentries:\n").size());
  EXPECT_EQ(outcome(""), "21.2.9");
}

TEST_F(HostileRepository, MayNotRedirectInACircleOfHosts) {
  std::string back;
  std::string seen;
  const StubServer other([&](StubServer::Peer& peer) {
    for (std::string request = peer.read_request(); !request.empty(); request = peer.read_request()) {
      seen += request;
      peer.write(answer(302, "", "Location: " + back + "\r\n"));
    }
  });
  back = server_->url() + "/charts/index.yaml";
  state_.repositories[0].user = "ann";
  state_.repositories[0].password = Secret("pass");
  redirects_["/charts/index.yaml"] = other.url() + "/round";
  EXPECT_EQ(outcome(""), "invalid: " + start + "http://127.0.0.1:PORT/round: more than 3 redirects");
  EXPECT_NE(seen, "");
  EXPECT_EQ(seen.find("Authorization"), std::string::npos);
}

TEST_F(HostileRepository, MayNotRedirectToWhatIsNoServer) {
  const std::string redirecting = "invalid: " + start + index_url + " redirects to no address: ";
  redirects_["/charts/index.yaml"] = "";
  EXPECT_EQ(outcome(""), redirecting + "it names none");
  redirects_["/charts/index.yaml"] = "file:///etc/passwd";
  EXPECT_EQ(outcome(""), redirecting + "a URL must begin with https:// or http://");
  redirects_["/charts/index.yaml"] = "http://ann:pass@127.0.0.1/";
  EXPECT_EQ(outcome(""), redirecting + "a URL must not carry a user name or password");
}

TEST_F(HostileRepository, MustHaveACertificateForItsName) {
  const test::TestCa ca;
  const StubServer server(sending(answer(200, "")), ca.issue({"DNS:charts.example.org"}));
  state_.repositories[0].ca_file = "ca.pem";
  state_.repositories[0].url = server.url() + "/charts";
  const Tree tree = {{"ca.pem", ca.pem()}};
  auto obtained = charts().chart_of(state_, release(""), helmfile::files_of(tree));
  const std::string at = "127.0.0.1:" + std::to_string(server.port());
  EXPECT_EQ(obtained.error(), (Error{Errc::denied, start + "https://" + at + "/charts/index.yaml: tls-verify: the certificate of " + at +
                                                       " is not accepted for '127.0.0.1': IP address mismatch"}));
}

TEST_F(HostileRepository, MayNotRedirectOutOfTls) {
  const test::TestCa ca;
  const StubServer server(sending(answer(302, "", "Location: " + server_->url() + "/x\r\n")), ca.issue());
  state_.repositories[0].ca_file = "ca.pem";
  state_.repositories[0].url = server.url() + "/charts";
  const Tree tree = {{"ca.pem", ca.pem()}};
  auto obtained = charts().chart_of(state_, release(""), helmfile::files_of(tree));
  EXPECT_EQ(obtained.error(), (Error{Errc::denied, start + server.url() + "/charts/index.yaml redirects from https to " + server_->url()}));
  EXPECT_EQ(take_asked(), std::vector<std::string>{});
}

TEST_F(HostileRepository, MayNotOfferFilesOfThisMachine) {
  files_["/charts/index.yaml"] = index(to_hex(sha256(archive_)), "file:///etc/passwd");
  EXPECT_EQ(outcome(""), "invalid: " + start + "the URL \"file:///etc/passwd\" of chart redis 21.2.9 in http://127.0.0.1:PORT/charts: "
                         "a URL must begin with https:// or http://");
}

TEST_F(HostileRepository, GivesNoPasswordToARegistryThatItNames) {
  std::string seen;
  const StubServer registry([&](StubServer::Peer& peer) {
    for (std::string request = peer.read_request(); !request.empty(); request = peer.read_request()) {
      seen += request;
      peer.write(answer(401, "", "WWW-Authenticate: Basic realm=\"x\"\r\n"));
    }
  });
  state_.repositories[0].user = "ann";
  state_.repositories[0].password = Secret("pass");
  state_.repositories[0].plain_http = true;
  files_["/charts/index.yaml"] = index("", "oci://127.0.0.1:" + std::to_string(registry.port()) + "/redis:21.2.9");
  EXPECT_EQ(outcome(""), "denied: " + start + "127.0.0.1:PORT wants a user and a password: give them in `repositories` of the helmfile");
  EXPECT_NE(seen, "");
  EXPECT_EQ(seen.find("Authorization"), std::string::npos);
}

TEST_F(HostileRepository, GivesItsPasswordToNoMirror) {
  mirrors_["https://charts.example.org/bitnami"] = server_->url() + "/charts";
  state_.repositories[0].url = "https://charts.example.org/bitnami";
  state_.repositories[0].user = "ann";
  state_.repositories[0].password = Secret("pass");
  EXPECT_EQ(outcome(""), "21.2.9");
  EXPECT_EQ(last_request_.find("Authorization"), std::string::npos);
}

TEST_F(HostileRepository, SendsNoArchiveThatLeadsElsewhere) {
  offer(packed({{"redis/Chart.yaml", chart_yaml}, {"redis/../../evil", "x"}}));
  EXPECT_EQ(outcome(""), "invalid: " + start + archive_url + ": archive-unsafe: chart illegally references parent directory");
  offer(packed({{"redis/Chart.yaml", chart_yaml}}, {{"redis/values.yaml", "/etc/passwd"}}));
  EXPECT_EQ(outcome(""), "invalid: " + start + archive_url + ": archive-unsafe: chart archive: \"redis/values.yaml\" is neither a plain file nor a folder");
}

TEST_F(HostileRepository, SendsNoArchiveThatUnpacksWithoutEnd) {
  offer(packed({{"redis/Chart.yaml", chart_yaml}, {"redis/zeros", std::string(64 << 20, '\0')}}));
  EXPECT_EQ(outcome(""), "invalid: " + start + archive_url + ": archive-unsafe: chart archive unpacks to more than 200 times its size");
}

TEST_F(HostileRepository, SendsNoArchiveThatIsCut) {
  offer(archive_.substr(0, archive_.size() / 2));
  EXPECT_EQ(outcome(""), "invalid: " + start + archive_url + ": cannot read chart archive: the gzip stream is cut off or damaged");
  offer("<html>not found</html>");
  EXPECT_EQ(outcome(""), "invalid: " + start + archive_url + ": gzip: invalid header");
}

TEST_F(HostileRepository, SendsNoArchiveThatIsTooLarge) {
  ChartsOptions small = options();
  small.rules.max_bytes = 1000;
  offer(std::string(1001, 'x'));
  EXPECT_EQ(outcome("", small), "invalid: " + start + archive_url + ": asking http://127.0.0.1:PORT: the answer is larger than 1000 bytes");
}

}  // namespace
}  // namespace sluice::source
