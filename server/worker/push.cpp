#include "server/worker/push.hpp"

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "core/plan/clean.hpp"
#include "server/base/failpoint.hpp"
#include "server/worker/commands.hpp"
#include "server/worker/live.hpp"
#include "server/worker/records.hpp"
#include "server/worker/release_push.hpp"

namespace sluice::worker {

namespace asio = boost::asio;
using plan::Action;
using plan::Json;
using plan::Verb;

namespace {

Error stale(const std::string& why) { return {Errc::conflict, "plan-stale: " + why}; }

std::vector<const Action*> actions_of(const plan::Plan& plan) {
  std::vector<const Action*> out;
  for (const auto& action : plan.before) out.push_back(&action);
  for (const auto& release : plan.releases) {
    for (const auto& action : release.crds) out.push_back(&action);
    for (const auto& action : release.actions) out.push_back(&action);
    for (const auto& command : release.commands) {
      for (const auto& action : command.apply) out.push_back(&action);
    }
  }
  return out;
}

asio::awaitable<Result<>> check_records(kube::Cluster& cluster, const plan::Plan& plan) {
  std::map<std::string, std::vector<plan::RecordHead>> records;
  for (const auto& release : plan.releases) {
    auto known = records.find(release.namespace_);
    if (known == records.end()) {
      auto heads = co_await list_records(cluster, release.namespace_);
      if (!heads) co_return std::move(heads).error();
      known = records.emplace(release.namespace_, std::move(*heads)).first;
    }
    const auto history = history_of(known->second, release.name, release.namespace_);
    const int revision = history.last() ? history.last()->revision : 0;
    const std::string status = history.last() ? history.last()->status : "";
    if (revision != release.last_revision || status != release.last_status)
      co_return stale("release " + release.namespace_ + "/" + release.name + " is at revision " + std::to_string(revision) +
                      (status.empty() ? "" : " (" + status + ")") + ", the plan was made at " +
                      std::to_string(release.last_revision) +
                      (release.last_status.empty() ? "" : " (" + release.last_status + ")"));
  }
  co_return Result<>();
}

asio::awaitable<Result<>> check_objects(kube::Cluster& cluster, const plan::Plan& plan) {
  const auto actions = actions_of(plan);
  auto served = co_await cluster.discovery();
  if (!served) co_return std::move(served).error();
  Places places(*served);
  for (const auto* action : actions) {
    if (action->wanted.find("CustomResourceDefinition") == std::string::npos) continue;
    auto object = plan::parse_json(action->wanted);
    if (!object) co_return std::move(object).error();
    if (auto kind = plan::defined_kind(*object)) places.add(*kind);
  }
  std::vector<Live::Wanted> wanted;
  for (const auto* action : actions) wanted.push_back({action->id, action->api_version});
  Live live;
  auto read = co_await live.read(cluster, places, std::move(wanted));
  if (!read) co_return std::move(read).error();
  for (const auto* action : actions) {
    const Json* object = live.find(action->id);
    const auto name = plan::to_string(action->id);
    if (action->verb == Verb::create && object) co_return stale(name + " has come to be since the plan was made");
    if (action->verb == Verb::create) continue;
    if (!object) co_return stale(name + " is gone since the plan was made");
    if (plan::text_at(*object, "metadata/uid") != action->live.uid)
      co_return stale(name + " was deleted and created anew since the plan was made");
    if (action->verb != Verb::unchanged && plan::content_hash(*object) != action->live.content_hash)
      co_return stale(name + " was changed since the plan was made");
  }
  co_return Result<>();
}

}  // namespace

std::string_view to_string(ReleaseResult result) {
  switch (result) {
    case ReleaseResult::unchanged: return "unchanged";
    case ReleaseResult::deployed: return "deployed";
    case ReleaseResult::uninstalled: return "uninstalled";
    case ReleaseResult::failed: return "failed";
    case ReleaseResult::rolled_back: return "rolled_back";
    case ReleaseResult::not_attempted: return "not_attempted";
  }
  return "failed";
}

bool Outcome::succeeded() const {
  const auto good = [](const ReleaseOutcome& release) {
    const bool ended_well = release.result == ReleaseResult::unchanged || release.result == ReleaseResult::deployed ||
                            release.result == ReleaseResult::uninstalled;
    return ended_well && release.error.empty();
  };
  return error.empty() && !stopped && std::all_of(releases.begin(), releases.end(), good);
}

asio::awaitable<Result<>> check_facts(kube::Cluster& cluster, const plan::Plan& plan) {
  auto identity = co_await cluster.identity();
  if (!identity) co_return std::move(identity).error();
  if (identity->uid != plan.cluster_uid || identity->ca_sha256 != plan.cluster_ca)
    co_return Error{Errc::denied, "cluster-identity: this is not the cluster that the plan was made for"};
  auto records = co_await check_records(cluster, plan);
  if (!records) co_return std::move(records).error();
  auto objects = co_await check_objects(cluster, plan);
  co_return objects;
}

asio::awaitable<Result<Outcome>> push(kube::Cluster& cluster, PushRequest request) {
  cluster.refill_budget();
  if (request.resume == Resume::no) {
    auto facts = co_await check_facts(cluster, request.plan);
    if (!facts) co_return std::move(facts).error();
  } else {
    auto identity = co_await cluster.identity();
    if (!identity) co_return std::move(identity).error();
    if (identity->uid != request.plan.cluster_uid)
      co_return Error{Errc::denied, "cluster-identity: this is not the cluster that the plan was made for"};
  }
  Outcome outcome;
  const auto& releases = request.plan.releases;
  outcome.releases.resize(releases.size());
  for (std::size_t i = 0; i < releases.size(); ++i) {
    outcome.releases[i].name = releases[i].name;
    outcome.releases[i].namespace_ = releases[i].namespace_;
    outcome.releases[i].revision = releases[i].last_revision;
  }
  Sender first(cluster, request, "");
  for (std::size_t i = 0; i < request.plan.before.size(); ++i) {
    auto sent = co_await first.send("before", static_cast<int>(i), request.plan.before[i]);
    if (sent) continue;
    outcome.error = sent.error().what;
    co_return outcome;
  }
  for (auto release = releases.rbegin(); release != releases.rend(); ++release) {
    const std::string label = release->namespace_ + "/" + release->name;
    Sender sender(cluster, request, label);
    auto ran = co_await run_commands(cluster, request, sender, label, release->commands, "preapply", "");
    if (ran) continue;
    outcome.error = "release " + label + ": preapply: " + ran.error().what;
    co_return outcome;
  }
  std::set<int> groups;
  for (const auto& release : releases) groups.insert(release.group);
  for (const int group : groups) {
    std::vector<std::size_t> members;
    for (std::size_t i = 0; i < releases.size(); ++i) {
      if (releases[i].group == group) members.push_back(i);
    }
    std::vector<std::unique_ptr<ReleasePush>> pushes;
    for (const std::size_t i : members) {
      pushes.push_back(std::make_unique<ReleasePush>(cluster, releases[i], request));
      if (!request.should_stop || !request.should_stop()) co_await pushes.back()->install_definitions();
    }
    std::function<asio::awaitable<Result<>>(std::size_t)> work = [&](std::size_t k) -> asio::awaitable<Result<>> {
      if (outcome.stopped || (request.should_stop && request.should_stop())) {
        outcome.stopped = true;
        co_return Result<>();
      }
      outcome.releases[members[k]] = co_await pushes[k]->run();
      co_return Result<>();
    };
    auto done = co_await kube::in_parallel(members.size(), static_cast<std::size_t>(std::max(1, request.concurrency)), work);
    if (!done) outcome.error = done.error().what;
    const bool failed =
        std::any_of(members.begin(), members.end(), [&](std::size_t i) { return !outcome.releases[i].error.empty(); });
    if (failed || outcome.stopped || !outcome.error.empty()) break;  // later groups need this one
  }
  auto cleaned = co_await run_commands(cluster, request, first, "", request.plan.commands, "cleanup", "");
  if (!cleaned) first.note(Note::Level::warning, "cleanup: " + cleaned.error().what);
  co_return outcome;
}

}  // namespace sluice::worker
