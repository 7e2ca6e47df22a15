#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "core/base/result.hpp"
#include "server/base/clock.hpp"

namespace sluice {
class Bell;
}
namespace sluice::config {
struct Config;
struct Environment;
struct Repository;
}  // namespace sluice::config
namespace sluice::store {
class Store;
}

namespace sluice::api {

/// What the API needs of the rest of the daemon. All of it outlives the server.
struct World {
  store::Store& store;
  Bell& changed;  ///< rings (on the io_context's thread) after the store has changed
  std::function<std::shared_ptr<const config::Config>()> config;  ///< the configuration in force
  /// The worker should look at the store: something was decided, asked for or cancelled.
  std::function<void()> wake;
  /// The digest of what the configuration says about this repository in this environment.
  std::function<std::string(const config::Repository&, const config::Environment&)> config_digest;
  /// Whether everything that serves deployments is up; the reason, if not. Empty function: yes.
  std::function<std::string()> not_ready = {};
  /// More lines for /metrics, in Prometheus' text form.
  std::function<std::string()> metrics = {};
  /// What is deployed of an environment (worker.hpp). Empty functions: there is nothing to ask.
  std::function<boost::asio::awaitable<Result<nlohmann::json>>(std::string environment)> releases = {};
  std::function<boost::asio::awaitable<Result<nlohmann::json>>(std::string environment)> drift = {};
  Clock clock = system_clock();
  std::chrono::milliseconds failed_login_delay{200};
};

}  // namespace sluice::api
