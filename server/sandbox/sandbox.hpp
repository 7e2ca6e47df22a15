#pragma once

// server/sandbox/sandbox.hpp
//
// A stand-in for the Kubernetes API, inside this process: enough to try sluice out and to test without a cluster.
//   in:   HTTPS requests on a loopback port, with the bearer token of its kubeconfig
//   out:  discovery, objects kept in memory, apply and patches with dry-run, watches; workloads that become ready by themselves
//   not:  a cluster. Nothing runs, nothing is validated or defaulted, nothing survives the process. What passes here may still
//         be refused by a real API server.
// Workloads become ready after a moment unless an image's name contains "broken": those never do.
// Read next: api.cpp, objects.hpp, merge.hpp, readiness.hpp.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <memory>
#include <string>

#include "core/base/result.hpp"

namespace sluice::sandbox {

class Sandbox {
 public:
  /// Listens on a free loopback port, with a certificate made now.
  static Result<std::unique_ptr<Sandbox>> start(boost::asio::any_io_executor executor);
  ~Sandbox();
  Sandbox(const Sandbox&) = delete;
  Sandbox& operator=(const Sandbox&) = delete;

  /// A whole kubeconfig file, in JSON, with the address, the CA and the token.
  std::string kubeconfig() const;
  /// "127.0.0.1:40123"
  std::string endpoint() const;
  boost::asio::awaitable<void> stop();

 private:
  struct State;
  explicit Sandbox(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

}  // namespace sluice::sandbox
