#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string_view>

namespace boost::asio::ssl {
class context;
}

namespace sluice::http {

/// A connected socket, plain or with TLS on it, that is dropped when its deadline passes.
class Channel {
 public:
  virtual ~Channel() = default;

  /// Moves the deadline to `limit` from now. When it passes, the socket is closed and every wait here ends.
  virtual void limit(std::chrono::milliseconds limit) = 0;
  virtual boost::asio::awaitable<bool> handshake() = 0;
  /// How many bytes came; 0 = no more will, for whatever reason.
  virtual boost::asio::awaitable<std::size_t> read(char* into, std::size_t size) = 0;
  virtual boost::asio::awaitable<bool> write(std::string_view first, std::string_view second = {}) = 0;
  /// Says that nothing more will be written. The peer may still be writing.
  virtual boost::asio::awaitable<void> finish() = 0;
  virtual void drop() = 0;
};

std::unique_ptr<Channel> plain_channel(boost::asio::ip::tcp::socket socket);
/// Keeps `context` for as long as it lives, so that another one may take over for new connections.
std::unique_ptr<Channel> tls_channel(boost::asio::ip::tcp::socket socket, std::shared_ptr<boost::asio::ssl::context> context);

}  // namespace sluice::http
