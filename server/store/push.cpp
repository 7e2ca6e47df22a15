#include <set>

#include "core/base/digest.hpp"
#include "core/deployment/gate.hpp"
#include "core/deployment/queue.hpp"
#include "server/base/failpoint.hpp"
#include "server/store/rows.hpp"
#include "server/store/sealer.hpp"
#include "server/store/sqlite.hpp"
#include "server/store/writer.hpp"

namespace sluice::store {

/// What the gate looks at, all of it read here and now.
Result<deployment::GateCase> Writer::gate_case(const Deployment& one, const Protection& rules, std::string& bytes) const {
  deployment::GateCase about;
  about.id = one.id;
  about.state = one.state;
  about.environment = one.environment;
  about.cluster = one.cluster;
  about.cancel_requested = one.cancel_requested;
  about.rules = rules;

  const auto decision = decision_case(one, rules);
  about.approvals = decision.approvals;
  about.plan_ready = decision.plan_ready;
  about.now = decision.now;
  about.digest = one.digest;
  {
    auto rows = db_.query(
        "SELECT p.id, p.environment, p.cluster, p.sealed_bytes FROM deployments d JOIN plans p ON p.id = d.plan WHERE d.id = ?1", one.id);
    if (rows->next()) {
      about.plan_environment = rows->text(1);
      about.plan_cluster = rows->text(2);
      auto opened = sealer_.open(rows->text(3), {"plans", "bytes", rows->integer(0)});
      if (!opened) return Error{Errc::conflict, "plan-digest-mismatch: " + opened.error().what};
      bytes = std::move(*opened);
      about.digest_of_bytes = to_hex(sha256(bytes));
    }
  }
  {
    auto rows = db_.query("SELECT reason FROM environment_locks WHERE environment = ?1", one.environment);
    if (rows->next()) about.locked = rows->text(0);
  }
  {
    auto rows = db_.query(
        "SELECT id FROM deployments WHERE state IN ('deploying', 'verifying', 'interrupted') AND (cluster = ?1 OR environment = ?2) "
        "AND id <> ?3 ORDER BY id LIMIT 1",
        one.cluster, one.environment, one.id);
    if (rows->next()) about.cluster_held = DeploymentId{rows->integer(0)};
  }
  about.goes_before = deployment::who_goes_before(one.id, neighbours(one), rules.queue);
  return about;
}

Result<Lease> Writer::take_lease(const LeaseAsk& ask) {
  auto one = deployment(ask.deployment);
  if (!one) return std::move(one).error();
  std::string bytes;
  auto about = gate_case(*one, ask.rules, bytes);
  const Person self{.name = "sluice", .id = 0, .roles = {}, .environments = {}};
  const auto refuse = [&](Error why) {
    if (!deployment::is_worth_waiting(why)) {
      const auto next = deployment::after_refusal(one->state, why, one->cancel_requested);
      refusals_.push_back({self, "refused.push", one->id, one->environment, why.what, next});
    }
    return why;
  };
  if (!about) return refuse(std::move(about).error());
  if (auto open = deployment::may_start(*about); !open) return refuse(std::move(open).error());

  const auto fence = db_.ask("SELECT number FROM fences WHERE environment = ?1", one->environment) + 1;
  db_.run("INSERT INTO fences (environment, number) VALUES (?1, ?2) ON CONFLICT (environment) DO UPDATE SET number = excluded.number",
          one->environment, fence);
  db_.run(
      "INSERT INTO leases (cluster, environment, deployment, fence, boot, renewed_mono) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
      one->cluster, one->environment, one->id, fence, about->now.boot, about->now.monotonic.count());
  db_.run("UPDATE deployments SET started_ms = coalesce(started_ms, ?2) WHERE id = ?1", one->id, about->now.wall);
  const bool is_resume = one->state == State::interrupted;
  change_state(*one, State::deploying, is_resume ? "going on after an interruption" : "", self);
  if (auto planted = failpoint("deploy.lease")) return std::move(*planted);

  std::set<std::string> hold;
  auto given = decisions(one->id);
  if (!given) return std::move(given).error();
  for (const Decision& decision : *given) {
    if (decision.wish == deployment::Wish::approve && decision.digest == one->digest) hold.insert(decision.hold.begin(), decision.hold.end());
  }
  return Lease{.deployment = one->id,
               .fence = fence,
               .is_resume = is_resume,
               .digest = one->digest,
               .plan_bytes = std::move(bytes),
               .hold = {hold.begin(), hold.end()}};
}

Result<> Writer::renew_lease(DeploymentId id, std::int64_t fence) {
  auto one = deployment(id);
  if (!one) return std::move(one).error();
  if (auto held = check_fence(*one, fence); !held) return held;
  db_.run("UPDATE leases SET renewed_mono = ?2 WHERE deployment = ?1", id, now().monotonic.count());
  return {};
}

Result<> Writer::journal_sending(DeploymentId id, std::int64_t fence, const JournalStep& step) {
  auto one = deployment(id);
  if (!one) return std::move(one).error();
  if (auto held = check_fence(*one, fence); !held) return held;
  if (auto planted = failpoint("deploy.before_object")) return std::move(*planted);
  db_.run(
      "INSERT INTO journal (deployment, step, fence, object, verb, state, at_ms) VALUES (?1, ?2, ?3, ?4, ?5, 'sending', ?6) "
      "ON CONFLICT (deployment, step) DO UPDATE SET fence = excluded.fence, object = excluded.object, verb = excluded.verb, "
      "state = 'sending', at_ms = excluded.at_ms",
      id, step.step, fence, step.object, step.verb, clock_.wall());
  write_audit({.name = "sluice", .id = 0, .roles = {}, .environments = {}}, "cluster." + step.verb, id, one->environment, step.object);
  return {};
}

Result<> Writer::journal_confirmed(DeploymentId id, std::int64_t fence, const JournalStep& step) {
  auto one = deployment(id);
  if (!one) return std::move(one).error();
  if (auto held = check_fence(*one, fence); !held) return held;
  if (auto planted = failpoint("deploy.after_object")) return std::move(*planted);
  const int changed = db_.run(
      "UPDATE journal SET state = 'confirmed', uid = ?3, resource_version = ?4, at_ms = ?5 WHERE deployment = ?1 AND step = ?2 AND fence = ?6",
      id, step.step, step.uid, step.resource_version, clock_.wall(), fence);
  if (changed == 0) return Error{Errc::conflict, "conflict: step " + std::to_string(step.step) + " of " + named(id) + " was never sent"};
  return {};
}

}  // namespace sluice::store
