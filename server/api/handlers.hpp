#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "core/base/result.hpp"
#include "core/deployment/decision.hpp"
#include "server/api/world.hpp"
#include "server/http/caller.hpp"
#include "server/http/message.hpp"
#include "server/store/records.hpp"

// What the routes of api.cpp call, and what the page does with the same words. Each takes its request by value.

namespace sluice::store {
class Writer;
}

namespace sluice::api {

class Guard;

using Answer = boost::asio::awaitable<http::Response>;

Answer list_deployments(const World& world, http::Request request);
Answer show_deployment(const World& world, http::Request request);
Answer show_diff(const World& world, http::Request request);
Answer follow_events(const World& world, http::Request request);

Answer decide(const World& world, http::Request request, deployment::Wish wish);
Answer retry(const World& world, http::Request request);
Answer roll_back(const World& world, http::Request request);
Answer trigger(const World& world, http::Request request);

Answer list_environments(const World& world, http::Request request);
Answer show_environment(const World& world, http::Request request);
Answer lock_environment(const World& world, http::Request request);
Answer unlock_environment(const World& world, http::Request request);

Answer list_releases(const World& world, http::Request request);
Answer show_drift(const World& world, http::Request request);
Answer show_drift_page(const World& world, Guard& guard, http::Request request);

Answer show_health(const World& world, http::Request request);
Answer show_readiness(const World& world, http::Request request);
Answer show_metrics(const World& world, http::Request request);
Answer show_badge(const World& world, http::Request request);

/// The drift of the environments that the query names, or else of all that the caller may see: {items: [...]}; one whose cluster
/// cannot be asked has an `error` instead. Errors: not_found.
boost::asio::awaitable<Result<nlohmann::json>> drift_of(const World& world, const http::Request& request);

/// The deployment, if it is there and `caller` may see it. Errors: not_found.
boost::asio::awaitable<Result<store::Deployment>> visible_deployment(const World& world,
                                                                     std::shared_ptr<const http::Caller> caller,
                                                                     deployment::DeploymentId id);

struct DecisionInput {
  deployment::DeploymentId id;
  deployment::Wish wish = deployment::Wish::approve;
  std::string digest, comment;
  std::vector<std::string> hold;
};
/// The releases of a plan, as "NAMESPACE/NAME", in its order.
std::vector<std::string> releases_of(const store::Plan& plan);
/// What else is written in the transaction of a decision that was granted.
using AlsoWrite = std::function<Result<>(store::Writer&, const store::Decided&)>;
/// Asks the store, which decides inside its transaction.
boost::asio::awaitable<Result<store::Decided>> submit_decision(const World& world, std::shared_ptr<const http::Caller> caller,
                                                               DecisionInput input, AlsoWrite also);

/// Sends what happens to a deployment as server-sent events, until it has ended.
http::Response event_stream(const World& world, deployment::DeploymentId id, std::int64_t after);

/// The protection rules for the plan of a deployment (null: none yet) as configured now. Errors: conflict when the configuration
/// no longer has its environment.
Result<deployment::Protection> rules_of(const World& world, const std::string& environment, const store::Plan* plan);

}  // namespace sluice::api
