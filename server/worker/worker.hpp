#pragma once

// server/worker/worker.hpp
//
// Drives everything that was accepted towards its end: deliveries to deployments, deployments to plans, approved plans to the
// cluster.
//   in:   rows of the store, and a nudge when there are new ones
//   out:  rows of the store, and what was pushed
//   not:  deciding (core/deployment through the store), answering anybody (server/api)
// Each step writes the next state first, then acts, and may be repeated: after a crash, reading one row tells what to do.
//   deliveries.cpp  what a delivery asks for
//   checkout.cpp    the commit and its files
//   inputs.cpp      what templates see of the environment
//   planning.cpp    a commit -> a sealed plan
//   tree.cpp        a helmfile's releases, rendered by a process that can reach nothing (render_process.hpp)
//   pushing.cpp     an approved plan -> the cluster
// plan.hpp and push.hpp below are what `sluice plan` and `sluice apply` use too.
// Read next: planning.cpp, pushing.cpp.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <filesystem>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "server/config/config.hpp"
#include "server/store/store.hpp"

namespace sluice::worker {

class Worker {
 public:
  struct Parts {
    boost::asio::any_io_executor executor;
    store::Store& store;
    std::shared_ptr<const config::Config> config;
    std::filesystem::path data_dir;
    Secret mask_key;  ///< for the fingerprints that stand for secret values
  };

  explicit Worker(Parts parts);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  void start();
  /// There may be something to do. On the executor's thread.
  void nudge();
  /// Looked at when the next step begins.
  void set_config(std::shared_ptr<const config::Config> config);
  /// The releases of the environment's last deployment as their records in the cluster say now: [{name, namespace, revision,
  /// status, description, updated, chart, app_version, environment}].
  boost::asio::awaitable<Result<nlohmann::json>> releases(std::string environment);
  /// {environment, checked, deployment (its number, or null)} and what core/plan/drift.hpp says of those releases. An answer stays good for some seconds, so that many
  /// who look cost the cluster one look.
  boost::asio::awaitable<Result<nlohmann::json>> drift(std::string environment);
  /// Begins nothing new, hands back what is being planned, lets a push finish the object in hand; its row says how far it came.
  boost::asio::awaitable<void> stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sluice::worker
