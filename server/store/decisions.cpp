#include "core/base/digest.hpp"
#include "core/deployment/queue.hpp"
#include "server/base/failpoint.hpp"
#include "server/store/rows.hpp"
#include "server/store/sealer.hpp"
#include "server/store/sqlite.hpp"
#include "server/store/writer.hpp"

namespace sluice::store {

using deployment::to_string;
using deployment::Wish;

static constexpr std::size_t plan_limit = 256 << 20;

static const Person& rules_person() {
  static const Person one{.name = "rules", .id = 0, .roles = {}, .environments = {}};
  return one;
}

std::vector<deployment::Neighbour> Writer::neighbours(const Deployment& one) const {
  auto rows = db_.query(
      "SELECT id, state FROM deployments WHERE repository = ?1 AND environment = ?2 AND state IN ('awaiting_approval', 'approved', "
      "'deploying', 'verifying', 'interrupted') AND id <> ?3",
      one.repository, one.environment, one.id);
  std::vector<deployment::Neighbour> out;
  while (rows->next()) {
    const auto state = deployment::parse_state(rows->text(1));
    if (state) out.push_back({{rows->integer(0)}, *state});
  }
  return out;
}

Result<Decided> Writer::save_plan(const NewPlan& plan) {
  auto one = deployment(plan.deployment);
  if (!one) return std::move(one).error();
  if (one->state != State::planning) {
    return Error{Errc::conflict, "conflict: " + named(one->id) + " is " + std::string(to_string(one->state)) + ", expected planning"};
  }
  if (plan.bytes.empty() || plan.bytes.size() > plan_limit) {
    return Error{Errc::invalid, "render-limit: a plan of " + std::to_string(plan.bytes.size()) + " bytes, limit " + std::to_string(plan_limit)};
  }
  const std::string digest = to_hex(sha256(plan.bytes));
  const auto id = next_id("plans");
  const auto time = now();
  db_.run(
      "INSERT INTO plans (id, deployment, digest, environment, cluster, expires_after_ms, ready_ms, ready_mono, ready_boot, diff_was_cut, "
      "summary, diff_text, diff_json, sealed_bytes) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
      id, one->id, digest, plan.environment, plan.cluster, plan.rules.expires_after.count(), time.wall, time.monotonic.count(), time.boot,
      plan.diff_was_cut, plan.summary, plan.diff_text, plan.diff_json, Blob{sealer_.seal(plan.bytes, {"plans", "bytes", id})});
  db_.run("UPDATE deployments SET plan = ?2 WHERE id = ?1", one->id, id);
  if (auto planted = failpoint("plan.sealed")) return std::move(*planted);
  marks_.push_back("plan");
  one->digest = digest;
  return settle_plan(*one, plan);
}

/// What follows from a sealed plan: the queue's rule, and the approval where the rules ask for no person's.
Result<Decided> Writer::settle_plan(Deployment one, const NewPlan& plan) {
  const Person self{.name = "sluice", .id = 0, .roles = {}, .environments = {}};
  const auto gives_way = deployment::supersede(one.id, neighbours(one), plan.rules.queue);
  if (gives_way.by) {
    change_state(one, State::superseded, "by " + named(*gives_way.by), self);
    return Decided{.state = State::superseded};
  }
  for (const DeploymentId id : gives_way.superseded) {
    if (auto older = deployment(id)) change_state(*older, State::superseded, "by " + named(one.id), self);
  }
  change_state(one, State::awaiting_approval, "plan " + std::string(deployment::short_digest(one.digest)), self);
  one.state = State::awaiting_approval;
  if (plan.rules.required > 0 || plan.diff_was_cut) return Decided{.state = one.state};

  record_decision(one, {.wish = Wish::approve, .by = rules_person(), .digest = one.digest, .comment = "no approval is required"}, {});
  change_state(one, State::approved, "no approval is required in environment " + one.environment, rules_person());
  return Decided{.state = State::approved};
}

void Writer::record_decision(const Deployment& one, const deployment::DecisionRequest& request, const std::vector<std::string>& hold) {
  const auto time = now();
  db_.run(
      "INSERT INTO decisions (deployment, wish, person, person_id, digest, environment, cluster, comment, hold, at_ms, at_mono, at_boot) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
      one.id, to_string(request.wish), request.by.name, request.by.id, request.digest, one.environment, one.cluster, request.comment,
      joined(hold), time.wall, time.monotonic.count(), time.boot);
}

Result<Decided> Writer::decide(const DecisionAsk& ask) {
  if (auto planted = failpoint("approve.received")) return std::move(*planted);
  auto one = deployment(ask.deployment);
  if (!one) return std::move(one).error();
  if (!may_see(ask.request.by, one->environment)) return no_such(ask.deployment);
  const auto outcome = deployment::decide(decision_case(*one, ask.rules), ask.request);
  const std::string wish{to_string(ask.request.wish)};
  if (!outcome) {
    refusals_.push_back({ask.request.by, "refused." + wish, one->id, one->environment, outcome.error().what, std::nullopt});
    return outcome.error();
  }
  record_decision(*one, ask.request, ask.hold);
  marks_.push_back("approve");
  const std::string reason =
      wish + " by " + ask.request.by.name + (ask.request.comment.empty() ? "" : ": " + ask.request.comment);
  if (outcome->next != one->state) {
    change_state(*one, outcome->next, reason, ask.request.by);
  } else {
    if (outcome->stops_running_push) db_.run("UPDATE deployments SET cancel_requested = 1 WHERE id = ?1", one->id);
    write_audit(ask.request.by, "decision." + wish, one->id, one->environment, ask.request.comment);
    write_event(one->id, "decision", reason);
  }
  return Decided{.state = outcome->next, .stops_running_push = outcome->stops_running_push};
}

}  // namespace sluice::store
