#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <memory>
#include <optional>
#include <string>

#include "core/base/result.hpp"
#include "server/kube/cluster.hpp"
#include "server/task/work_thread.hpp"

namespace sluice::app {

struct ClusterFlags {
  std::string kubeconfig;
};

/// A command's way to its cluster: an event loop that runs while something is waited for, and a thread for rendering.
class ClusterRun {
 public:
  /// The kubeconfig of --kubeconfig, KUBECONFIG or the home folder. Any address may be reached: the person could too.
  static Result<std::unique_ptr<ClusterRun>> make(const std::string& kubeconfig, const std::string& context);

  kube::Cluster& cluster() { return *cluster_; }
  WorkThread& thread() { return thread_; }

  template <class T>
  Result<T> wait_for(boost::asio::awaitable<Result<T>> work) {
    std::optional<Result<T>> out;
    auto kept = keep<T>(std::move(work), out);
    boost::asio::co_spawn(context_, std::move(kept), [](std::exception_ptr thrown) {
      if (thrown) std::rethrow_exception(thrown);
    });
    context_.restart();
    context_.run();
    return std::move(*out);
  }

 private:
  ClusterRun() = default;
  template <class T>
  static boost::asio::awaitable<void> keep(boost::asio::awaitable<Result<T>> work, std::optional<Result<T>>& out) {
    out.emplace(co_await std::move(work));
  }

  boost::asio::io_context context_{1};
  WorkThread thread_{"sluice-render"};
  std::unique_ptr<kube::Cluster> cluster_;
};

}  // namespace sluice::app
