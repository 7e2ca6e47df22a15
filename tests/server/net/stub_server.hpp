#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "core/base/secret.hpp"

namespace sluice::test {

struct Identity {
  std::string certificate_pem;
  std::string key_pem;
};

/// An authority made for one test.
class TestCa {
 public:
  TestCa();
  ~TestCa();
  TestCa(const TestCa&) = delete;
  TestCa& operator=(const TestCa&) = delete;
  const std::string& pem() const;

  struct Wish {
    std::string alternative_names = "IP:127.0.0.1,DNS:localhost";  ///< as openssl's config spells them; empty: none
    long begins_in_seconds = -3600;
    long ends_in_seconds = 3600;
  };
  Identity issue(const Wish& wish) const;
  Identity issue() const { return issue(Wish{}); }

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

/// A loopback server whose every byte the test decides. It speaks TLS when given an identity.
class StubServer {
 public:
  /// One accepted connection, after the handshake. Blocking; used on the connection's own thread.
  class Peer {
   public:
    virtual ~Peer() = default;
    /// The next request: header and body (by Content-Length). Empty at the end of the connection.
    virtual std::string read_request() = 0;
    virtual void write(std::string_view bytes) = 0;
    /// Sends RST instead of FIN when the handler returns.
    virtual void reset_at_end() = 0;
    /// Waits until the other side closes (or five seconds).
    virtual void wait_for_close() = 0;
    /// Whether it went on from what an earlier connection had agreed on.
    virtual bool resumed() const = 0;
    /// Which connection this is, from 0.
    virtual int number() const = 0;
  };
  using Handler = std::function<void(Peer& peer)>;

  explicit StubServer(Handler handler, Identity identity = {}, std::string client_ca_pem = {});
  ~StubServer();
  StubServer(const StubServer&) = delete;
  StubServer& operator=(const StubServer&) = delete;

  std::uint16_t port() const { return port_; }
  /// "https://127.0.0.1:port" or "http://..."
  std::string url() const;
  int connections() const { return accepted_; }

 private:
  void accept_all();
  void serve(int fd, int number);

  Handler handler_;
  void* context_ = nullptr;  // SSL_CTX
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<int> accepted_ = 0;
  std::atomic<bool> stopping_ = false;
  std::vector<std::thread> peers_;
  std::thread acceptor_;
};

/// "HTTP/1.1 200 OK" with a Content-Length and keep-alive.
std::string answer(int status, std::string_view body, std::string_view extra_headers = {});

/// A port on which nothing listens.
std::uint16_t free_port();

}  // namespace sluice::test
