// What is done to each object, and what the server says of it in a dry run.

#include "server/worker/planner.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/base/digest.hpp"
#include "core/chart/chart.hpp"
#include "core/plan/clean.hpp"
#include "server/worker/sender.hpp"

namespace sluice::worker {

namespace asio = boost::asio;
using plan::Action;
using plan::Desired;
using plan::Json;
using plan::Operation;
using plan::Verb;

bool Planner::names_new_kind(const Desired& wanted) const { return places_->is_new(wanted.id.group, wanted.id.kind); }

bool Planner::is_served(const Desired& wanted) const {
  const auto* resource = places_->resource(wanted.id, wanted.api_version);
  return resource && (names_new_kind(wanted) || resource->version == plan::version_of(wanted.api_version));
}

Result<plan::Place> Planner::place_of(const Desired& wanted) const {
  if (!is_served(wanted))
    return Error{Errc::invalid, wanted.source + ": no matches for kind \"" + wanted.id.kind + "\" in version \"" +
                                    wanted.api_version + "\": ensure its CustomResourceDefinition is installed first"};
  return *places_->find(wanted.id, wanted.api_version);
}

void Planner::decide(Work& work) {
  for (auto& candidate : work.crds) {
    auto place = place_of(candidate.wanted);
    if (!place) {
      work.errors.push_back(place.error().what);
      continue;
    }
    candidate.place = *place;
    candidate.live = live_.find(candidate.wanted.id);
    // Helm installs definitions and never touches them again
    candidate.action = candidate.live ? plan::unchanged_action(candidate.wanted, *candidate.live, *place)
                                      : plan::create_action(candidate.wanted, *place);
  }
  for (auto& candidate : work.objects) decide_one(work, candidate);
  for (auto& one : work.applied) decide_applied(work, one);
  decide_removals(work);
}

void Planner::decide_one(Work& work, Candidate& candidate) {
  auto place = place_of(candidate.wanted);
  if (!place) {
    work.errors.push_back(place.error().what);
    return;
  }
  candidate.place = *place;
  candidate.live = live_.find(candidate.wanted.id);
  candidate.last = work.find_last(candidate.wanted.id);
  if (!candidate.live) {
    candidate.action = plan::create_action(candidate.wanted, *place);
    return;
  }
  if (!plan::text_at(*candidate.live, "metadata/deletionTimestamp").empty()) {
    work.errors.push_back(plan::to_string(candidate.wanted.id) + " is being deleted; plan again once it is gone");
    return;
  }
  if (!candidate.last && !work.input.take_ownership) {
    const auto conflict = plan::ownership_conflict(*candidate.live, candidate.wanted.id, work.input.name, work.input.namespace_);
    if (!conflict.empty()) {
      work.errors.push_back(conflict);
      return;
    }
  }
  candidate.action = plan::update_action(candidate.wanted, candidate.last, *candidate.live, *place);
}

/// Follows: kubectl apply: three-way, with the last configuration from the annotation; whose the object is does not matter.
void Planner::decide_applied(Work& work, Applied& applied) {
  Candidate& candidate = applied.candidate;
  auto place = place_of(candidate.wanted);
  if (!place) {
    work.errors.push_back(place.error().what);
    return;
  }
  candidate.place = *place;
  candidate.live = live_.find(candidate.wanted.id);
  if (!candidate.live) {
    candidate.action = plan::create_action(candidate.wanted, *place);
    return;
  }
  applied.last = candidate.wanted;
  const Json* annotations = plan::find_path(*candidate.live, "metadata/annotations");
  const Json* text = annotations ? plan::find(*annotations, last_applied) : nullptr;
  if (auto last = text && text->is_string() ? plan::parse_json(text->get<std::string>()) : Result<Json>(Error{}); last) {
    applied.last.body = std::move(*last);
    candidate.last = &applied.last;
  }
  candidate.action = plan::update_action(candidate.wanted, candidate.last, *candidate.live, *place);
}

void Planner::decide_removals(Work& work) {
  std::set<plan::ObjectId> wanted;
  for (const auto& candidate : work.objects) wanted.insert(candidate.wanted.id);
  std::vector<const Desired*> gone;
  for (const auto& last : work.last) {
    if (!wanted.contains(last.id)) gone.push_back(&last);
  }
  if (!work.input.installed) {
    std::stable_sort(gone.begin(), gone.end(),
                     [](const Desired* a, const Desired* b) { return chart::uninstalls_before(a->id.kind, b->id.kind); });
  }
  for (const auto* last : gone) {
    const Json* live = live_.find(last->id);
    const auto place = places_->find(last->id, last->api_version);
    if (!live || !place) continue;
    if (plan::is_kept(*live) || plan::is_kept(last->body)) {
      work.diff.notes.push_back(plan::to_string(last->id) + " is kept: its annotation helm.sh/resource-policy says so");
      continue;
    }
    if (!plan::ownership_conflict(*live, last->id, work.input.name, work.input.namespace_).empty()) {
      work.diff.notes.push_back(plan::to_string(last->id) + " is left alone: it no longer belongs to this release");
      continue;
    }
    const auto cascade = work.input.installed ? plan::Cascade::background : work.input.cascade;
    work.removals.push_back(plan::remove_action(last->id, last->api_version, *live, *place, cascade));
  }
}

asio::awaitable<Result<>> Planner::dry_run(std::list<Work>& works) {
  std::vector<std::pair<Work*, Candidate*>> trials;
  for (auto& work : works) {
    for (auto* list : {&work.crds, &work.objects}) {
      for (auto& candidate : *list) {
        if (candidate.action.verb == Verb::create || candidate.action.verb == Verb::update)
          trials.emplace_back(&work, &candidate);
      }
    }
    for (auto& one : work.applied) {
      if (one.candidate.action.verb != Verb::unchanged) trials.emplace_back(&work, &one.candidate);
    }
  }
  std::function<asio::awaitable<Result<>>(std::size_t)> work = [&](std::size_t i) -> asio::awaitable<Result<>> {
    auto [release, candidate] = trials[i];
    auto done = co_await try_out(*release, *candidate);
    co_return done;
  };
  auto done = co_await kube::in_parallel(trials.size(), 8, work);
  co_return done;
}

asio::awaitable<Result<>> Planner::try_out(Work& work, Candidate& candidate) {
  const std::string& ns = candidate.wanted.id.namespace_;
  if (names_new_kind(candidate.wanted)) {
    candidate.notes.push_back("not validated by the server: its definition is created by this plan");
    co_return Result<>();
  }
  if (new_namespaces_.contains(ns)) {
    candidate.notes.push_back("not validated by the server: its namespace is created by this plan");
    co_return Result<>();
  }
  kube::Call call;
  call.method = candidate.action.method;
  call.path = plan::dry_run_path(candidate.action.path);
  call.content_type = candidate.action.content_type;
  call.body = candidate.action.body;
  call.repeat = kube::Repeat::safe;
  auto answer = co_await cluster_.ask(std::move(call));
  if (!answer) co_return std::move(answer).error().during("trying out " + plan::to_string(candidate.wanted.id));
  candidate.notes.insert(candidate.notes.end(), answer->warnings.begin(), answer->warnings.end());
  if (answer->refusal) {
    judge_refusal(work, candidate, *answer->refusal);
    co_return Result<>();
  }
  auto result = plan::parse_json(answer->text);
  if (!result) co_return std::move(result).error().during("trying out " + plan::to_string(candidate.wanted.id));
  const bool same = candidate.live && plan::clean(*result) == plan::clean(*candidate.live);
  if (same) candidate.action = plan::unchanged_action(candidate.wanted, *candidate.live, candidate.place);
  if (!same) candidate.result = std::move(*result);
  co_return Result<>();
}

void Planner::judge_refusal(Work& work, Candidate& candidate, const kube::Refusal& refusal) {
  const std::string name = plan::to_string(candidate.wanted.id);
  if (refusal.is_immutable_field()) {
    if (auto replaced = plan::replace_action(candidate.action, candidate.wanted, candidate.place)) {
      candidate.action = std::move(*replaced);
      return;
    }
    work.errors.push_back(name + ": apply-rejected: " + refusal.message + " (delete the object to let it be created anew)");
    return;
  }
  const bool webhook = refusal.is_transient() && refusal.message.find("webhook") != std::string::npos;
  if (webhook) {
    candidate.notes.push_back("not validated by the server: " + refusal.message);
    return;
  }
  work.errors.push_back(refusal_of(refusal, name).what);
}

asio::awaitable<Result<>> Planner::add_secrets(std::vector<SecretToPlan> secrets, Planned& planned) {
  if (secrets.empty()) co_return Result<>();
  plan::ReleaseDiff diff;
  diff.release = "secrets";
  diff.operation = "unchanged";
  const plan::Masker masker(mask_key_, "secrets");
  for (auto& secret : secrets) {
    auto ns = co_await namespace_action(secret.namespace_);
    if (!ns) co_return std::move(ns).error();
    if (*ns) planned.plan.before.push_back(std::move(**ns));
    Desired wanted;
    wanted.id = {"", "Secret", secret.namespace_, secret.name};
    wanted.api_version = "v1";
    wanted.source = "secret_objects";
    wanted.body = Json{{"apiVersion", "v1"},
                       {"kind", "Secret"},
                       {"type", "Opaque"},
                       {"metadata", {{"name", secret.name}, {"namespace", secret.namespace_}}}};
    wanted.body["data"] = Json::object();
    for (const auto& [key, value] : secret.data) wanted.body["data"][key] = to_base64(value);
    const plan::Place place{"/api/v1/namespaces/" + secret.namespace_ + "/secrets",
                            "/api/v1/namespaces/" + secret.namespace_ + "/secrets/" + secret.name};
    auto live = co_await cluster_.find(place.object);
    if (!live) co_return std::move(live).error();
    Candidate candidate;
    candidate.wanted = wanted;
    candidate.action = plan::create_action(wanted, place);
    Desired all_ours = wanted;  // every key that is there now is ours to remove
    if (*live) {
      candidate.live = &**live;
      if (const Json* data = plan::find(**live, "data")) all_ours.body["data"] = *data;
      candidate.last = &all_ours;
      candidate.action = plan::update_action(wanted, candidate.last, **live, place);
      const auto type = plan::text_at(**live, "type");
      if (type != "Opaque")
        co_return Error{Errc::conflict, plan::to_string(wanted.id) + " is there with type " + type + ", expected Opaque"};
    }
    auto shown = plan::show({candidate.action, &candidate.wanted, candidate.last, candidate.live, nullptr}, masker);
    if (candidate.action.verb == Verb::update) {
      // what the merge leaves behind is exactly what is wanted
      plan::Json merged = **live;
      merged["data"] = wanted.body["data"];
      shown = plan::show({candidate.action, &candidate.wanted, candidate.last, candidate.live, &merged}, masker);
    }
    if (candidate.action.verb != Verb::unchanged) diff.operation = "upgrade";
    diff.objects.push_back(std::move(shown));
    planned.plan.before.push_back(std::move(candidate.action));
  }
  planned.diff.releases.insert(planned.diff.releases.begin(), std::move(diff));
  co_return Result<>();
}

}  // namespace sluice::worker
