// What is deployed, as the clusters say now.

#include <nlohmann/json.hpp>

#include "server/api/answers.hpp"
#include "server/api/handlers.hpp"
#include "server/api/requests.hpp"
#include "server/config/config.hpp"

namespace sluice::api {

namespace asio = boost::asio;
using http::Request;
using nlohmann::json;

namespace {

using Look = std::function<asio::awaitable<Result<json>>(std::string)>;

/// The environments that ?environment= names, or all, of which the caller may see.
Result<std::vector<std::string>> environments_of(const World& world, const Request& request) {
  const auto config = world.config();
  const auto wanted = request.parameter("environment");
  std::vector<std::string> names;
  for (const auto& [name, environment] : config->environments) {
    if (wanted && *wanted != name) continue;
    if (may_see(request.caller->person, name)) names.push_back(name);
  }
  if (wanted && names.empty()) return Error{Errc::not_found, "not-found: there is no such environment"};
  return names;
}

asio::awaitable<Result<json>> look_at(const Look& look, std::string environment) {
  if (!look) co_return Error{Errc::unavailable, "this server looks at no cluster"};
  co_return co_await look(std::move(environment));
}

}  // namespace

Answer list_releases(const World& world, Request request) {
  auto environments = environments_of(world, request);
  if (!environments) co_return failed(environments.error(), request);
  json items = json::array();
  for (const std::string& environment : *environments) {
    auto releases = co_await look_at(world.releases, environment);
    // whatever it is, it is nothing that the caller did
    if (!releases) co_return failed({Errc::unavailable, "environment " + environment + ": " + releases.error().what}, request);
    for (json& release : *releases) items.push_back(std::move(release));
  }
  co_return json_answer(200, {{"items", std::move(items)}});
}

asio::awaitable<Result<json>> drift_of(const World& world, const Request& request) {
  auto environments = environments_of(world, request);
  if (!environments) co_return std::move(environments).error();
  json items = json::array();
  for (const std::string& environment : *environments) {
    auto drift = co_await look_at(world.drift, environment);
    items.push_back(drift ? std::move(*drift) : json{{"environment", environment}, {"error", drift.error().what}});
  }
  co_return json{{"items", std::move(items)}};
}

Answer show_drift(const World& world, Request request) {
  auto drift = co_await drift_of(world, request);
  if (!drift) co_return failed(drift.error(), request);
  co_return json_answer(200, *drift);
}

}  // namespace sluice::api
