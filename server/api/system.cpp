#include <nlohmann/json.hpp>

#include "core/base/version.hpp"
#include "server/api/answers.hpp"
#include "server/api/handlers.hpp"
#include "server/config/config.hpp"
#include "server/store/store.hpp"

namespace sluice::api {

using http::Request;
using http::Response;
using nlohmann::json;

namespace {
Response plain(int status, std::string text) {
  return {.status = status, .content_type = "text/plain; charset=utf-8", .body = std::move(text)};
}
}  // namespace

Answer show_health(const World& world, Request) {
  // Only up or not: who asks is not known.
  const bool up = world.store.health().problem.empty();
  co_return up ? plain(200, "ok\n") : plain(503, "not ok\n");
}

Answer show_readiness(const World& world, Request) {
  const auto health = world.store.health();
  const bool ready = health.problem.empty() && health.takes_deliveries && (!world.not_ready || world.not_ready().empty());
  co_return ready ? plain(200, "ready\n") : plain(503, "not ready\n");
}

Answer show_metrics(const World& world, Request request) {
  auto counts = co_await world.store.read(&store::Reader::counts);
  if (!counts) co_return failed(counts.error(), request);
  const auto health = world.store.health();
  std::string text = "# TYPE sluice_deployments gauge\n";
  for (const auto& [state, count] : counts->deployments)
    text += "sluice_deployments{state=\"" + std::string(deployment::to_string(state)) + "\"} " + std::to_string(count) + "\n";
  const auto gauge = [&text](std::string_view name, auto value) {
    text.append("# TYPE sluice_")
        .append(name)
        .append(" gauge\nsluice_")
        .append(name)
        .append(" ")
        .append(std::to_string(value))
        .append("\n");
  };
  gauge("deliveries_pending", counts->deliveries_pending);
  gauge("messages_pending", counts->messages_pending);
  gauge("audit_rows", counts->audit_rows);
  gauge("store_free_bytes", health.free_bytes);
  gauge("store_wal_bytes", health.wal_bytes);
  gauge("store_queued", health.queued);
  gauge("store_takes_deliveries", health.takes_deliveries ? 1 : 0);
  if (world.metrics) text += world.metrics();
  co_return Response{.content_type = "text/plain; version=0.0.4", .body = std::move(text)};
}

Answer show_badge(const World& world, Request request) {
  const auto config = world.config();
  const std::string name = request.captures.at(0);
  const bool known = config->environments.contains(name) && (!request.caller || may_see(request.caller->person, name));
  if (!known) co_return failed(Error{Errc::not_found, "not-found: there is no such environment"}, request);
  auto status = co_await world.store.read(&store::Reader::environment, name);
  if (!status) co_return failed(status.error(), request);
  std::string text = "never deployed";
  std::string colour = "#6b7280";
  if (status->running)
    text = "deploying", colour = "#b45309";
  else if (status->current)
    text = status->current->commit.substr(0, 8), colour = "#15803d";
  // Names in the configuration are plain words, so is a commit id: nothing to escape.
  std::string svg =
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"220\" height=\"20\" role=\"img\" aria-label=\"" + name + ": " + text +
      "\"><rect width=\"110\" height=\"20\" fill=\"#374151\"/><rect x=\"110\" width=\"110\" height=\"20\" fill=\"" + colour +
      "\"/><g fill=\"#fff\" font-family=\"sans-serif\" font-size=\"11\" text-anchor=\"middle\"><text x=\"55\" y=\"14\">" + name +
      "</text><text x=\"165\" y=\"14\">" + text + "</text></g></svg>\n";
  co_return Response{.content_type = "image/svg+xml", .body = std::move(svg)};
}

}  // namespace sluice::api
