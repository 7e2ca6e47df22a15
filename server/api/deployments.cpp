#include <boost/asio/awaitable.hpp>
#include <nlohmann/json.hpp>

#include "server/api/answers.hpp"
#include "server/api/handlers.hpp"
#include "server/api/requests.hpp"
#include "server/base/log_text.hpp"
#include "server/http/caller.hpp"
#include "server/store/store.hpp"
#include "server/task/bell.hpp"

namespace sluice::api {

namespace asio = boost::asio;
using http::Caller;
using http::Request;
using http::Response;
using nlohmann::json;
using store::Reader;

namespace {

constexpr std::chrono::seconds heartbeat{15};
constexpr int events_at_once = 200;

Result<store::DeploymentFilter> filter_of(const Request& request) {
  store::DeploymentFilter filter;
  filter.environment = request.parameter("environment").value_or("");
  filter.repository = request.parameter("repository").value_or("");
  auto limit = number_parameter(request, "limit", 50, 1, 200);
  if (!limit) return std::move(limit).error();
  filter.limit = static_cast<int>(*limit);
  auto cursor = number_parameter(request, "cursor", 0, 0, std::numeric_limits<std::int64_t>::max());
  if (!cursor) return std::move(cursor).error();
  if (*cursor > 0) filter.before = deployment::DeploymentId{*cursor};
  if (const auto state = request.parameter("state"); state && !state->empty()) {
    filter.state = deployment::parse_state(*state);
    if (!filter.state) return Error{Errc::invalid, "request-malformed: state: there is no state \"" + shown(*state) + "\""};
  }
  return filter;
}

bool prefers_json(const Request& request) {
  return request.field("Accept").value_or("").find("application/json") != std::string_view::npos;
}

}  // namespace

asio::awaitable<Result<store::Deployment>> visible_deployment(const World& world, std::shared_ptr<const Caller> caller,
                                                              deployment::DeploymentId id) {
  auto found = co_await world.store.read(&Reader::deployment, id);
  if (!found && found.error().code == Errc::not_found) co_return no_such_deployment();
  if (!found) co_return std::move(found).error();
  if (!may_see(caller->person, found->environment)) co_return no_such_deployment();
  co_return std::move(*found);
}

Answer list_deployments(const World& world, Request request) {
  auto filter = filter_of(request);
  if (!filter) co_return failed(filter.error(), request);
  auto page = co_await world.store.read(&Reader::deployments, *filter);
  if (!page) co_return failed(page.error(), request);
  json items = json::array();
  for (const auto& each : page->items)
    if (may_see(request.caller->person, each.environment)) items.push_back(to_json(each));
  co_return json_answer(200,
                        {{"items", std::move(items)}, {"next", page->next ? json(std::to_string(page->next->value)) : json()}});
}

Answer show_deployment(const World& world, Request request) {
  auto id = id_of(request);
  if (!id) co_return failed(id.error(), request);
  auto found = co_await visible_deployment(world, request.caller, *id);
  if (!found) co_return failed(found.error(), request);
  json body = to_json(*found);

  auto plan = co_await world.store.read(&Reader::plan, *id);
  if (plan) {
    const json summary = parsed(plan->summary);
    body["plan"] = {{"digest", plan->digest},
                    {"ready", to_rfc3339(plan->ready)},
                    {"expires", to_rfc3339(plan->expires)},
                    {"diff_was_cut", plan->diff_was_cut},
                    {"summary", summary}};
    body["releases"] = summary.is_object() && summary.contains("releases") ? summary["releases"] : json::array();
  } else {
    body["plan"] = json();
    body["releases"] = json::array();
  }
  auto decisions = co_await world.store.read(&Reader::decisions, *id);
  if (!decisions) co_return failed(decisions.error(), request);
  body["decisions"] = json::array();
  for (const auto& each : *decisions) body["decisions"].push_back(to_json(each));

  auto rules = rules_of(world, found->environment, plan ? &*plan : nullptr);
  Result<> may = Result<>();
  if (!rules)
    may = rules.error();
  else
    may = co_await world.store.read(&Reader::may_approve, *id, request.caller->person, *rules);
  body["can_approve"] = may.has_value();
  body["can_approve_reason"] = may ? "" : may.error().what;
  body["approvals_required"] = rules ? json(rules->required) : json();
  co_return json_answer(200, body);
}

Answer show_diff(const World& world, Request request) {
  auto id = id_of(request);
  if (!id) co_return failed(id.error(), request);
  auto found = co_await visible_deployment(world, request.caller, *id);
  if (!found) co_return failed(found.error(), request);
  auto plan = co_await world.store.read(&Reader::plan, *id);
  if (!plan && plan.error().code == Errc::not_found)
    co_return failed(Error{Errc::not_found, "not-found: there is no plan yet; the deployment is " +
                                                std::string(deployment::to_string(found->state))},
                     request);
  if (!plan) co_return failed(plan.error(), request);
  const std::vector<http::Field> fields = {{"X-Sluice-Digest", plan->digest},
                                           {"X-Sluice-Diff-Cut", plan->diff_was_cut ? "true" : "false"}};
  if (prefers_json(request))
    co_return Response{.content_type = "application/json", .body = plan->diff_json + "\n", .fields = fields};
  co_return Response{.content_type = "text/plain; charset=utf-8", .body = std::move(plan->diff_text), .fields = fields};
}

http::Response event_stream(const World& world, deployment::DeploymentId id, std::int64_t after) {
  Response response{.content_type = "text/event-stream"};
  response.stream = [&world, id, after](http::BodyStream& out) -> asio::awaitable<void> {
    std::int64_t last = after;
    auto begun = co_await out.write("retry: 2000\n\n");
    if (!begun) co_return;
    while (out.is_wanted()) {
      const auto seen = world.changed.rings();
      auto read = [id, last](const Reader& reader) -> Result<std::pair<std::vector<store::Event>, bool>> {
        auto events = reader.events(id, last, events_at_once);
        if (!events) return std::move(events).error();
        auto one = reader.deployment(id);
        if (!one) return std::move(one).error();
        return std::pair(std::move(*events), deployment::is_final(one->state));
      };
      auto news = co_await world.store.read(std::move(read));
      if (!news) co_return;
      std::string text;
      for (const auto& event : news->first) {
        last = event.sequence;
        text += "id: " + std::to_string(event.sequence) + "\nevent: " + event.kind + "\ndata: " + dumped(to_json(event)) + "\n\n";
      }
      const bool all_told = news->first.size() < events_at_once;
      if (all_told && news->second) {
        text += "event: end\ndata: {}\n\n";
        static_cast<void>(co_await out.write(text));
        co_return;
      }
      if (!text.empty()) {
        auto written = co_await out.write(text);
        if (!written) co_return;
      }
      if (!all_told) continue;
      const bool rang = co_await world.changed.wait(seen, heartbeat);
      if (rang) continue;
      auto alive = co_await out.write(": still here\n\n");
      if (!alive) co_return;
    }
  };
  return response;
}

Answer follow_events(const World& world, Request request) {
  auto id = id_of(request);
  if (!id) co_return failed(id.error(), request);
  auto found = co_await visible_deployment(world, request.caller, *id);
  if (!found) co_return failed(found.error(), request);
  constexpr auto highest = std::numeric_limits<std::int64_t>::max();
  auto after = number_parameter(request, "after", 0, 0, highest);
  if (!after) co_return failed(after.error(), request);
  if (const auto last = request.field("Last-Event-ID")) {
    Request as_parameter;
    as_parameter.query = "after=" + std::string(*last);
    after = number_parameter(as_parameter, "after", 0, 0, highest);
    if (!after) co_return failed(Error{Errc::invalid, "request-malformed: Last-Event-ID: expected a number"}, request);
  }
  if (!prefers_json(request)) co_return event_stream(world, *id, *after);
  auto events = co_await world.store.read(&Reader::events, *id, *after, 1000);
  if (!events) co_return failed(events.error(), request);
  json items = json::array();
  for (const auto& event : *events) items.push_back(to_json(event));
  co_return json_answer(200, {{"items", std::move(items)}});
}

}  // namespace sluice::api
