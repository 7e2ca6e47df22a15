#include "core/deployment/gate.hpp"

#include <algorithm>

namespace sluice::deployment {

static Error never(std::string text) { return {Errc::conflict, std::move(text)}; }
static Error not_now(std::string text) { return {Errc::unavailable, std::move(text)}; }

/// What was approved is what will be pushed, to where it was approved for.
static Result<> check_plan(const GateCase& about) {
  if (about.digest.empty() || about.digest != about.digest_of_bytes) {
    return never("plan-digest-mismatch: the stored plan is not the one that was approved (" + std::string(short_digest(about.digest)) +
                 ", found " + std::string(short_digest(about.digest_of_bytes)) + "); nothing was pushed");
  }
  if (about.plan_environment != about.environment || about.plan_cluster != about.cluster) {
    return never("plan-digest-mismatch: the plan is for environment " + about.plan_environment + " on cluster " + about.plan_cluster +
                 ", the deployment for " + about.environment + " on " + about.cluster + "; nothing was pushed");
  }
  return {};
}

static Result<> check_approvals(const GateCase& about) {
  int valid = 0;
  int expired = 0;
  std::vector<Person> counted;
  for (const Approval& approval : about.approvals) {
    if (approval.digest != about.digest || approval.environment != about.environment || approval.cluster != about.cluster) continue;
    if (std::ranges::any_of(counted, [&](const Person& person) { return is_same_person(person, approval.by); })) continue;
    counted.push_back(approval.by);
    ++(is_over(approval.at, about.rules.expires_after, about.now) ? expired : valid);
  }
  if (valid >= about.rules.required) return {};
  const std::string needed = std::to_string(valid) + " of " + std::to_string(about.rules.required) + " approvals are in force";
  if (expired > 0) return never("approval-expired: " + needed + "; retry makes a new plan");
  return never("conflict: " + needed + " for plan " + std::string(short_digest(about.digest)));
}

static std::string name(DeploymentId id) { return "deployment " + std::to_string(id.value); }

static Result<> check_turn(const GateCase& about) {
  if (about.locked) return not_now("conflict: environment " + about.environment + " is locked: " + *about.locked);
  if (about.cluster_held) return not_now("conflict: " + name(*about.cluster_held) + " is being pushed to cluster " + about.cluster);
  if (about.state == State::interrupted) return {};
  if (about.goes_before) return not_now("conflict: " + name(*about.goes_before) + " goes first");
  const auto passed = elapsed(about.plan_ready, about.now);
  const auto left = about.rules.wait_timer - passed.value_or(std::chrono::milliseconds{0});
  if (left > std::chrono::milliseconds{0}) {
    return not_now("conflict: the wait timer of environment " + about.environment + " runs for another " +
                   std::to_string(std::chrono::ceil<std::chrono::seconds>(left).count()) + " s");
  }
  return {};
}

Result<> may_start(const GateCase& about) {
  if (about.state != State::approved && about.state != State::interrupted) {
    return never("conflict: " + name(about.id) + " is " + std::string(to_string(about.state)) + "; only an approved one may be pushed");
  }
  if (about.cancel_requested) return never("conflict: " + name(about.id) + " was cancelled");
  if (auto checked = check_plan(about); !checked) return checked;
  if (auto checked = check_approvals(about); !checked) return checked;
  return check_turn(about);
}

std::optional<State> after_refusal(State state, const Error& refusal, bool cancel_requested) {
  if (is_worth_waiting(refusal) || (state != State::approved && state != State::interrupted)) return std::nullopt;
  if (cancel_requested) return State::cancelled;
  const bool is_late = refusal.what.starts_with("approval-expired:");
  return state == State::approved && is_late ? State::expired : State::failed;
}

bool is_worth_waiting(const Error& refusal) { return refusal.code == Errc::unavailable; }

}  // namespace sluice::deployment
