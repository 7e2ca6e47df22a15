#include "server/net/client.hpp"

#include <gtest/gtest.h>

#include "tests/server/net/stub_server.hpp"

namespace sluice::net {

using namespace std::chrono_literals;
using test::answer;
using test::StubServer;
using test::TestCa;
using Peer = StubServer::Peer;

namespace {

/// Answers every request of a connection with what `reply` says.
StubServer::Handler replying(std::function<std::string(const std::string& request)> reply) {
  return [reply](Peer& peer) {
    for (auto request = peer.read_request(); !request.empty(); request = peer.read_request()) peer.write(reply(request));
  };
}

BlockingClient plain_client() {
  ClientOptions options;
  options.plain_http = true;
  return std::move(*BlockingClient::make(std::move(options)));
}

BlockingClient trusting(const std::string& ca_pem, std::string server_name = {}) {
  ClientOptions options;
  options.tls.ca_pem = ca_pem;
  options.tls.server_name = std::move(server_name);
  return std::move(*BlockingClient::make(std::move(options)));
}

std::string failure(Result<Response> response) {
  return response ? "status " + std::to_string(response->status) : response.error().what;
}

std::string at(const StubServer& server) { return "127.0.0.1:" + std::to_string(server.port()); }

}  // namespace

TEST(Client, SendsARequestAndReadsTheAnswer) {
  std::string seen;
  StubServer server(replying([&seen](const std::string& request) {
    seen = request;
    return answer(201, "made", "X-Kind: test\r\n");
  }));
  auto client = plain_client();
  auto response = client.send({"POST", server.url() + "/things?a=b", {{"Content-Type", "text/plain"}}, "hello"}, {});
  ASSERT_TRUE(response) << response.error().what;
  EXPECT_EQ(response->status, 201);
  EXPECT_EQ(response->body, "made");
  EXPECT_EQ(response->header("x-kind"), "test");
  EXPECT_EQ(seen, "POST /things?a=b HTTP/1.1\r\nHost: " + at(server) +
                      "\r\nUser-Agent: sluice\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello");
}

TEST(Client, KeepsTheConnectionForTheNextRequest) {
  StubServer server(replying([](const std::string&) { return answer(200, "x"); }));
  auto client = plain_client();
  for (int i = 0; i < 5; ++i) EXPECT_EQ(client.send({"GET", server.url()}, {})->status, 200);
  EXPECT_EQ(server.connections(), 1);
}

TEST(Client, DoesNotReuseAConnectionTheServerCloses) {
  StubServer server([](Peer& peer) {
    peer.read_request();
    peer.write(answer(200, "x", "Connection: close\r\n"));
  });
  auto client = plain_client();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(client.send({"POST", server.url(), {}, "body"}, {})->status, 200);
  EXPECT_EQ(server.connections(), 3);
}

TEST(Client, ReadsAgainWhenAPooledConnectionTurnsOutToBeDead) {
  // the first connection answers once and then swallows the next request
  StubServer server([](Peer& peer) {
    peer.read_request();
    peer.write(answer(200, "x"));
    if (peer.read_request().empty()) return;
    if (peer.number() > 0) peer.write(answer(200, "y"));
  });
  auto client = plain_client();
  EXPECT_EQ(client.send({"GET", server.url()}, {})->body, "x");
  EXPECT_EQ(client.send({"GET", server.url()}, {})->body, "x");
  EXPECT_EQ(server.connections(), 2);
}

TEST(Client, DoesNotSendAWriteTwice) {
  std::atomic<int> writes = 0;
  StubServer server([&writes](Peer& peer) {
    peer.read_request();
    peer.write(answer(200, "x"));
    if (!peer.read_request().empty()) ++writes;
  });
  auto client = plain_client();
  EXPECT_EQ(client.send({"GET", server.url()}, {})->body, "x");
  EXPECT_EQ(failure(client.send({"POST", server.url(), {}, "pay"}, {})),
            "asking " + server.url() + ": the connection was closed before the answer was complete");
  EXPECT_EQ(writes, 1);
}

TEST(Client, TellsARefusedConnection) {
  const auto port = std::to_string(test::free_port());
  auto response = plain_client().send({"GET", "http://127.0.0.1:" + port}, {});
  EXPECT_EQ(response.error(), (Error{Errc::unavailable, "connecting to 127.0.0.1:" + port + ": Connection refused"}));
}

TEST(Client, TellsAReset) {
  StubServer server([](Peer& peer) {
    peer.read_request();
    peer.reset_at_end();
  });
  auto response = plain_client().send({"GET", server.url()}, {});
  EXPECT_EQ(response.error(), (Error{Errc::unavailable, "asking " + server.url() + ": Connection reset by peer"}));
}

TEST(Client, TellsAnAnswerCutInTheMiddle) {
  for (const std::string_view cut : {"", "HTTP/1.1 2", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
                                     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhal"}) {
    StubServer server([cut](Peer& peer) {
      peer.read_request();
      peer.write(cut);
    });
    auto response = plain_client().send({"GET", server.url()}, {});
    EXPECT_EQ(response.error(),
              (Error{Errc::unavailable, "asking " + server.url() + ": the connection was closed before the answer was complete"}))
        << cut;
  }
}

TEST(Client, GivesUpAtItsDeadline) {
  for (const std::string_view begin : {"", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"}) {
    StubServer server([begin](Peer& peer) {
      peer.read_request();
      peer.write(begin);
      peer.wait_for_close();
    });
    Limits limits;
    limits.total = 60ms;
    auto response = plain_client().send({"GET", server.url()}, limits);
    EXPECT_EQ(response.error(), (Error{Errc::timeout, "asking " + server.url() + ": no answer in 60 ms"}));
  }
}

TEST(Client, GivesUpWhenAStreamFallsSilent) {
  StubServer server([](Peer& peer) {
    peer.read_request();
    peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
    peer.wait_for_close();
  });
  Limits limits;
  limits.total = 0ms;
  limits.idle = 60ms;
  std::string got;
  auto response = plain_client().send({"GET", server.url()}, limits, [&got](std::string_view piece) {
    got += piece;
    return Result<>();
  });
  EXPECT_EQ(response.error(), (Error{Errc::timeout, "asking " + server.url() + ": no answer in 60 ms"}));
  EXPECT_EQ(got, "hello");
}

TEST(Client, RefusesAnAnswerLargerThanAllowed) {
  StubServer server(replying([](const std::string&) { return answer(200, std::string(5000, 'x')); }));
  Limits limits;
  limits.body_bytes = 1000;
  auto response = plain_client().send({"GET", server.url()}, limits);
  EXPECT_EQ(response.error(), (Error{Errc::invalid, "asking " + server.url() + ": the answer is larger than 1000 bytes"}));
}

TEST(Client, RefusesAHeaderLargerThanAllowed) {
  StubServer server(replying([](const std::string&) { return answer(200, "x", "X-Long: " + std::string(9000, 'x') + "\r\n"); }));
  Limits limits;
  limits.header_bytes = 4096;
  auto response = plain_client().send({"GET", server.url()}, limits);
  EXPECT_EQ(response.error(), (Error{Errc::invalid, "asking " + server.url() + ": the header of the answer is too large"}));
}

TEST(Client, RefusesWhatIsNotHttp) {
  StubServer server([](Peer& peer) {
    peer.read_request();
    peer.write("220 smtp.example ready\r\n\r\n");
  });
  auto response = plain_client().send({"GET", server.url()}, {});
  EXPECT_EQ(response.error(), (Error{Errc::invalid, "asking " + server.url() + ": the answer is not HTTP: bad version"}));
}

TEST(Client, ReturnsARedirectWithoutFollowingIt) {
  StubServer server(replying([](const std::string&) { return answer(302, "", "Location: https://elsewhere.example/\r\n"); }));
  auto response = plain_client().send({"GET", server.url()}, {});
  EXPECT_EQ(response->status, 302);
  EXPECT_EQ(response->header("Location"), "https://elsewhere.example/");
  EXPECT_EQ(server.connections(), 1);
}

TEST(Client, ReadsPastAnInterimAnswer) {
  StubServer server(
      replying([](const std::string&) { return "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + answer(200, "real"); }));
  EXPECT_EQ(plain_client().send({"GET", server.url()}, {})->body, "real");
}

TEST(Client, GivesABodyToItsSinkAndEndsWhenTheSinkSaysSo) {
  StubServer server(replying([](const std::string&) { return answer(200, std::string(100'000, 'x')); }));
  std::size_t seen = 0;
  auto response = plain_client().send({"GET", server.url()}, {}, [&seen](std::string_view piece) -> Result<> {
    seen += piece.size();
    if (seen > 40'000) return Error{Errc::cancelled, "enough"};
    return {};
  });
  EXPECT_EQ(response.error(), (Error{Errc::cancelled, "asking " + server.url() + ": enough"}));
  EXPECT_LT(seen, 60'000U);
}

TEST(Client, KeepsTheBodyOfARefusalAwayFromTheSink) {
  StubServer server(replying([](const std::string&) { return answer(404, "no such thing"); }));
  auto response = plain_client().send({"GET", server.url()}, {}, [](std::string_view) -> Result<> {
    return Error{Errc::invalid, "called"};
  });
  EXPECT_EQ(response->body, "no such thing");
}

TEST(Client, ConnectsOnlyWhereItMay) {
  StubServer server(replying([](const std::string&) { return answer(200, "x"); }));
  ClientOptions options;
  options.plain_http = true;
  options.may_connect = [](const std::string&, const std::string& address, std::uint16_t) -> Result<> {
    return Error{Errc::denied, address + " is not in the allow list"};
  };
  auto client = std::move(*BlockingClient::make(std::move(options)));
  auto response = client.send({"GET", server.url()}, {});
  EXPECT_EQ(response.error(), (Error{Errc::denied, "connecting to " + at(server) + ": 127.0.0.1 is not in the allow list"}));
  EXPECT_EQ(server.connections(), 0);
}

TEST(Client, SpeaksPlainHttpOnlyWhereAllowed) {
  auto response = trusting(TestCa().pem()).send({"GET", "http://127.0.0.1:1/"}, {});
  EXPECT_EQ(response.error(), (Error{Errc::denied, "http://127.0.0.1:1 is not https"}));
}

TEST(Tls, ReachesAServerOfTheTrustedAuthority) {
  TestCa ca;
  StubServer server(replying([](const std::string&) { return answer(200, "safe"); }), ca.issue());
  auto response = trusting(ca.pem()).send({"GET", server.url()}, {});
  ASSERT_TRUE(response) << response.error().what;
  EXPECT_EQ(response->body, "safe");
}

TEST(Tls, RefusesEveryCertificateThatDoesNotProveTheName) {
  TestCa ca;
  TestCa other;
  const auto identity = [&ca](std::string names, long begin, long end) { return ca.issue({std::move(names), begin, end}); };
  const std::vector<std::pair<test::Identity, std::string>> cases = {
      {identity("IP:127.0.0.1", -7200, -3600), "certificate has expired"},
      {identity("IP:127.0.0.1", 3600, 7200), "certificate is not yet valid"},
      {identity("DNS:localhost", -60, 3600), "IP address mismatch"},
      {identity("", -60, 3600), "IP address mismatch"},
      {other.issue(), "unable to get local issuer certificate"},
  };
  for (const auto& [server_identity, why] : cases) {
    std::atomic<bool> spoken = false;
    StubServer server([&spoken](Peer& peer) { spoken = spoken || !peer.read_request().empty(); }, server_identity);
    auto response = trusting(ca.pem()).send({"GET", server.url(), {{"Authorization", "Bearer canary"}}}, {});
    EXPECT_EQ(response.error(),
              (Error{Errc::denied, "tls-verify: the certificate of " + at(server) + " is not accepted for '127.0.0.1': " + why}));
    EXPECT_FALSE(spoken) << "nothing may be sent";
  }
}

TEST(Tls, ChecksTheConfiguredNameInsteadOfTheHost) {
  TestCa ca;
  StubServer server(replying([](const std::string&) { return answer(200, "x"); }), ca.issue({"DNS:kubernetes"}));
  EXPECT_EQ(failure(trusting(ca.pem(), "kubernetes").send({"GET", server.url()}, {})), "status 200");
  EXPECT_EQ(failure(trusting(ca.pem(), "other").send({"GET", server.url()}, {})),
            "tls-verify: the certificate of " + at(server) + " is not accepted for 'other': hostname mismatch");
}

TEST(Tls, ShowsItsOwnCertificateWhenAsked) {
  TestCa ca;
  StubServer server(replying([](const std::string&) { return answer(200, "known"); }), ca.issue(), ca.pem());
  ClientOptions options;
  options.tls.ca_pem = ca.pem();
  const auto me = ca.issue();
  options.tls.certificate_pem = me.certificate_pem;
  options.tls.key_pem = Secret(me.key_pem);
  auto client = std::move(*BlockingClient::make(std::move(options)));
  EXPECT_EQ(failure(client.send({"GET", server.url()}, {})), "status 200");
  EXPECT_NE(failure(trusting(ca.pem()).send({"GET", server.url()}, {})), "status 200");
}

TEST(Tls, ResumesTheSessionOnTheNextConnection) {
  TestCa ca;
  StubServer server(
      [](Peer& peer) {
        peer.read_request();
        peer.write(answer(200, peer.resumed() ? "resumed" : "new", "Connection: close\r\n"));
      },
      ca.issue());
  auto client = trusting(ca.pem());
  for (const char* expected : {"new", "resumed", "resumed"}) EXPECT_EQ(client.send({"GET", server.url()}, {})->body, expected);
  EXPECT_EQ(trusting(ca.pem()).send({"GET", server.url()}, {})->body, "new");
  EXPECT_EQ(server.connections(), 4);
}

TEST(Tls, NamesWhatItCannotRead) {
  const auto why = [](Tls tls) {
    auto made = make_ssl_context(tls);
    return made ? std::string("accepted") : made.error().what;
  };
  TestCa ca;
  const auto one = ca.issue();
  const auto two = ca.issue();
  EXPECT_EQ(why({.ca_pem = "nonsense"}), "the CA bundle holds no PEM certificate");
  EXPECT_EQ(why({.ca_pem = ca.pem(), .certificate_pem = "nonsense"}), "the client certificate is not a PEM certificate");
  EXPECT_EQ(why({.ca_pem = ca.pem(), .certificate_pem = one.certificate_pem, .key_pem = Secret("nonsense")}),
            "the client key is not an unencrypted PEM private key");
  EXPECT_EQ(why({.ca_pem = ca.pem(), .certificate_pem = one.certificate_pem, .key_pem = Secret(two.key_pem)}),
            "the client key does not belong to the client certificate");
}

}  // namespace sluice::net
