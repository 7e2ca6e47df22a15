#include "server/http/server.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <vector>

#include "server/task/task.hpp"
#include "tests/server/http/live_server.hpp"

namespace sluice::http {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;

asio::awaitable<Response> fails(Request) {
  throw std::runtime_error("a reason that is for the log alone");
  co_return Response{};
}

asio::awaitable<Response> streams(Request) {
  Response response{.content_type = "text/event-stream"};
  response.stream = [](BodyStream& out) -> asio::awaitable<void> {
    co_await out.write("data: one\n\n");
    co_await out.write("data: two\n\n");
  };
  co_return response;
}

asio::awaitable<Response> streams_for_ever(Request) {
  Response response{.content_type = "text/event-stream"};
  response.stream = [](BodyStream& out) -> asio::awaitable<void> {
    const std::string big(100'000, 'x');
    while (out.is_wanted()) {
      auto written = co_await out.write(big);
      if (!written) co_return;
    }
  };
  co_return response;
}

class CountingHook final : public BodyHook {
 public:
  explicit CountingHook(std::atomic<std::size_t>& count) : count_(count) {}
  void piece(std::string_view bytes) override { count_ += bytes.size(); }

 private:
  std::atomic<std::size_t>& count_;
};

std::atomic<std::size_t> hooked = 0;

Router routes() {
  Router router;
  router.add(open_route("GET", "/hello"));
  router.add(open_route("POST", "/echo"));
  auto large = open_route("POST", "/large");
  large.body_limit = 26'214'400;
  large.before_body = [](Request& request) -> std::optional<Response> {
    if (request.field("Content-Type") == "text/html") return problem({.status = 415, .code = "unsupported", .message = "no"});
    request.hook = std::make_shared<CountingHook>(hooked);
    return std::nullopt;
  };
  router.add(large);
  auto failing = open_route("GET", "/fails");
  failing.handle = fails;
  router.add(failing);
  auto stream = open_route("GET", "/stream");
  stream.handle = streams;
  router.add(stream);
  auto for_ever = open_route("GET", "/for-ever");
  for_ever.handle = streams_for_ever;
  router.add(for_ever);
  auto guarded = open_route("POST", "/guarded");
  guarded.access = Access::viewer;
  router.add(guarded);
  router.set_guard([](Request&, const Route&) -> asio::awaitable<std::optional<Response>> {
    co_return problem({.status = 401, .code = "not-authenticated", .message = "a token is needed"});
  });
  return router;
}

std::string ask(std::uint16_t port, const std::string& raw) {
  RawClient client(port);
  client.send(raw);
  client.finish();
  return client.read_all();
}

std::string body_of(const std::string& answer) { return answer.substr(answer.find("\r\n\r\n") + 4); }

TEST(Server, AnswersAndKeepsTheConnection) {
  LiveServer live(routes());
  RawClient client(live.port());
  for (int i = 0; i < 3; ++i) {
    client.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(status_of(client.read_until("\r\n\r\n")), 200);
    EXPECT_EQ(client.read_until("GET /hello 0"), "GET /hello 0");
  }
}

TEST(Server, AnswersPipelinedRequestsInOrder) {
  LiveServer live(routes());
  const auto answer =
      ask(live.port(),
          "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
          "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\nab\r\n3\r\ncde\r\n0\r\n\r\n"
          "GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  const auto first = answer.find("POST /echo 3");
  const auto second = answer.find("POST /echo 5");
  const auto third = answer.find("GET /hello 0");
  EXPECT_TRUE(first < second && second < third && third != std::string::npos) << answer;
}

TEST(Server, AnswersHeadWithoutABody) {
  LiveServer live(routes());
  const auto answer = ask(live.port(), "HEAD /hello HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(status_of(answer), 200);
  EXPECT_NE(answer.find("Content-Length: 13\r\n"), std::string::npos);
  EXPECT_EQ(body_of(answer), "");
}

TEST(Server, SpeaksHttp10AndClosesThen) {
  LiveServer live(routes());
  RawClient client(live.port());
  client.send("GET /stream HTTP/1.0\r\nHost: a\r\n\r\n");
  const auto answer = client.read_all();
  EXPECT_NE(answer.find("Connection: close\r\n"), std::string::npos);
  EXPECT_EQ(body_of(answer), "data: one\n\ndata: two\n\n");
}

TEST(Server, StreamsABodyInChunks) {
  LiveServer live(routes());
  const auto answer = ask(live.port(), "GET /stream HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_NE(answer.find("Transfer-Encoding: chunked\r\n"), std::string::npos);
  EXPECT_EQ(body_of(answer), "b\r\ndata: one\n\n\r\nb\r\ndata: two\n\n\r\n0\r\n\r\n");
}

TEST(Server, SaysWhatAPathTakes) {
  LiveServer live(routes());
  EXPECT_EQ(status_of(ask(live.port(), "GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n")), 404);
  const auto answer = ask(live.port(), "DELETE /hello HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(status_of(answer), 405);
  EXPECT_NE(answer.find("Allow: GET, HEAD\r\n"), std::string::npos);
}

TEST(Server, KeepsAHandlersExceptionOutOfTheAnswer) {
  LiveServer live(routes());
  const auto answer = ask(live.port(), "GET /fails HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(status_of(answer), 500);
  EXPECT_EQ(answer.find("a reason"), std::string::npos);
  EXPECT_NE(answer.find("\"request_id\""), std::string::npos);
}

TEST(Server, RefusesBeforeItReadsTheBody) {
  LiveServer live(routes());
  const auto guarded = ask(live.port(), "POST /guarded HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabcde");
  EXPECT_EQ(status_of(guarded), 401);
  EXPECT_NE(guarded.find("Connection: close\r\n"), std::string::npos);
  const auto typed =
      ask(live.port(), "POST /large HTTP/1.1\r\nHost: a\r\nContent-Type: text/html\r\nContent-Length: 5\r\n\r\nab");
  EXPECT_EQ(status_of(typed), 415);
}

TEST(Server, TellsAClientThatAsksFirstToGoOn) {
  LiveServer live(routes());
  RawClient client(live.port());
  client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("abc");
  EXPECT_EQ(status_of(client.read_until("\r\n\r\n")), 200);
}

TEST(Server, TakesABodyOfExactlyTheLimitAndNotOneByteMore) {
  LiveServer live(routes());
  const std::size_t limit = 26'214'400;
  hooked = 0;
  const std::string body(limit, 'x');
  const auto head = [](std::size_t size) {
    return "POST /large HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n";
  };
  EXPECT_EQ(body_of(ask(live.port(), head(limit) + body)), "POST /large 26214400");
  EXPECT_EQ(hooked, limit);
  EXPECT_EQ(status_of(ask(live.port(), head(limit + 1))), 413);
}

TEST(Server, CountsAChunkedBodyAsItComes) {
  LiveServer live(routes());
  std::string raw = "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 17; ++i) raw += "10000\r\n" + std::string(0x10000, 'x') + "\r\n";
  const auto answer = ask(live.port(), raw);
  EXPECT_EQ(status_of(answer), 413);
  EXPECT_NE(answer.find("\"code\":\"body-too-large\""), std::string::npos);
}

TEST(Server, ShedsBodiesThatWouldNotFitInMemory) {
  ServerOptions options;
  options.limits.bodies_in_flight = 1000;
  LiveServer live(routes(), options);
  const auto answer = ask(live.port(), "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n" + std::string(1001, 'x'));
  EXPECT_EQ(status_of(answer), 503);
  EXPECT_NE(answer.find("Retry-After: 10\r\n"), std::string::npos);
  EXPECT_EQ(status_of(ask(live.port(), "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 900\r\n\r\n" + std::string(900, 'x'))),
            200);
}

TEST(Server, EndsAConnectionThatIsSlowWithItsHead) {
  ServerOptions options;
  options.limits.head = 50ms;
  LiveServer live(routes(), options);
  RawClient client(live.port());
  client.send("GET /hel");
  EXPECT_EQ(client.read_all(), "");
}

TEST(Server, DoesNotLetSingleBytesMoveADeadline) {
  ServerOptions options;
  options.limits.head = 100ms;
  LiveServer live(routes(), options);
  RawClient client(live.port());
  client.send("GET /hello HTTP/1.1\r\nHost: a\r\nX: ");
  const auto began = std::chrono::steady_clock::now();
  while (client.send("a") && std::chrono::steady_clock::now() - began < 10s) std::this_thread::yield();
  EXPECT_LT(std::chrono::steady_clock::now() - began, 5s);
}

TEST(Server, EndsAConnectionThatIsSlowWithItsBody) {
  auto router = routes();
  auto slow = open_route("POST", "/slow");
  slow.body_deadline = 50ms;
  router.add(slow);
  LiveServer live(std::move(router));
  RawClient client(live.port());
  client.send("POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc");
  EXPECT_EQ(client.read_all(), "");
}

TEST(Server, EndsAnIdleConnection) {
  ServerOptions options;
  options.limits.idle = 50ms;
  LiveServer live(routes(), options);
  RawClient client(live.port());
  client.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(status_of(client.read_all()), 200);
}

TEST(Server, EndsAConnectionThatDoesNotRead) {
  ServerOptions options;
  options.limits.write = 100ms;
  LiveServer live(routes(), options);
  RawClient client(live.port());
  client.send("GET /for-ever HTTP/1.1\r\nHost: a\r\n\r\n");
  const auto began = std::chrono::steady_clock::now();
  while (live.counters().connections_open > 0 || live.counters().connections == 0) {
    ASSERT_LT(std::chrono::steady_clock::now() - began, 10s);
    std::this_thread::yield();
  }
}

TEST(Server, EndsAConnectionAfterSoManyRequests) {
  ServerOptions options;
  options.limits.requests_per_connection = 2;
  LiveServer live(routes(), options);
  RawClient client(live.port());
  client.send(
      "GET /hello HTTP/1.1\r\nHost: a\r\n\r\nGET /hello HTTP/1.1\r\nHost: a\r\n\r\nGET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
  const auto answer = client.read_all();
  const auto second = answer.find("HTTP/1.1 200", 1);
  ASSERT_NE(second, std::string::npos);
  EXPECT_NE(answer.find("Connection: close\r\n", second), std::string::npos);
  EXPECT_EQ(answer.find("HTTP/1.1 200", second + 1), std::string::npos);
}

TEST(Server, RefusesTheNewestConnectionOfAnAddressThatHasTooMany) {
  ServerOptions options;
  options.limits.connections_per_address = 2;
  LiveServer live(routes(), options);
  RawClient one(live.port());
  RawClient two(live.port());
  for (auto* client : {&one, &two}) {
    client->send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(status_of(client->read_until("\r\n\r\n")), 200);
  }
  RawClient three(live.port());
  EXPECT_EQ(three.read_all(), "");
  EXPECT_EQ(live.counters().connections_refused, 1U);
}

TEST(Server, FinishesTheRequestInHandWhenItDrains) {
  std::promise<void> entered;
  std::promise<void> released;
  auto gate = released.get_future().share();
  WorkThread thread("test");
  auto router = routes();
  auto waiting = open_route("GET", "/waits");
  waiting.handle = [&](Request) -> asio::awaitable<Response> {
    auto work = [&] {
      entered.set_value();
      gate.wait();
    };
    co_await on(thread, work);
    co_return Response{.body = "done"};
  };
  router.add(waiting);
  LiveServer live(std::move(router));
  RawClient idle(live.port());
  idle.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(status_of(idle.read_until("\r\n\r\n")), 200);
  RawClient busy(live.port());
  busy.send("GET /waits HTTP/1.1\r\nHost: a\r\n\r\n");
  entered.get_future().wait();
  auto drained = std::async(std::launch::async, [&] { live.drain(20s); });
  EXPECT_EQ(idle.read_all(), "GET /hello 0");
  released.set_value();
  const auto answer = busy.read_all();
  EXPECT_EQ(body_of(answer), "done");
  EXPECT_NE(answer.find("Connection: close\r\n"), std::string::npos);
  drained.get();
  EXPECT_THROW(RawClient(live.port()), std::runtime_error);
}

}  // namespace
}  // namespace sluice::http
