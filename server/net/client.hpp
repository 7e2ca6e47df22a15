#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "server/net/tls.hpp"

namespace sluice::net {

struct Header {
  std::string name{};
  std::string value{};
  bool operator==(const Header&) const = default;
};

struct Request {
  std::string method = "GET";
  std::string url{};              ///< absolute
  std::vector<Header> headers{};  ///< Host, Content-Length, Connection and User-Agent are ours
  std::string body{};
  /// Whether it may be sent again on a fresh connection when a pooled one turns out to be dead. Always so for GET and HEAD.
  bool repeatable = false;
};

struct Response {
  int status = 0;
  std::vector<Header> headers;
  std::string body{};

  /// The first value of that name in any case of letters; empty without one.
  std::string_view header(std::string_view name) const;
};

struct Limits {
  std::chrono::milliseconds connect{10'000};  ///< name, TCP and TLS together
  std::chrono::milliseconds total{30'000};    ///< from the call to the last byte; zero: none (a watch)
  std::chrono::milliseconds idle{0};          ///< between two pieces of the body; zero: none
  std::size_t header_bytes = 64 * 1024;
  std::size_t body_bytes = 64 * 1024 * 1024;
};

/// Takes the body piece by piece; an Error from it ends the exchange and is what the caller gets.
using BodySink = std::function<Result<>(std::string_view piece)>;

struct ClientOptions {
  Tls tls;
  bool plain_http = false;  ///< whether http:// may be spoken at all
  /// Asked for each resolved address before connecting to it; none: any address will do. The reason goes into the error.
  std::function<Result<>(const std::string& host, const std::string& address, std::uint16_t port)> may_connect;
  std::string user_agent = "sluice";
};

/// Sends requests and keeps connections for the next ones (at most 60 s, at most 16 idle a host).
/// One thread: that of its executor.
class Client {
 public:
  /// Errors: invalid, when a certificate or key cannot be read.
  static Result<std::unique_ptr<Client>> make(boost::asio::any_io_executor executor, ClientOptions options);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// The answer, whatever its status. Errors: see net.hpp; their texts name host and port, never path, header or body.
  boost::asio::awaitable<Result<Response>> send(Request request, Limits limits);
  /// The same with the body of a 2xx answer given to `sink`; any other answer's body is kept, up to 64 KiB of it.
  boost::asio::awaitable<Result<Response>> send(Request request, Limits limits, BodySink sink);

  void close_idle();

 private:
  struct Pool;
  Client(boost::asio::any_io_executor executor, ClientOptions options, SslContext context);
  std::unique_ptr<Pool> pool_;
};

/// A Client for code that may block its thread (the command line, a template's `lookup`). One thread at a time.
class BlockingClient {
 public:
  static Result<BlockingClient> make(ClientOptions options);
  ~BlockingClient();
  BlockingClient(BlockingClient&&) noexcept;
  BlockingClient& operator=(BlockingClient&&) noexcept;

  Result<Response> send(Request request, Limits limits);
  Result<Response> send(Request request, Limits limits, BodySink sink);

 private:
  struct State;
  explicit BlockingClient(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace sluice::net
