#include "server/api/api.hpp"

#include "server/api/guard.hpp"
#include "server/api/handlers.hpp"
#include "server/api/idempotency.hpp"
#include "server/api/openapi.hpp"
#include "server/base/failpoint.hpp"
#include "server/config/config.hpp"
#include "server/http/router.hpp"

namespace sluice::api {

using deployment::Wish;
using http::Access;
using http::Request;

namespace {

using Handler = Answer (*)(const World&, Request);

struct Entry {
  const char* method;
  const char* pattern;
  Access access;
  Handler handle;
  const char* summary;
  const char* body = "";
};

Answer answer_to(const World& world, Request request, Wish wish) {
  auto response = co_await decide(world, std::move(request), wish);
  (void)failpoint("approve.before_reply");
  co_return response;
}
Answer approve(const World& world, Request request) { return answer_to(world, std::move(request), Wish::approve); }
Answer reject(const World& world, Request request) { return answer_to(world, std::move(request), Wish::reject); }
Answer cancel(const World& world, Request request) { return answer_to(world, std::move(request), Wish::cancel); }

constexpr Entry entries[] = {
    {"GET", "/api/v1/deployments", Access::viewer, list_deployments, "Deployments, newest first"},
    {"POST", "/api/v1/deployments", Access::operator_, trigger, "Deploy by hand", "repository!, environment!, ref"},
    {"GET", "/api/v1/deployments/{id}", Access::viewer, show_deployment, "One deployment with its plan and decisions"},
    {"GET", "/api/v1/deployments/{id}/diff", Access::viewer, show_diff, "The masked diff, as text or JSON by Accept"},
    {"GET", "/api/v1/deployments/{id}/events", Access::viewer, follow_events, "What happens to it, as server-sent events"},
    {"POST", "/api/v1/deployments/{id}/approve", Access::approver, approve, "Approve exactly this plan",
     "digest!, comment, hold[]"},
    {"POST", "/api/v1/deployments/{id}/reject", Access::approver, reject, "Reject this plan", "digest, comment"},
    {"POST", "/api/v1/deployments/{id}/cancel", Access::operator_, cancel,
     "Cancel; a running push stops after the release in hand", "comment"},
    {"POST", "/api/v1/deployments/{id}/retry", Access::operator_, retry, "The same commit again, as a new deployment"},
    {"POST", "/api/v1/deployments/{id}/rollback", Access::operator_, roll_back,
     "Back to what this one deployed, as a new deployment"},
    {"GET", "/api/v1/environments", Access::viewer, list_environments, "Environments, what runs there and what waits"},
    {"GET", "/api/v1/environments/{name}", Access::viewer, show_environment, "One environment"},
    {"POST", "/api/v1/environments/{name}/lock", Access::operator_, lock_environment, "Let no push start", "reason!"},
    {"POST", "/api/v1/environments/{name}/unlock", Access::operator_, unlock_environment, "Let pushes start again"},
    {"GET", "/api/v1/releases", Access::viewer, list_releases, "Releases of the last deployment, as the cluster has them; ?environment="},
    {"GET", "/api/v1/drift", Access::viewer, show_drift, "What is no longer as it was deployed, and who changed it; ?environment="},
    {"GET", "/healthz", Access::open, show_health, "Whether the daemon is up"},
    {"GET", "/readyz", Access::open, show_readiness, "Whether it takes work"},
};

}  // namespace

void add_routes(http::Router& router, const World& world, Guard& guard) {
  auto idempotency = std::make_shared<Idempotency>(world);
  std::vector<RouteText> texts;
  auto add = [&](const Entry& entry) {
    http::Route route;
    route.method = entry.method;
    route.pattern = entry.pattern;
    route.access = entry.access;
    route.handle = [&world, handle = entry.handle](Request request) { return handle(world, std::move(request)); };
    if (route.method == "POST") {
      auto kept = [idempotency, wrapped = idempotency->wrap(std::move(route.handle))](Request request) {
        return wrapped(std::move(request));
      };
      route.handle = std::move(kept);
    }
    texts.push_back({entry.method, entry.pattern, entry.summary, entry.body});
    router.add(std::move(route));
  };
  for (const auto& entry : entries) add(entry);
  const auto config = world.config();
  add({"GET", "/metrics", config->server.open_metrics ? Access::open : Access::viewer, show_metrics, "Counters for Prometheus"});
  add({"GET", "/badge/{environment}.svg", config->server.open_badge ? Access::open : Access::viewer, show_badge,
       "What runs in an environment, as a picture"});

  texts.push_back({"POST", "/webhooks/github", "A signed GitHub delivery"});
  texts.push_back({"GET", "/api/v1/openapi.json", "This document"});
  http::Route document;
  document.method = "GET";
  document.pattern = "/api/v1/openapi.json";
  document.access = Access::open;
  auto text = std::make_shared<std::string>();
  document.handle = [text](Request) -> Answer { co_return http::Response{.content_type = "application/json", .body = *text}; };
  router.add(std::move(document));
  *text = openapi_document(router.routes(), texts);

  router.set_guard([&guard](Request& request, const http::Route& route) { return guard.check(request, route); });
}

}  // namespace sluice::api
