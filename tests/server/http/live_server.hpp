#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

#include "server/http/http.hpp"

namespace sluice::http {

/// A server on a free loopback port, run by a thread of its own.
class LiveServer {
 public:
  explicit LiveServer(Router router, ServerOptions options = {}) : server_(io_.get_executor(), std::move(router), with(options)) {
    auto opened = server_.open();
    if (!opened) throw std::runtime_error(opened.error().what);
    port_ = server_.port();
    server_.start();
    thread_ = std::thread([this] { io_.run(); });
  }
  ~LiveServer() {
    drain(std::chrono::milliseconds(0));
    work_.reset();
    thread_.join();
  }
  void drain(std::chrono::milliseconds limit) { boost::asio::co_spawn(io_, server_.drain(limit), boost::asio::use_future).get(); }
  std::uint16_t port() const { return port_; }
  Server& server() { return server_; }
  ServerCounters counters() {
    return boost::asio::post(io_, boost::asio::use_future([this] { return server_.counters(); })).get();  // they belong to the server's thread
  }
  boost::asio::io_context& io() { return io_; }

 private:
  static ServerOptions with(ServerOptions options) {
    options.port = 0;
    return options;
  }
  boost::asio::io_context io_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{io_.get_executor()};
  Server server_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

/// A client that sends exactly what it is told. Gives up after 20 s.
class RawClient {
 public:
  explicit RawClient(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const timeval limit{20, 0};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    const int yes = 1;
    setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) throw std::runtime_error("no connection");
  }
  ~RawClient() { ::close(socket_); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  /// False when the server does not take all of it.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto count = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
  }
  void finish() { ::shutdown(socket_, SHUT_WR); }

  /// Everything until the server closes; "<hangs>" behind it when it does not.
  std::string read_all() {
    std::string out;
    while (true) {
      const auto count = fill();
      if (count == 0) break;
      if (count < 0) {
        if (errno != ECONNRESET) out_of_time_ = true;
        break;
      }
    }
    out.swap(buffer_);
    if (out_of_time_) out += "<hangs>";
    return out;
  }
  /// Reads until `mark` has come; what comes behind it stays for the next read. Empty when it never comes.
  std::string read_until(std::string_view mark) {
    while (true) {
      const auto found = buffer_.find(mark);
      if (found != std::string::npos) {
        std::string out = buffer_.substr(0, found + mark.size());
        buffer_.erase(0, found + mark.size());
        return out;
      }
      if (fill() <= 0) return {};
    }
  }

 private:
  ssize_t fill() {
    char chunk[16384];
    const auto count = ::recv(socket_, chunk, sizeof chunk, 0);
    if (count > 0) buffer_.append(chunk, static_cast<std::size_t>(count));
    return count;
  }
  int socket_;
  std::string buffer_;
  bool out_of_time_ = false;
};

inline int status_of(std::string_view answer) {
  return answer.size() < 12 || !answer.starts_with("HTTP/1.1 ") ? 0 : std::stoi(std::string(answer.substr(9, 3)));
}

inline boost::asio::awaitable<Response> say(Request request) {
  std::string text = request.method + " " + request.path + " " + std::to_string(request.body.size());
  co_return Response{.content_type = "text/plain", .body = std::move(text)};
}

inline Route open_route(std::string method, std::string pattern) {
  Route route;
  route.method = std::move(method);
  route.pattern = std::move(pattern);
  route.access = Access::open;
  route.handle = say;
  return route;
}

}  // namespace sluice::http
