#include "server/http/channel.hpp"

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

namespace sluice::http {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

/// What both kinds share: the deadline and plain reads and writes on a stream.
template <class Stream>
class StreamChannel : public Channel {
 public:
  template <class... Args>
  explicit StreamChannel(Args&&... args) : stream_(std::forward<Args>(args)...), deadline_(stream_.get_executor()) {}
  ~StreamChannel() override {
    deadline_.cancel();
    *alive_ = false;
  }

  void limit(std::chrono::milliseconds limit) override {
    deadline_.expires_after(limit);
    deadline_.async_wait([this, alive = alive_](const boost::system::error_code& error) {
      if (!error && *alive && deadline_.expiry() <= asio::steady_timer::clock_type::now()) drop();
    });
  }
  asio::awaitable<std::size_t> read(char* into, std::size_t size) override {
    auto [error, count] = co_await stream_.async_read_some(asio::buffer(into, size), as_result);
    co_return error ? 0 : count;
  }
  asio::awaitable<bool> write(std::string_view first, std::string_view second) override {
    const std::array<asio::const_buffer, 2> both = {asio::buffer(first), asio::buffer(second)};
    auto [error, count] = co_await asio::async_write(stream_, both, as_result);
    co_return !error;
  }
  void drop() override {
    boost::system::error_code ignored;
    stream_.lowest_layer().close(ignored);
  }

 protected:
  void finish_socket() {
    boost::system::error_code ignored;
    stream_.lowest_layer().shutdown(tcp::socket::shutdown_send, ignored);
  }
  Stream stream_;

 private:
  asio::steady_timer deadline_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

class PlainChannel final : public StreamChannel<tcp::socket> {
 public:
  using StreamChannel::StreamChannel;
  asio::awaitable<bool> handshake() override { co_return true; }
  asio::awaitable<void> finish() override {
    finish_socket();
    co_return;
  }
};

struct HasContext {
  std::shared_ptr<asio::ssl::context> context;
};

class TlsChannel final : private HasContext, public StreamChannel<asio::ssl::stream<tcp::socket>> {
 public:
  TlsChannel(tcp::socket socket, std::shared_ptr<asio::ssl::context> with)
      : HasContext{std::move(with)}, StreamChannel(std::move(socket), *context) {}
  asio::awaitable<bool> handshake() override {
    auto [error] = co_await stream_.async_handshake(asio::ssl::stream_base::server, as_result);
    co_return !error;
  }
  asio::awaitable<void> finish() override {
    co_await stream_.async_shutdown(as_result);
    finish_socket();
  }
};

}  // namespace

std::unique_ptr<Channel> plain_channel(tcp::socket socket) { return std::make_unique<PlainChannel>(std::move(socket)); }

std::unique_ptr<Channel> tls_channel(tcp::socket socket, std::shared_ptr<asio::ssl::context> context) {
  return std::make_unique<TlsChannel>(std::move(socket), std::move(context));
}

}  // namespace sluice::http
