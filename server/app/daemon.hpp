#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <memory>

#include "core/base/result.hpp"
#include "server/base/exit_code.hpp"
#include "server/config/config.hpp"

namespace sluice::store {
class Store;
}

namespace sluice::app {

/// All of the daemon put together: store, worker, webhook, API, page, listener, in the order in which they need each other.
class Daemon {
 public:
  struct Options {
    int inherited_socket = -1;  ///< from the service manager
  };

  /// Opens the store (which migrates and recovers) and binds the port. Errors: see Failure for the exit code they mean.
  static Result<std::unique_ptr<Daemon>> open(boost::asio::io_context& io, config::Config config, Options options);
  ~Daemon();
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  /// Begins to serve and to work.
  void start();
  /// Puts another configuration in force. On an Error the old one stays, wholly.
  Result<> reload(config::Config config);
  /// Takes no new work, finishes what is in hand, hands the rest back.
  boost::asio::awaitable<void> drain();

  std::uint16_t port() const;
  store::Store& store();
  const config::Config& config() const;

 private:
  struct State;
  explicit Daemon(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

struct ServeOptions {
  std::string config_file;
  bool allow_root = false;
  bool debug = false;  ///< logs also each exchange with the outside
};

/// `sluice serve`: runs until SIGTERM or SIGINT; SIGHUP reloads. Returns the exit code.
int serve(const ServeOptions& options);

/// Host and port of "ADDRESS:PORT" ("[::]:8443").
Result<std::pair<std::string, std::uint16_t>> split_address(const std::string& text);

}  // namespace sluice::app
