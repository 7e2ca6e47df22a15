#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "server/http/limits.hpp"
#include "server/http/router.hpp"
#include "server/http/tls.hpp"

namespace sluice::http {

struct ServerOptions {
  std::string address = "127.0.0.1";  ///< "127.0.0.1", "::", "0.0.0.0"
  std::uint16_t port = 8080;          ///< 0: any free one, see Server::port.
  int inherited_socket = -1;          ///< A listening socket from the service manager; then address and port are not used.
  std::optional<TlsIdentity> tls = std::nullopt;
  std::vector<std::string> trusted_proxies = {};
  Limits limits = {};
};

/// What a server did since it started, for /metrics.
struct ServerCounters {
  std::uint64_t connections = 0;
  std::uint64_t connections_refused = 0;
  std::uint64_t requests = 0;
  std::uint64_t answers_2xx = 0;
  std::uint64_t answers_4xx = 0;
  std::uint64_t answers_5xx = 0;
  std::size_t connections_open = 0;
  std::size_t body_bytes_in_flight = 0;
};

/// Listens, and serves each connection in a task of its own. All of it on the executor's one thread.
class Server {
 public:
  Server(boost::asio::any_io_executor executor, Router router, ServerOptions options);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Checks routes, certificate and proxies, and binds. Clients that connect from now on wait for `start`.
  Result<> open();
  void start();
  std::uint16_t port() const;

  /// New connections get this identity; those that are open keep theirs. On an Error the old one stays.
  Result<> replace_identity(const TlsIdentity& identity);

  /// Takes no new connection, lets requests in hand finish, and after `limit` drops the rest.
  boost::asio::awaitable<void> drain(std::chrono::milliseconds limit);

  ServerCounters counters() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

/// The listening sockets that the service manager has passed (LISTEN_PID and LISTEN_FDS), made close-on-exec. Clears the
/// variables, so that a child does not take them for its own.
std::vector<int> inherited_sockets();

}  // namespace sluice::http
