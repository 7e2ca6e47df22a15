#include "server/kube/cluster.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <mutex>
#include <nlohmann/json.hpp>

#include "tests/server/net/stub_server.hpp"

namespace sluice::kube {

namespace asio = boost::asio;
using plan::Json;
using test::answer;
using test::StubServer;
using test::TestCa;
using Peer = StubServer::Peer;
using namespace std::chrono_literals;

namespace {

std::string line_of(const std::string& request) { return request.substr(0, request.find(" HTTP/")); }

/// An API server whose answers the test writes, one after another; the last one repeats.
class ClusterClient : public testing::Test {
 protected:
  void serve(std::vector<std::string> answers) {
    serve_by([answers, this](const std::string&) {
      const auto index = std::min(static_cast<std::size_t>(asked_++), answers.size() - 1);
      return answers[index];
    });
  }
  void serve_by(std::function<std::string(const std::string& request)> reply) {
    cluster.reset();  // its connections end before the server that waits for them
    server = std::make_unique<StubServer>(
        [reply, this](Peer& peer) {
          for (auto request = peer.read_request(); !request.empty(); request = peer.read_request()) {
            {
              const std::lock_guard lock(mutex_);
              requests_.push_back(request);
            }
            const auto text = reply(request);
            if (text.empty()) return;  // cuts the connection
            peer.write(text);
          }
        },
        ca.issue());
    connect({});
  }
  void connect(ClusterRules rules, std::string ca_pem = {}) {
    Access access;
    access.server = server->url();
    access.tls.ca_pem = ca_pem.empty() ? ca.pem() : ca_pem;
    access.token = Secret("canary-token");
    rules.first_pause = 1ms;
    rules.call_limit = std::min(rules.call_limit, std::chrono::milliseconds(2000));
    auto made = Cluster::make(context.get_executor(), access, rules);
    ASSERT_TRUE(made);
    cluster = std::move(*made);
  }
  template <class T>
  Result<T> run(asio::awaitable<Result<T>> work) {
    std::optional<Result<T>> out;
    auto keep = [](asio::awaitable<Result<T>> inner, std::optional<Result<T>>& here) -> asio::awaitable<void> {
      here.emplace(co_await std::move(inner));
    };
    asio::co_spawn(context, keep(std::move(work), out), [](std::exception_ptr thrown) {
      if (thrown) std::rethrow_exception(thrown);
    });
    context.restart();
    context.run();
    return std::move(*out);
  }
  std::vector<std::string> requests() {
    const std::lock_guard lock(mutex_);
    return requests_;
  }
  Call write(const char* method, Repeat repeat = Repeat::no) {
    Call call;
    call.method = method;
    call.path = "/api/v1/x";
    call.body = "{}";
    call.repeat = repeat;
    return call;
  }
  std::string failure(const Result<Json>& json) { return json ? "read" : json.error().what; }

  TestCa ca;
  asio::io_context context{1};
  std::unique_ptr<StubServer> server;
  std::unique_ptr<Cluster> cluster;

 private:
  std::mutex mutex_;
  std::vector<std::string> requests_;
  std::atomic<int> asked_ = 0;
};

std::string refusal(int code, const std::string& reason, const std::string& headers = "") {
  return answer(code, R"({"kind":"Status","reason":")" + reason + R"(","message":"no","code":)" + std::to_string(code) + "}",
                headers);
}

}  // namespace

TEST_F(ClusterClient, ReadsWithItsToken) {
  serve({answer(200, R"({"kind":"ConfigMap"})", "Warning: 299 - \"old \\\"thing\\\"\"\r\n")});
  EXPECT_EQ(plan::text_at(*run(cluster->get("/api/v1/x")), "kind"), "ConfigMap");
  EXPECT_NE(requests()[0].find("Authorization: Bearer canary-token\r\n"), std::string::npos);
  Call call;
  call.path = "/api/v1/x";
  EXPECT_EQ(run(cluster->ask(call))->warnings, std::vector<std::string>{"old \"thing\""});
}

TEST_F(ClusterClient, RepeatsAReadThroughEveryPassingFault) {
  serve({refusal(429, "TooManyRequests"), refusal(503, ""), refusal(500, "ServerTimeout"), "",
         "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{", answer(200, R"({"a":1})")});
  const auto json = run(cluster->get("/api/v1/x"));
  ASSERT_TRUE(json) << json.error().what;
  EXPECT_GE(requests().size(), 4U);
}

TEST_F(ClusterClient, DoesNotRepeatARefusalThatStays) {
  std::size_t count = 0;
  for (const auto& text : {refusal(400, "BadRequest"), refusal(403, "Forbidden"), refusal(404, "NotFound"),
                           refusal(409, "Conflict"), refusal(422, "Invalid"), refusal(500, "")}) {
    serve({text});
    EXPECT_FALSE(run(cluster->get("/api/v1/x")));
    EXPECT_EQ(requests().size(), ++count) << text;
  }
}

TEST_F(ClusterClient, DoesNotRepeatAWriteWhoseReplyIsLost) {
  serve({""});
  const auto lost = run(cluster->ask(write("POST")));
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().code, Errc::unavailable);
  EXPECT_EQ(requests().size(), 1U);
}

TEST_F(ClusterClient, RepeatsAWriteThatWasNotLetIn) {
  serve({refusal(429, "TooManyRequests"), answer(201, "{}")});
  EXPECT_EQ(run(cluster->ask(write("POST")))->status, 201);
  EXPECT_EQ(requests().size(), 2U);
}

TEST_F(ClusterClient, RepeatsAWriteThatIsTheSameTwice) {
  serve({"", refusal(503, ""), answer(200, "{}")});
  EXPECT_EQ(run(cluster->ask(write("PATCH", Repeat::safe)))->status, 200);
}

TEST_F(ClusterClient, GivesUpAfterItsRetriesOrItsBudget) {
  serve({refusal(503, "")});
  connect({.retries_per_call = 3});
  EXPECT_EQ(run(cluster->ask(write("GET")))->status, 503);
  EXPECT_EQ(requests().size(), 4U);
  connect({.retry_budget = 2});
  EXPECT_EQ(run(cluster->ask(write("GET")))->status, 503);
  EXPECT_EQ(requests().size(), 4U + 3U);
}

TEST_F(ClusterClient, NeverFollowsARedirect) {
  serve({answer(302, "", "Location: https://evil.example/\r\n")});
  EXPECT_EQ(failure(run(cluster->get("/api/v1/x"))), "reading /api/v1/x: redirects are not followed (302)");
  EXPECT_EQ(requests().size(), 1U);
}

TEST_F(ClusterClient, ConnectsOnlyToAllowedAddresses) {
  serve({answer(200, "{}")});
  connect({.allow = *AllowList::parse(std::vector<std::string>{"203.0.113.7:6443"})});
  const auto port = std::to_string(server->port());
  EXPECT_EQ(failure(run(cluster->get("/api/v1/x"))), "reading /api/v1/x: connecting to 127.0.0.1:" + port + ": cluster-not-allowed: 127.0.0.1 port " +
                                                         port + " is not in the cluster's allow list (203.0.113.7:6443)");
  EXPECT_EQ(server->connections(), 0);
}

TEST_F(ClusterClient, SendsNothingToAServerOfAnotherAuthority) {
  serve({answer(200, "{}")});
  connect({}, TestCa().pem());
  const auto failed = run(cluster->get("/api/v1/x"));
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, Errc::denied);
  EXPECT_TRUE(requests().empty());
}

TEST_F(ClusterClient, SaysWhatToLookAtWhenNobodyAnswers) {
  const auto url = "https://127.0.0.1:" + std::to_string(test::free_port());
  Access access;
  access.server = url;
  access.tls.ca_pem = ca.pem();
  ClusterRules rules;
  rules.retries_per_call = 1;
  rules.first_pause = 1ms;
  cluster = std::move(*Cluster::make(context.get_executor(), access, rules));
  EXPECT_EQ(failure(run(cluster->get("/api/v1/x"))),
            "reading /api/v1/x: cluster-unreachable: connecting to " + url.substr(8) +
                ": Connection refused (is the API server up, and does it let this machine's address in?)");
}

TEST_F(ClusterClient, SurvivesHostileAnswers) {
  for (const auto& text :
       {answer(200, "not json"), answer(200, std::string(1000, '[')), answer(200, "{\"a\":\"\xff\xfe\"}"), answer(200, "")}) {
    serve({text});
    const auto read = run(cluster->get("/api/v1/x"));
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, Errc::invalid);
  }
  const Resource pods{"", "v1", "Pod", "pods", true, true};
  for (const std::string body : {R"({"items":null})", R"({"items":7})", "[]", "null"}) {
    serve({answer(200, body)});
    EXPECT_TRUE(run(cluster->list(pods, "a"))) << body;
  }
  serve({answer(200, R"({"items":[7]})")});
  EXPECT_EQ(run(cluster->list(pods, "a")).error().what, "listing /api/v1/namespaces/a/pods: an item is no object");
  serve({answer(200, R"({"items":[],"metadata":{"continue":"again"}})")});
  EXPECT_EQ(run(cluster->list(pods, "a")).error().what, "listing /api/v1/namespaces/a/pods: more than 400 pages");
}

TEST_F(ClusterClient, ListsPageByPageAndBeginsAgainWhenItsTokenIsOld) {
  const Resource pods{"", "v1", "Pod", "pods", true, true};
  serve({answer(200, R"({"items":[{"metadata":{"name":"a"}}],"metadata":{"continue":"t/1"}})"), refusal(410, "Expired"),
         answer(200, R"({"items":[{"metadata":{"name":"b"}}],"metadata":{"continue":"t2"}})"),
         answer(200, R"({"items":[{"metadata":{"name":"c"}}]})")});
  const auto items = run(cluster->list(pods, "ns", "labelSelector=a%3Db"));
  ASSERT_EQ(items->size(), 2U);
  EXPECT_EQ((*items)[1], Json::parse(R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"c"}})"));
  EXPECT_EQ(line_of(requests()[1]), "GET /api/v1/namespaces/ns/pods?limit=500&labelSelector=a%3Db&continue=t%2F1");
}

TEST_F(ClusterClient, AsksForDiscoveryOnceAndThenByItsEtag) {
  const std::string type =
      "Content-Type: application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList\r\nEtag: \"7\"\r\n";
  serve_by([type](const std::string& request) {
    if (request.find("If-None-Match: \"7\"") != std::string::npos) return std::string("HTTP/1.1 304 Not Modified\r\n\r\n");
    return answer(200, R"({"kind":"APIGroupDiscoveryList","items":[{"metadata":{},"versions":[{"version":"v1","resources":[
      {"resource":"pods","responseKind":{"kind":"Pod"},"scope":"Namespaced","verbs":["list"]}]}]}]})",
                  type);
  });
  EXPECT_NE((*run(cluster->discovery()))->find("", "Pod"), nullptr);
  EXPECT_NE((*run(cluster->discovery()))->find("", "Pod"), nullptr);
  EXPECT_EQ(requests().size(), 2U);
  cluster->forget_discovery();
  EXPECT_NE((*run(cluster->discovery()))->find("", "Pod"), nullptr);
  EXPECT_EQ(requests().size(), 4U);
}

TEST_F(ClusterClient, WatchesAcrossOddlyCutChunks) {
  server = std::make_unique<StubServer>(
      [](Peer& peer) {
        peer.read_request();
        peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        const std::string text =
            "{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":\"\xc3\xa9\",\"resourceVersion\":\"5\"}}}\n"
            "{\"type\":\"BOOKMARK\",\"object\":{\"metadata\":{\"resourceVersion\":\"9\"}}}\n";
        for (const char c : text) peer.write("1\r\n" + std::string(1, c) + "\r\n");
        peer.write("0\r\n\r\n");
      },
      ca.issue());
  connect({});
  std::vector<std::string> seen;
  const Resource pods{"", "v1", "Pod", "pods", true, true};
  const auto last = run(cluster->watch(pods, "a", "", "4", 1, [&](std::string_view type, const Json& object) {
    seen.push_back(std::string(type) + " " + plan::text_at(object, "metadata/name"));
    return true;
  }));
  ASSERT_TRUE(last) << last.error().what;
  EXPECT_EQ(*last, "9");
  EXPECT_EQ(seen, std::vector<std::string>{"ADDED \xc3\xa9"});
}

TEST_F(ClusterClient, TellsThatAWatchIsTooOld) {
  const std::string event =
      R"({"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired","message":"too old resource version"}})";
  serve({answer(200, event + "\n")});
  const Resource pods{"", "v1", "Pod", "pods", true, true};
  const auto failed = run(cluster->watch(pods, "a", "", "4", 1, [](std::string_view, const Json&) { return true; }));
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, Errc::conflict);
}

TEST_F(ClusterClient, RunsPiecesSideBySideAndStopsAtTheFirstError) {
  serve({answer(200, "{}")});
  int begun = 0;
  std::function<asio::awaitable<Result<>>(std::size_t)> work = [&](std::size_t i) -> asio::awaitable<Result<>> {
    ++begun;
    auto read = co_await cluster->get("/api/v1/x");
    if (i == 2) co_return Error{Errc::invalid, "third"};
    co_return Result<>();
  };
  EXPECT_EQ(run(in_parallel(100, 4, work)).error().what, "third");
  EXPECT_LT(begun, 20);
  EXPECT_TRUE(run(in_parallel(0, 4, work)));
}

}  // namespace sluice::kube
