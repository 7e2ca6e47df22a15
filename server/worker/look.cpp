// What people ask to see of an environment's releases in the cluster. Reads only.

#include <nlohmann/json.hpp>

#include "core/plan/drift.hpp"
#include "server/worker/drift.hpp"
#include "server/worker/impl.hpp"
#include "server/worker/records.hpp"

namespace sluice::worker {

using boost::asio::awaitable;
using plan::Json;
using namespace std::chrono_literals;

namespace {

constexpr auto drift_stays_fresh = 15s;

/// The releases of the plan that was deployed last.
std::vector<ReleaseName> names_in(const std::string& summary) {
  std::vector<ReleaseName> names;
  const auto parsed = plan::parse_json(summary);
  const Json* releases = parsed ? plan::find(*parsed, "releases") : nullptr;
  if (!releases || !releases->is_array()) return names;
  for (const Json& release : *releases) {
    if (plan::text_at(release, "namespace").empty()) continue;  // what was written before all releases
    names.push_back({plan::text_at(release, "namespace"), plan::text_at(release, "name")});
  }
  return names;
}

Json shown(const Json& record) {
  return {{"name", plan::text_at(record, "name")},
          {"namespace", plan::text_at(record, "namespace")},
          {"revision", plan::int_at(record, "version", 0)},
          {"status", plan::text_at(record, "info/status")},
          {"description", plan::text_at(record, "info/description")},
          {"updated", plan::text_at(record, "info/last_deployed")},
          {"chart", plan::text_at(record, "chart/metadata/name") + "-" + plan::text_at(record, "chart/metadata/version")},
          {"app_version", plan::text_at(record, "chart/metadata/appVersion")}};
}

/// Ends a look, also when it ends by an exception.
struct EndOfLook {
  bool& running;
  Bell& bell;
  ~EndOfLook() {
    running = false;
    bell.ring();
  }
};

}  // namespace

awaitable<Result<Worker::Impl::Deployed>> Worker::Impl::last_deployed(std::string environment) {
  auto status = co_await parts.store.read(&store::Reader::environment, environment);
  if (!status) co_return std::move(status).error();
  if (!status->current) co_return Deployed();
  auto sealed = co_await parts.store.read(&store::Reader::plan, status->current->id);
  if (!sealed) co_return std::move(sealed).error();
  co_return Deployed{status->current->id, names_in(sealed->summary)};
}

awaitable<Result<plan::SecretPlaces>> Worker::Impl::secrets_in_place(std::string environment, std::string repository) {
  store::DeploymentFilter filter;
  filter.environment = std::move(environment);
  filter.repository = std::move(repository);
  filter.state = store::State::succeeded;
  filter.limit = 1;
  auto last = co_await parts.store.read(&store::Reader::deployments, filter);
  if (!last) co_return std::move(last).error();
  if (last->items.empty()) co_return plan::SecretPlaces();
  auto bytes = co_await parts.store.read(&store::Reader::plan_bytes, last->items.front().id);
  if (!bytes) co_return std::move(bytes).error();
  auto deployed = plan::read_plan(*bytes);
  if (!deployed) co_return std::move(deployed).error();
  co_return std::move(deployed->secret_places);
}

awaitable<Result<std::shared_ptr<kube::Cluster>>> Worker::Impl::cluster_of(std::string environment) {
  const auto settings = config;
  const auto found = settings->environments.find(environment);
  if (found == settings->environments.end()) co_return Error{Errc::not_found, "not-found: there is no such environment"};
  auto client = cluster(found->second.cluster);
  if (!client) co_return std::move(client).error();
  (*client)->refill_budget();
  if (auto good = co_await check_identity(*settings, found->second.cluster, **client); !good) co_return std::move(good).error();
  co_return std::move(*client);
}

awaitable<Result<Json>> Worker::Impl::look_at_releases(std::string environment) {
  Json items = Json::array();
  auto deployed = co_await last_deployed(environment);
  if (!deployed) co_return std::move(deployed).error();
  if (deployed->releases.empty()) co_return items;
  auto client = co_await cluster_of(environment);
  if (!client) co_return std::move(client).error();
  std::map<std::string, std::vector<plan::RecordHead>> heads;
  for (const auto& name : deployed->releases) {
    if (heads.contains(name.namespace_)) continue;
    auto listed = co_await list_records(**client, name.namespace_);
    if (!listed) co_return std::move(listed).error();
    heads[name.namespace_] = std::move(*listed);
  }
  for (const auto& name : deployed->releases) {
    const History history = history_of(heads[name.namespace_], name.name, name.namespace_);
    if (!history.last()) continue;
    auto record = co_await read_record(**client, name.namespace_, name.name, history.last()->revision, plan::RecordParts::without_chart_content);
    if (!record) co_return std::move(record).error();
    Json row = shown(*record);
    row["environment"] = environment;
    items.push_back(std::move(row));
  }
  co_return items;
}

awaitable<Result<Json>> Worker::Impl::look_for_drift(std::string environment) {
  Look& look = looks[environment];
  while (look.running) co_await bell.wait(bell.rings(), 1min);
  if (!look.drift.empty() && std::chrono::steady_clock::now() - look.at < drift_stays_fresh) co_return Json::parse(look.drift);
  look.running = true;
  const EndOfLook end{look.running, bell};
  look.drift.clear();
  Json answer = {{"environment", environment}, {"checked", record_time()}, {"summary", {{"releases", 0}, {"objects", 0}, {"changed", 0}, {"missing", 0}}}, {"releases", Json::array()}};
  auto deployed = co_await last_deployed(environment);
  if (!deployed) co_return std::move(deployed).error();
  answer["deployment"] = deployed->id ? Json(deployed->id->value) : Json();
  if (!deployed->releases.empty()) {
    auto client = co_await cluster_of(environment);
    if (!client) co_return std::move(client).error();
    DriftRequest request;
    request.releases = std::move(deployed->releases);
    request.mask_key = parts.mask_key;
    const std::string any_repository;
    auto secrets = co_await secrets_in_place(environment, any_repository);
    if (!secrets) co_return std::move(secrets).error();
    request.secret_places = std::move(*secrets);
    auto drift = co_await find_drift(**client, std::move(request));
    if (!drift) co_return std::move(drift).error();
    answer.update(plan::drift_json(*drift));
  }
  look.at = std::chrono::steady_clock::now();
  look.drift = answer.dump();
  co_return answer;
}

awaitable<Result<Json>> Worker::releases(std::string environment) { return impl_->look_at_releases(std::move(environment)); }
awaitable<Result<Json>> Worker::drift(std::string environment) { return impl_->look_for_drift(std::move(environment)); }

}  // namespace sluice::worker
