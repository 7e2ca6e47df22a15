#include "server/net/client.hpp"

#include <netinet/tcp.h>

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <exception>
#include <map>
#include <optional>

#include "server/net/url.hpp"

namespace sluice::net {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using tcp = asio::ip::tcp;
using boost::system::error_code;
using std::chrono::steady_clock;

namespace {

constexpr auto as_pair = asio::as_tuple(asio::use_awaitable);
constexpr auto max_idle_age = std::chrono::seconds(60);
constexpr std::size_t max_idle_per_host = 16;
constexpr std::size_t read_at_once = 16 * 1024;  // Beast begins with 512 bytes a read
constexpr std::size_t kept_of_refusal = 64 * 1024;
constexpr auto no_deadline = steady_clock::time_point::max();

/// Serves plain connections too: they use only the TCP stream inside.
struct Connection {
  Connection(const asio::any_io_executor& executor, asio::ssl::context& context, std::string where)
      : stream(beast::tcp_stream(executor), context), origin(std::move(where)) {
    buffer.reserve(read_at_once);
  }
  /// Without this OpenSSL holds the session for broken and will not resume it.
  ~Connection() { SSL_set_shutdown(stream.native_handle(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  beast::tcp_stream& lowest() { return stream.next_layer(); }

  beast::ssl_stream<beast::tcp_stream> stream;
  beast::flat_buffer buffer;
  std::string origin;
  steady_clock::time_point last_used{};
};

struct Deadlines {
  steady_clock::time_point total;
  std::chrono::milliseconds idle;
  Limits limits;

  steady_clock::time_point next() const {
    if (idle.count() == 0) return total;
    return std::min(total, steady_clock::now() + idle);
  }
};

std::string seconds_text(std::chrono::milliseconds span) {
  if (span.count() % 1000 == 0) return std::to_string(span.count() / 1000) + " s";
  return std::to_string(span.count()) + " ms";
}

/// What a failed operation means for the caller. `limit` is the deadline it ran under.
Error explain(const std::string& doing, error_code failed, std::chrono::milliseconds limit) {
  if (failed == beast::error::timeout) return {Errc::timeout, doing + ": no answer in " + seconds_text(limit)};
  if (failed == asio::error::operation_aborted) return {Errc::cancelled, doing + ": cancelled"};
  if (failed == http::error::header_limit) return {Errc::invalid, doing + ": the header of the answer is too large"};
  if (failed == http::error::end_of_stream || failed == http::error::partial_message || failed == asio::error::eof ||
      failed == asio::ssl::error::stream_truncated)
    return {Errc::unavailable, doing + ": the connection was closed before the answer was complete"};
  static const auto& http_errors = http::make_error_code(http::error::bad_version).category();
  if (failed.category() == http_errors) return {Errc::invalid, doing + ": the answer is not HTTP: " + failed.message()};
  return {Errc::unavailable, doing + ": " + failed.message()};
}

bool is_safe(std::string_view method) { return method == "GET" || method == "HEAD"; }

http::request<http::string_body> to_beast(Request request, const Url& url, const std::string& user_agent) {
  http::request<http::string_body> out;
  out.version(11);
  out.method_string(request.method);
  out.target(url.target);
  out.set(http::field::host, url.authority());
  out.set(http::field::user_agent, user_agent);
  for (const auto& [name, value] : request.headers) out.insert(name, value);
  const bool sends_body = !request.body.empty() || !is_safe(request.method);
  out.body() = std::move(request.body);
  if (sends_body) out.prepare_payload();
  return out;
}

void fill_head(const http::response<http::buffer_body>& from, Response& to) {
  to.status = static_cast<int>(from.result_int());
  for (const auto& field : from) to.headers.push_back({std::string(field.name_string()), std::string(field.value())});
}

/// Turns pieces of a body into what the caller asked for, inside the caps.
struct Collector {
  Response& response;
  const BodySink& sink;
  const Limits& limits;
  std::size_t seen = 0;

  Result<> add(std::string_view piece) {
    seen += piece.size();
    const bool good = response.status >= 200 && response.status < 300;
    if (good && sink) return seen > limits.body_bytes ? too_large() : sink(piece);
    if (sink) {
      response.body.append(piece.substr(0, kept_of_refusal - std::min(kept_of_refusal, response.body.size())));
      return seen > limits.body_bytes ? too_large() : Result<>();
    }
    if (seen > limits.body_bytes) return too_large();
    response.body.append(piece);
    return {};
  }
  Result<> too_large() const {
    return Error{Errc::invalid, "the answer is larger than " + std::to_string(limits.body_bytes) + " bytes"};
  }
};

/// What one exchange left behind besides its Response.
struct Trace {
  bool any_byte = false;    ///< of an answer was received
  bool keep_alive = false;  ///< the connection can serve another request
};

/// Writes the request and reads the answer. `stream` is `connection`'s TLS stream or the TCP stream inside it.
template <class Stream>
asio::awaitable<Result<Response>> exchange(Stream& stream, Connection& connection,
                                           const http::request<http::string_body>& request, const Deadlines& deadlines,
                                           const BodySink& sink, Trace& trace) {
  const std::string doing = "asking " + connection.origin;
  auto& lowest = connection.lowest();
  lowest.expires_at(deadlines.total);
  auto [write_failed, written] = co_await http::async_write(stream, request, as_pair);
  if (write_failed) co_return explain(doing, write_failed, deadlines.limits.total);

  std::optional<http::response_parser<http::buffer_body>> parser;
  const auto prepare = [&] {
    parser.emplace();
    parser->header_limit(static_cast<std::uint32_t>(deadlines.limits.header_bytes));
    parser->body_limit(boost::none);
    if (request.method() == http::verb::head) parser->skip(true);
  };
  prepare();
  for (;;) {
    lowest.expires_at(deadlines.total);
    auto [read_failed, read] = co_await http::async_read_header(stream, connection.buffer, *parser, as_pair);
    trace.any_byte = trace.any_byte || read > 0;
    if (read_failed) co_return explain(doing, read_failed, deadlines.limits.total);
    if (parser->get().result_int() >= 200) break;
    prepare();  // a 1xx answer announces another
  }

  Response response;
  fill_head(parser->get(), response);
  Collector collector{response, sink, deadlines.limits};
  std::array<char, 16 * 1024> piece;
  while (!parser->is_done()) {
    parser->get().body().data = piece.data();
    parser->get().body().size = piece.size();
    parser->get().body().more = true;
    lowest.expires_at(deadlines.next());
    auto [read_failed, read] = co_await http::async_read_some(stream, connection.buffer, *parser, as_pair);
    if (read_failed && read_failed != http::error::need_buffer) {
      const bool was_idle = deadlines.idle.count() > 0 && steady_clock::now() < deadlines.total;
      co_return explain(doing, read_failed, was_idle ? deadlines.idle : deadlines.limits.total);
    }
    const auto used = piece.size() - parser->get().body().size;
    if (used == 0) continue;
    if (auto added = collector.add({piece.data(), used}); !added) co_return std::move(added).error().during(doing);
  }
  trace.keep_alive = parser->get().keep_alive();
  co_return response;
}

/// Half-open connections die in about 30 s instead of a quarter of an hour.
void keep_watch(tcp::socket& socket) {
  error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  socket.set_option(asio::socket_base::keep_alive(true), ignored);
  const int fd = socket.native_handle();
  const auto set = [fd](int option, int value) { ::setsockopt(fd, IPPROTO_TCP, option, &value, sizeof value); };
  set(TCP_KEEPIDLE, 15);
  set(TCP_KEEPINTVL, 5);
  set(TCP_KEEPCNT, 3);
  set(TCP_USER_TIMEOUT, 30'000);
}

/// Whether nothing is waiting to be read: on an idle connection that would be its end.
bool is_quiet(tcp::socket& socket) {
  char byte = 0;
  const auto got = ::recv(socket.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

asio::awaitable<void> keep(asio::awaitable<Result<Response>> sending, std::optional<Result<Response>>& out) {
  out.emplace(co_await std::move(sending));
}

}  // namespace

struct Client::Pool {
  Pool(asio::any_io_executor where, ClientOptions given, SslContext ssl)
      : executor(std::move(where)), options(std::move(given)), context(ssl.release()) {}

  asio::any_io_executor executor;
  ClientOptions options;
  asio::ssl::context context;
  std::map<std::string, SslSession> sessions;  // by origin
  std::map<std::string, std::vector<std::unique_ptr<Connection>>, std::less<>> idle;

  std::unique_ptr<Connection> take(const std::string& origin);
  void give_back(std::unique_ptr<Connection> connection);
  asio::awaitable<Result<std::vector<tcp::endpoint>>> resolve(const Url& url, const Limits& limits);
  asio::awaitable<Result<std::unique_ptr<Connection>>> connect(const Url& url, const Limits& limits,
                                                               steady_clock::time_point end);
  asio::awaitable<Result<>> shake_hands(Connection& connection, const Url& url, const Limits& limits,
                                        steady_clock::time_point end);
  asio::awaitable<Result<Response>> send(Request request, Limits limits, BodySink sink);
};

std::unique_ptr<Connection> Client::Pool::take(const std::string& origin) {
  const auto found = idle.find(origin);
  if (found == idle.end()) return nullptr;
  auto& waiting = found->second;
  while (!waiting.empty()) {
    auto connection = std::move(waiting.back());
    waiting.pop_back();
    const bool fresh = steady_clock::now() - connection->last_used < max_idle_age;
    if (fresh && connection->buffer.size() == 0 && is_quiet(connection->lowest().socket())) return connection;
  }
  return nullptr;
}

void Client::Pool::give_back(std::unique_ptr<Connection> connection) {
  auto& waiting = idle[connection->origin];
  if (waiting.size() >= max_idle_per_host) return;
  connection->last_used = steady_clock::now();
  connection->lowest().expires_never();
  waiting.push_back(std::move(connection));
}

asio::awaitable<Result<std::vector<tcp::endpoint>>> Client::Pool::resolve(const Url& url, const Limits& limits) {
  std::vector<tcp::endpoint> found;
  error_code not_literal;
  const auto literal = asio::ip::make_address(url.host, not_literal);
  if (!not_literal) {
    found.emplace_back(literal, url.port);
  } else {
    tcp::resolver resolver(executor);
    asio::steady_timer timer(executor, limits.connect);
    bool late = false;
    timer.async_wait([&resolver, &late](error_code stopped) {
      if (stopped) return;
      late = true;
      resolver.cancel();
    });
    const std::string service = std::to_string(url.port);
    auto [failed, results] = co_await resolver.async_resolve(url.host, service, as_pair);
    timer.cancel();
    if (late) co_return Error{Errc::timeout, "resolving " + url.host + ": no answer in " + seconds_text(limits.connect)};
    if (failed) co_return explain("resolving " + url.host, failed, limits.connect);
    for (const auto& entry : results) found.push_back(entry.endpoint());
  }
  if (options.may_connect) {
    Result<> refused;
    std::erase_if(found, [&](const tcp::endpoint& endpoint) {
      auto allowed = options.may_connect(url.host, endpoint.address().to_string(), endpoint.port());
      if (!allowed) refused = std::move(allowed);
      return !allowed;
    });
    if (found.empty() && !refused) co_return std::move(refused).error().during("connecting to " + url.authority());
  }
  co_return found;
}

asio::awaitable<Result<std::unique_ptr<Connection>>> Client::Pool::connect(const Url& url, const Limits& limits,
                                                                           steady_clock::time_point end) {
  auto endpoints = co_await resolve(url, limits);
  if (!endpoints) co_return std::move(endpoints).error();
  Error last{Errc::unavailable, "resolving " + url.host + ": no address"};
  for (std::size_t i = 0; i < endpoints->size(); ++i) {
    auto connection = std::make_unique<Connection>(executor, context, url.origin());
    // each address gets its share, so that a black-holed IPv6 does not eat what IPv4 would need
    const auto now = steady_clock::now();
    connection->lowest().expires_at(now + (end - now) / static_cast<int>(endpoints->size() - i));
    const auto endpoint = (*endpoints)[i];
    auto [failed] = co_await connection->lowest().async_connect(endpoint, as_pair);
    if (failed) {
      std::string address = endpoint.address().to_string();
      std::string where = url.authority() + (address == url.host ? "" : " (" + address + ")");
      last = explain("connecting to " + where, failed, limits.connect);
      continue;
    }
    keep_watch(connection->lowest().socket());
    if (!url.https) co_return connection;
    auto shaken = co_await shake_hands(*connection, url, limits, end);
    if (!shaken) co_return std::move(shaken).error();
    co_return connection;
  }
  co_return last;
}

asio::awaitable<Result<>> Client::Pool::shake_hands(Connection& connection, const Url& url, const Limits& limits,
                                                    steady_clock::time_point end) {
  SSL* ssl = connection.stream.native_handle();
  const std::string& name = options.tls.server_name.empty() ? url.host : options.tls.server_name;
  if (auto expected = expect_name(ssl, name); !expected) co_return std::move(expected).error();
  resume(ssl, sessions[connection.origin]);
  connection.lowest().expires_at(end);
  auto [failed] = co_await connection.stream.async_handshake(asio::ssl::stream_base::client, as_pair);
  if (!failed) co_return Result<>();
  if (const auto why = verify_failure(ssl); !why.empty())
    co_return Error{Errc::denied, "tls-verify: the certificate of " + url.authority() + " is not accepted for '" + name + "': " + why};
  co_return explain("TLS with " + url.authority(), failed, limits.connect);
}

asio::awaitable<Result<Response>> Client::Pool::send(Request request, Limits limits, BodySink sink) {
  const auto begin = steady_clock::now();
  auto url = parse_url(request.url);
  if (!url) co_return std::move(url).error();
  if (!url->https && !options.plain_http) co_return Error{Errc::denied, url->origin() + " is not https"};
  const Deadlines deadlines{limits.total.count() > 0 ? begin + limits.total : no_deadline, limits.idle, limits};
  const bool repeatable = request.repeatable || is_safe(request.method);
  const auto message = to_beast(std::move(request), *url, options.user_agent);
  auto connection = take(url->origin());
  for (bool reused = connection != nullptr;; reused = false) {
    if (!connection) {
      auto made = co_await connect(*url, limits, std::min(deadlines.total, steady_clock::now() + limits.connect));
      if (!made) co_return std::move(made).error();
      connection = std::move(*made);
    }
    Trace trace;
    std::optional<Result<Response>> response;
    if (url->https) {
      response = co_await exchange(connection->stream, *connection, message, deadlines, sink, trace);
    } else {
      response = co_await exchange(connection->lowest(), *connection, message, deadlines, sink, trace);
    }
    if (*response && trace.keep_alive) give_back(std::move(connection));
    const bool was_dead = !*response && reused && repeatable && !trace.any_byte && response->error().code == Errc::unavailable;
    if (!was_dead) co_return std::move(*response);
    connection.reset();
  }
}

std::string_view Response::header(std::string_view name) const {
  for (const auto& header : headers) {
    if (beast::iequals(header.name, name)) return header.value;
  }
  return {};
}

Client::Client(asio::any_io_executor executor, ClientOptions options, SslContext context)
    : pool_(std::make_unique<Pool>(std::move(executor), std::move(options), std::move(context))) {}

Client::~Client() = default;

Result<std::unique_ptr<Client>> Client::make(asio::any_io_executor executor, ClientOptions options) {
  auto context = make_ssl_context(options.tls);
  if (!context) return std::move(context).error();
  return std::unique_ptr<Client>(new Client(std::move(executor), std::move(options), std::move(*context)));
}

asio::awaitable<Result<Response>> Client::send(Request request, Limits limits) {
  return pool_->send(std::move(request), limits, nullptr);
}

asio::awaitable<Result<Response>> Client::send(Request request, Limits limits, BodySink sink) {
  return pool_->send(std::move(request), limits, std::move(sink));
}

void Client::close_idle() { pool_->idle.clear(); }

struct BlockingClient::State {
  asio::io_context context{1};
  std::unique_ptr<Client> client;
};

BlockingClient::BlockingClient(std::unique_ptr<State> state) : state_(std::move(state)) {}
BlockingClient::~BlockingClient() = default;
BlockingClient::BlockingClient(BlockingClient&&) noexcept = default;
BlockingClient& BlockingClient::operator=(BlockingClient&&) noexcept = default;

Result<BlockingClient> BlockingClient::make(ClientOptions options) {
  auto state = std::make_unique<State>();
  auto client = Client::make(state->context.get_executor(), std::move(options));
  if (!client) return std::move(client).error();
  state->client = std::move(*client);
  return BlockingClient(std::move(state));
}

Result<Response> BlockingClient::send(Request request, Limits limits) { return send(std::move(request), limits, nullptr); }

Result<Response> BlockingClient::send(Request request, Limits limits, BodySink sink) {
  std::optional<Result<Response>> out;
  auto sending = keep(state_->client->send(std::move(request), limits, std::move(sink)), out);
  asio::co_spawn(state_->context, std::move(sending), [](std::exception_ptr thrown) {
    if (thrown) std::rethrow_exception(thrown);
  });
  state_->context.restart();
  state_->context.run();
  return std::move(*out);
}

}  // namespace sluice::net
