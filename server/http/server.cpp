#include "server/http/server.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <charconv>
#include <cstdlib>
#include <utility>

#include "server/base/log.hpp"
#include "server/http/channel.hpp"
#include "server/http/connection.hpp"
#include "server/http/peers.hpp"
#include "server/task/task.hpp"

namespace sluice::http {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {
const Logger log{"http"};
constexpr int backlog = 4096;

void note_end(std::string_view task, std::string_view failure) {
  if (!failure.empty() && failure != "cancelled") log.error("task failed task={} error={}", task, failure);
}

Error cannot_listen(const std::string& where, const boost::system::error_code& error) {
  return {Errc::unavailable, "listening on " + where + ": " + error.message()};
}
}  // namespace

struct Server::State : std::enable_shared_from_this<Server::State> {
  State(const asio::any_io_executor& executor, Router routes, ServerOptions with)
      : options(std::move(with)), shared(std::make_shared<Shared>()), acceptor(executor), tasks(executor, note_end) {
    shared->router = std::move(routes);
    shared->limits = options.limits;
  }

  ServerOptions options;
  std::shared_ptr<Shared> shared;
  std::shared_ptr<asio::ssl::context> tls;
  PeerCounts peers;
  tcp::acceptor acceptor;
  TaskGroup tasks;

  struct Seat;

  Result<> listen();
  asio::awaitable<void> accept_all();
  void welcome(tcp::socket socket);
};

Result<> Server::State::listen() {
  boost::system::error_code error;
  if (options.inherited_socket >= 0) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    const bool v6 =
        getsockname(options.inherited_socket, reinterpret_cast<sockaddr*>(&address), &size) == 0 && address.ss_family == AF_INET6;
    acceptor.assign(v6 ? tcp::v6() : tcp::v4(), options.inherited_socket, error);
    if (error) return cannot_listen("the inherited socket", error);
    return {};
  }
  const std::string where = options.address + ":" + std::to_string(options.port);
  const auto address = asio::ip::make_address(options.address, error);
  if (error) return Error{Errc::invalid, "listening on " + where + ": expected an IP address, found \"" + options.address + "\""};
  const tcp::endpoint endpoint(address, options.port);
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(backlog, error);
  if (error) return cannot_listen(where, error);
  fcntl(acceptor.native_handle(), F_SETFD, FD_CLOEXEC);
  return {};
}

/// A connection's place among those that are counted, from when it is accepted to its end.
struct Server::State::Seat {
  Seat(std::shared_ptr<State> of, std::string from) : state(std::move(of)), peer(std::move(from)) {}
  Seat(Seat&&) = default;
  ~Seat() {
    if (!state) return;
    state->peers.leave(peer);
    --state->shared->counters.connections_open;
  }
  std::shared_ptr<State> state;
  std::string peer;
};

void Server::State::welcome(tcp::socket socket) {
  boost::system::error_code error;
  const auto endpoint = socket.remote_endpoint(error);
  if (error) return;  // it has gone already
  const std::string peer = plain_address(endpoint.address().to_string());
  auto& counters = shared->counters;
  const bool proxy = shared->proxies.contains(peer);
  const std::size_t each = proxy ? options.limits.connections : options.limits.connections_per_address;
  if (counters.connections_open >= options.limits.connections || !peers.enter(peer, each)) {
    ++counters.connections_refused;
    return;
  }
  ++counters.connections;
  ++counters.connections_open;
  Seat seat{shared_from_this(), peer};
  socket.set_option(tcp::no_delay(true), error);
  auto channel = tls ? tls_channel(std::move(socket), tls) : plain_channel(std::move(socket));
  auto serve = [](Seat taken, std::unique_ptr<Channel> with) -> asio::awaitable<void> {
    const Seat held = std::move(taken);
    co_await serve_connection(held.state->shared, std::move(with), held.peer);
  };
  tasks.start("connection", serve(std::move(seat), std::move(channel)));
}

asio::awaitable<void> Server::State::accept_all() {
  auto self = shared_from_this();
  while (!shared->draining) {
    boost::system::error_code trouble;
    try {
      auto [error, socket] = co_await acceptor.async_accept(asio::as_tuple(asio::use_awaitable));
      if (!error) welcome(std::move(socket));
      trouble = error;
    } catch (const std::bad_alloc&) {
      trouble = make_error_code(boost::system::errc::not_enough_memory);
    }
    if (shared->draining || !acceptor.is_open()) co_return;
    if (!trouble || trouble == asio::error::connection_aborted) continue;
    // Out of descriptors or memory: trying again at once would spin.
    log.warn("accepting paused error={}", trouble.message());
    co_await sleep_for(std::chrono::milliseconds(100));
  }
}

Server::Server(asio::any_io_executor executor, Router router, ServerOptions options)
    : state_(std::make_shared<State>(executor, std::move(router), std::move(options))) {}

Server::~Server() {
  boost::system::error_code ignored;
  state_->acceptor.close(ignored);
  state_->shared->draining = true;
  state_->tasks.cancel();
}

Result<> Server::open() {
  auto fine = state_->shared->router.check();
  if (!fine) return fine;
  auto proxies = TrustedProxies::parse(state_->options.trusted_proxies);
  if (!proxies) return std::move(proxies).error();
  state_->shared->proxies = std::move(*proxies);
  if (state_->options.tls) {
    auto replaced = replace_identity(*state_->options.tls);
    if (!replaced) return replaced;
    state_->shared->tls = true;
  }
  return state_->listen();
}

void Server::start() { state_->tasks.start("accept", state_->accept_all()); }

std::uint16_t Server::port() const {
  boost::system::error_code error;
  const auto endpoint = state_->acceptor.local_endpoint(error);
  return error ? std::uint16_t{0} : endpoint.port();
}

Result<> Server::replace_identity(const TlsIdentity& identity) {
  auto context = make_tls_context(identity);
  if (!context) return std::move(context).error();
  const auto end = certificate_end(identity.certificate_pem);
  if (!end) return end.error();
  const auto left = std::chrono::floor<std::chrono::days>(*end - std::chrono::system_clock::now());
  if (left.count() < 30) log.warn("TLS certificate ends soon days_left={}", left.count());
  state_->tls = std::move(*context);
  return {};
}

asio::awaitable<void> Server::drain(std::chrono::milliseconds limit) {
  auto state = state_;
  state->shared->draining = true;
  boost::system::error_code ignored;
  state->acceptor.close(ignored);
  const auto idle = state->shared->idle;  // dropping one takes it out of the list
  for (auto* channel : idle) channel->drop();
  auto all_ended = [](std::shared_ptr<State> of) -> asio::awaitable<Result<>> {
    co_await of->tasks.wait();
    co_return Result<>();
  };
  auto waits = all_ended(state);
  auto ended = co_await with_deadline(std::move(waits), limit);
  if (!ended && state->shared->counters.connections_open > 0)
    log.warn("connections dropped at the end of the drain open={}", state->shared->counters.connections_open);
  co_await state->tasks.stop();
}

ServerCounters Server::counters() const { return state_->shared->counters; }

std::vector<int> inherited_sockets() {
  auto number = [](const char* name) {
    const char* text = std::getenv(name);
    long value = 0;
    if (text != nullptr) std::from_chars(text, text + std::char_traits<char>::length(text), value);
    return value;
  };
  std::vector<int> sockets;
  if (number("LISTEN_PID") == getpid()) {
    constexpr int first = 3;
    for (int fd = first; fd < first + number("LISTEN_FDS") && fd < first + 16; ++fd) {
      fcntl(fd, F_SETFD, FD_CLOEXEC);
      sockets.push_back(fd);
    }
  }
  unsetenv("LISTEN_PID");
  unsetenv("LISTEN_FDS");
  unsetenv("LISTEN_FDNAMES");
  return sockets;
}

}  // namespace sluice::http
