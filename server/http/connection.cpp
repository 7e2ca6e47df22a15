#include "server/http/connection.hpp"

#include <array>
#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>
#include <cstdio>
#include <ctime>
#include <utility>

#include "server/base/log.hpp"
#include "server/base/random.hpp"
#include "server/http/channel.hpp"
#include "server/http/parser.hpp"
#include "server/http/problem.hpp"

namespace sluice::http {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

namespace {

const Logger log{"http"};

constexpr std::size_t read_size = 64 * 1024;
constexpr std::size_t small_read_size = 4 * 1024;
constexpr std::size_t discarded_after_refusal = 4 * 1024 * 1024;

std::string new_request_id() {
  static const std::string process = random_hex(4);
  static std::uint64_t count = 0;
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%s-%06llx", process.c_str(), static_cast<unsigned long long>(++count));
  return text.data();
}

/// "Date: ...\r\n", made anew each second.
const std::string& date_field() {
  static std::time_t made = 0;
  static std::string field;
  const std::time_t now = std::time(nullptr);
  if (now != made) {
    std::tm parts{};
    gmtime_r(&now, &parts);
    std::array<char, 64> text{};
    std::strftime(text.data(), text.size(), "Date: %a, %d %b %Y %H:%M:%S GMT\r\n", &parts);
    field = text.data();
    made = now;
  }
  return field;
}

bool has_field(const Response& response, std::string_view name) {
  for (const auto& field : response.fields)
    if (same_name(field.name, name)) return true;
  return false;
}

Response refusal_answer(const Refusal& refusal) {
  Response response = problem({.status = refusal.status, .code = refusal.code, .message = std::string(refusal.message)});
  response.close = true;
  return response;
}

Response overloaded() {
  Response response = problem({.status = 503,
                               .code = "overloaded",
                               .message = "too many bodies are being read",
                               .retry_after = std::chrono::seconds(10)});
  response.close = true;
  return response;
}

Response body_too_large() {
  Response response = problem({.status = 413, .code = "body-too-large", .message = "the body is larger than this path takes"});
  response.close = true;
  return response;
}

/// Keeps the bytes of one body counted while they are held.
class BodyBudget {
 public:
  BodyBudget(std::size_t& in_flight, std::size_t limit) : in_flight_(in_flight), limit_(limit) {}
  ~BodyBudget() { in_flight_ -= held_; }
  BodyBudget(const BodyBudget&) = delete;
  BodyBudget& operator=(const BodyBudget&) = delete;
  bool take(std::size_t bytes) {
    if (in_flight_ + bytes > limit_) return false;
    in_flight_ += bytes;
    held_ += bytes;
    return true;
  }

 private:
  std::size_t& in_flight_;
  std::size_t limit_;
  std::size_t held_ = 0;
};

class Connection {
 public:
  Connection(Shared& shared, Channel& channel, std::string peer)
      : shared_(shared), limits_(shared.limits), channel_(channel), peer_(std::move(peer)), born_(Clock::now()) {}

  asio::awaitable<void> run() {
    channel_.limit(limits_.handshake);
    const bool ready = co_await channel_.handshake();
    if (!ready) co_return;
    while (!gone_ && !last_) co_await serve_one();
    if (!gone_) co_await close();
  }

 private:
  friend class Stream;

  bool is_old() const { return Clock::now() - born_ >= limits_.connection_age; }

  asio::awaitable<void> serve_one();
  asio::awaitable<std::size_t> read_head(std::optional<Refusal>& refusal);
  asio::awaitable<std::optional<Response>> read_body(Parser& parser, const Route& route, Request& request, BodyBudget& budget);
  asio::awaitable<Response> answer(Parser& parser, Request request, bool& body_left);
  asio::awaitable<void> write(const Response& response, bool head_only, bool old_version);
  asio::awaitable<void> close();
  asio::awaitable<bool> read_more(std::size_t size);
  std::string head_of(const Response& response, bool old_version) const;
  void note_client(Request& request) const;

  Shared& shared_;
  const Limits& limits_;
  Channel& channel_;
  std::string peer_;
  Clock::time_point born_;
  std::string buffer_;  // what has been read and not yet used
  std::size_t requests_ = 0;
  bool gone_ = false;    // the socket is of no more use
  bool last_ = false;    // the answer just written was the last
  bool linger_ = false;  // the peer may still be sending a body that nobody reads
};

/// A body of unknown length on its way out.
class Stream final : public BodyStream {
 public:
  Stream(Connection& connection, bool chunked) : connection_(connection), chunked_(chunked) {}

  asio::awaitable<Result<>> write(std::string_view bytes) override {
    if (!is_wanted()) co_return Error{Errc::cancelled, "the client has gone"};
    if (bytes.empty()) co_return Result<>();
    std::array<char, 24> size{};
    std::string framed;
    if (chunked_) {
      std::snprintf(size.data(), size.size(), "%zx\r\n", bytes.size());
      framed.append(size.data()).append(bytes).append("\r\n");
    }
    connection_.channel_.limit(connection_.limits_.write);
    const bool written = co_await connection_.channel_.write(chunked_ ? std::string_view(framed) : bytes);
    if (!written) connection_.gone_ = true;
    if (!written) co_return Error{Errc::cancelled, "the client has gone"};
    connection_.channel_.limit(connection_.limits_.connection_age);
    co_return Result<>();
  }
  bool is_wanted() const override { return !connection_.gone_ && !connection_.shared_.draining && !connection_.is_old(); }

 private:
  Connection& connection_;
  bool chunked_;
};

asio::awaitable<bool> Connection::read_more(std::size_t size) {
  const std::size_t before = buffer_.size();
  buffer_.resize(before + size);
  const std::size_t count = co_await channel_.read(buffer_.data() + before, size);
  buffer_.resize(before + count);
  if (count == 0) gone_ = true;
  co_return count > 0;
}

/// Reads up to the empty line; gives the head's size, 0 with a refusal or when the peer has gone.
asio::awaitable<std::size_t> Connection::read_head(std::optional<Refusal>& refusal) {
  const bool fresh = requests_ == 0;
  bool waiting = buffer_.empty();
  channel_.limit(waiting && !fresh ? limits_.idle : limits_.head);
  std::size_t seen = 0;
  while (true) {
    const auto end = buffer_.find("\r\n\r\n", seen < 3 ? 0 : seen - 3);
    const std::size_t size = end == std::string::npos ? buffer_.size() : end + 4;
    if (size > limits_.head_bytes) {
      refusal = buffer_.find("\r\n") > limits_.head_bytes
                    ? Refusal{414, "target-too-long", "the request target is too long"}
                    : Refusal{431, "header-too-large", "the header is larger than this server takes"};
      co_return 0;
    }
    if (end != std::string::npos) co_return size;
    refusal = check_bytes(buffer_, seen == 0 ? 0 : seen - 1);
    if (refusal) co_return 0;
    seen = buffer_.size();
    if (waiting && !fresh) {
      const auto listed = shared_.idle.insert(shared_.idle.end(), &channel_);
      const bool came = co_await read_more(small_read_size);
      shared_.idle.erase(listed);
      if (!came) co_return 0;
      channel_.limit(limits_.head);
    } else {
      const bool came = co_await read_more(small_read_size);
      if (!came) co_return 0;
    }
    waiting = false;
  }
}

void Connection::note_client(Request& request) const {
  request.peer = peer_;
  request.secure = shared_.tls;
  if (!shared_.proxies.contains(peer_)) return;
  request.peer = shared_.proxies.client(peer_, request.field("X-Forwarded-For").value_or(""));
  if (const auto scheme = request.field("X-Forwarded-Proto")) request.secure = *scheme == "https";
}

asio::awaitable<void> Connection::serve_one() {
  std::optional<Refusal> refusal;
  const std::size_t head_size = co_await read_head(refusal);
  if (gone_) co_return;
  ++requests_;
  ++shared_.counters.requests;

  Parser parser;
  Request request;
  if (!refusal) refusal = parser.read_head(std::string_view(buffer_).substr(0, head_size), limits_, request);
  if (refusal) {
    linger_ = true;
    last_ = true;
    co_await write(refusal_answer(*refusal), request.method == "HEAD", false);
    co_return;
  }
  buffer_.erase(0, head_size);
  request.id = new_request_id();
  note_client(request);

  const bool head_only = request.method == "HEAD";
  const auto began = Clock::now();
  const std::string id = request.id;
  const std::string method = request.method;
  const std::string path = request.path;
  const std::string peer = request.peer;
  bool body_left = !parser.is_done();
  Response response = co_await answer(parser, std::move(request), body_left);
  if (gone_) co_return;
  linger_ = body_left;
  last_ = body_left || response.close || !parser.keeps_alive() || requests_ >= limits_.requests_per_connection || is_old() ||
          shared_.draining;
  const int status = response.status;
  co_await write(response, head_only, parser.is_http_1_0());
  log.debug("request answered id={} method={} path={} status={} peer={} took={}", id, method, path, status, peer,
            Clock::now() - began);
}

/// Everything between an accepted head and an answer to it. `body_left` stays true while there are body bytes unread.
asio::awaitable<Response> Connection::answer(Parser& parser, Request request, bool& body_left) {
  auto match = shared_.router.match(request.method, request.path);
  if (match.route == nullptr && match.allowed.empty())
    co_return problem({.status = 404, .code = "not-found", .message = "there is nothing at this path"});
  if (match.route == nullptr) {
    Response response = problem({.status = 405, .code = "method-not-allowed", .message = "this path does not take this method"});
    response.fields.push_back({"Allow", match.allowed});
    co_return response;
  }
  const Route& route = *match.route;
  request.captures = std::move(match.captures);
  if (parser.framing().kind == Framing::Kind::length && parser.framing().length > route.body_limit) co_return body_too_large();
  if (const auto expect = request.field("Expect"); expect && !same_name(*expect, "100-continue"))
    co_return problem({.status = 417, .code = "expectation-failed", .message = "the only expectation known is 100-continue"});

  const std::string id = request.id;
  std::exception_ptr thrown;
  try {
    if (route.access != Access::open && route.access != Access::signed_body) {
      channel_.limit(limits_.connection_age);
      std::optional<Response> refused = co_await shared_.router.guard()(request, route);
      if (refused) co_return std::move(*refused);
    }
    if (route.before_body) {
      std::optional<Response> refused = route.before_body(request);
      if (refused) co_return std::move(*refused);
    }
    BodyBudget budget(shared_.counters.body_bytes_in_flight, limits_.bodies_in_flight);
    if (body_left) {
      std::optional<Response> refused = co_await read_body(parser, route, request, budget);
      if (refused) co_return std::move(*refused);
      body_left = false;
    }
    channel_.limit(limits_.connection_age);
    co_return co_await route.handle(std::move(request));
  } catch (const boost::system::system_error& error) {
    if (error.code() == asio::error::operation_aborted) throw;
    log.error("request failed id={} route={} error={}", id, route.pattern, error.code().message());
  } catch (const std::exception& error) {
    log.error("request failed id={} route={} error={}", id, route.pattern, error.what());
  }
  co_return problem({.status = 500,
                     .code = "internal",
                     .message = "something went wrong here; the log has the reason under this request id",
                     .request_id = id});
}

asio::awaitable<std::optional<Response>> Connection::read_body(Parser& parser, const Route& route, Request& request,
                                                               BodyBudget& budget) {
  channel_.limit(route.body_deadline);
  if (request.field("Expect") && buffer_.empty()) {
    const bool written = co_await channel_.write("HTTP/1.1 100 Continue\r\n\r\n");
    if (!written) gone_ = true;
  }
  bool too_large = false;
  bool too_much = false;
  const std::function<void(std::string_view)> piece = [&](std::string_view bytes) {
    too_large = too_large || request.body.size() + bytes.size() > route.body_limit;
    too_much = too_much || !budget.take(bytes.size());
    if (too_large || too_much) return;
    request.body.append(bytes);
    if (request.hook) request.hook->piece(bytes);
  };
  if (parser.framing().kind == Framing::Kind::length) request.body.reserve(std::min(parser.framing().length, read_size));
  while (!gone_ && !parser.is_done()) {
    if (!buffer_.empty()) {
      auto taken = parser.read_body(buffer_, piece);
      if (taken.refusal) co_return refusal_answer(*taken.refusal);
      if (too_large) co_return body_too_large();
      if (too_much) co_return overloaded();
      buffer_.erase(0, taken.bytes);
    }
    if (!parser.is_done()) co_await read_more(read_size);
  }
  co_return std::nullopt;
}

std::string Connection::head_of(const Response& response, bool old_version) const {
  std::string head = "HTTP/1.1 " + std::to_string(response.status) + " ";
  head.append(reason_phrase(response.status)).append("\r\n").append(date_field());
  auto add = [&head](std::string_view name, std::string_view value) {
    head.append(name).append(": ").append(value).append("\r\n");
  };
  if (!response.content_type.empty()) add("Content-Type", response.content_type);
  if (response.stream && !old_version) add("Transfer-Encoding", "chunked");
  if (!response.stream && response.status != 204 && response.status != 304)
    add("Content-Length", std::to_string(response.body.size()));
  if (last_ || (response.stream && old_version)) add("Connection", "close");
  for (const auto& field : response.fields) add(field.name, field.value);
  if (!has_field(response, "Cache-Control")) add("Cache-Control", "no-store");
  add("X-Content-Type-Options", "nosniff");
  add("Referrer-Policy", "no-referrer");
  add("Cross-Origin-Opener-Policy", "same-origin");
  add("Cross-Origin-Resource-Policy", "same-origin");
  if (!has_field(response, "Content-Security-Policy"))
    add("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'");
  if (shared_.tls) add("Strict-Transport-Security", "max-age=31536000");
  head.append("\r\n");
  return head;
}

asio::awaitable<void> Connection::write(const Response& response, bool head_only, bool old_version) {
  auto& counters = shared_.counters;
  if (response.status >= 500) ++counters.answers_5xx;
  if (response.status >= 400 && response.status < 500) ++counters.answers_4xx;
  if (response.status < 300) ++counters.answers_2xx;

  if (response.stream && old_version) last_ = true;
  const std::string head = head_of(response, old_version);
  channel_.limit(limits_.write);
  const bool bodiless = head_only || response.stream || response.status == 204 || response.status == 304;
  const std::string_view body = bodiless ? std::string_view() : std::string_view(response.body);
  bool written = co_await channel_.write(head, body);
  if (written && response.stream && !head_only) {
    Stream stream(*this, !old_version);
    channel_.limit(limits_.connection_age);
    co_await response.stream(stream);
    written = !gone_;
    if (written && !old_version) {
      channel_.limit(limits_.write);
      written = co_await channel_.write("0\r\n\r\n");
    }
    if (shared_.draining || is_old()) last_ = true;
  }
  if (written && response.sent) response.sent();
  if (!written) gone_ = true;
}

/// Says goodbye. When body bytes are still coming they are read and thrown away for a moment: closing over unread bytes
/// resets the connection, and the peer could lose the answer that says why.
asio::awaitable<void> Connection::close() {
  channel_.limit(limits_.closing);
  if (linger_) {
    buffer_.clear();
    std::size_t discarded = 0;
    bool came = true;
    // A peer that waits for our end of the connection gets it first where the protocol allows half of one.
    if (!shared_.tls) co_await channel_.finish();
    while (came && discarded < discarded_after_refusal) {
      buffer_.clear();
      came = co_await read_more(read_size);
      discarded += buffer_.size();
    }
    gone_ = false;
    if (!shared_.tls) co_return;
  }
  co_await channel_.finish();
}

}  // namespace

asio::awaitable<void> serve_connection(std::shared_ptr<Shared> shared, std::unique_ptr<Channel> channel, std::string peer) {
  Connection connection(*shared, *channel, std::move(peer));
  co_await connection.run();
}

}  // namespace sluice::http
