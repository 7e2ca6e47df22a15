#include <nlohmann/json.hpp>

#include "server/api/answers.hpp"
#include "server/api/handlers.hpp"
#include "server/api/requests.hpp"
#include "server/config/config.hpp"
#include "server/store/store.hpp"

namespace sluice::api {

namespace asio = boost::asio;
using http::Request;
using nlohmann::json;

namespace {

constexpr std::size_t reason_limit = 1000;

/// The environment that the path names, if it is there and the caller may see it.
Result<config::Environment> environment_of(const World& world, const Request& request) {
  const auto config = world.config();
  const auto found = config->environments.find(request.captures.at(0));
  if (found == config->environments.end() || !may_see(request.caller->person, found->first))
    return Error{Errc::not_found, "not-found: there is no such environment"};
  return found->second;
}

asio::awaitable<Result<json>> status_of(const World& world, config::Environment environment) {
  auto status = co_await world.store.read(&store::Reader::environment, environment.name);
  if (!status) co_return std::move(status).error();
  json waiting = json::array();
  for (const auto& each : status->waiting) waiting.push_back(to_json(each));
  const auto& rules = environment.protection;
  co_return json{{"name", environment.name},
                 {"cluster", environment.cluster},
                 {"current", status->current ? to_json(*status->current) : json()},
                 {"running", status->running ? to_json(*status->running) : json()},
                 {"waiting", std::move(waiting)},
                 {"lock", status->lock ? to_json(*status->lock) : json()},
                 {"protection",
                  {{"reviewers", rules.reviewers},
                   {"required", rules.required},
                   {"prevent_self_review", rules.prevent_self_review},
                   {"wait_timer_seconds", rules.wait_timer.count() / 1000},
                   {"expires_after_seconds", rules.expires_after.count() / 1000},
                   {"branches", rules.branches},
                   {"tags", rules.tags},
                   {"queue", rules.queue == deployment::QueueOrder::latest ? "latest" : "fifo"}}}};
}

}  // namespace

Answer list_environments(const World& world, Request request) {
  const auto config = world.config();
  json items = json::array();
  for (const auto& [name, environment] : config->environments) {
    if (!may_see(request.caller->person, name)) continue;
    auto status = co_await status_of(world, environment);
    if (!status) co_return failed(status.error(), request);
    items.push_back(std::move(*status));
  }
  co_return json_answer(200, {{"items", std::move(items)}});
}

Answer show_environment(const World& world, Request request) {
  auto environment = environment_of(world, request);
  if (!environment) co_return failed(environment.error(), request);
  auto status = co_await status_of(world, std::move(*environment));
  if (!status) co_return failed(status.error(), request);
  co_return json_answer(200, *status);
}

Answer lock_environment(const World& world, Request request) {
  auto environment = environment_of(world, request);
  if (!environment) co_return failed(environment.error(), request);
  auto body = object_of(request, {"reason"});
  if (!body) co_return failed(body.error(), request);
  auto reason = text_of(*body, "reason", reason_limit);
  if (!reason) co_return failed(reason.error(), request);
  if (reason->empty())
    co_return failed(Error{Errc::invalid, "request-malformed: reason: say why, for those who come after"}, request);
  const std::string name = environment->name;
  auto locked = co_await world.store.write(&store::Writer::lock_environment, name, *reason, request.caller->person);
  if (!locked) co_return failed(locked.error(), request);
  co_return json_answer(200, {{"environment", name}, {"locked", true}});
}

Answer unlock_environment(const World& world, Request request) {
  auto environment = environment_of(world, request);
  if (!environment) co_return failed(environment.error(), request);
  const std::string name = environment->name;
  auto unlocked = co_await world.store.write(&store::Writer::unlock_environment, name, request.caller->person);
  if (!unlocked) co_return failed(unlocked.error(), request);
  if (world.wake) world.wake();
  co_return json_answer(200, {{"environment", name}, {"locked", false}});
}

}  // namespace sluice::api
