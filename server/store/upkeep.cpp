#include <algorithm>

#include "core/deployment/moment.hpp"
#include "server/store/rows.hpp"
#include "server/store/sqlite.hpp"
#include "server/store/writer.hpp"

// What time does: deadlines and the end of what is kept.

namespace sluice::store {

using namespace std::chrono_literals;

Result<int> Writer::sweep() {
  const Person self{.name = "sluice", .id = 0, .roles = {}, .environments = {}};
  const auto time = now();
  int changed = 0;
  const auto expire = [&](State state, std::string_view reason, auto since) -> Result<> {
    auto some = in_state(state);
    if (!some) return std::move(some).error();
    for (const Deployment& one : *some) {
      bool over = false;
      {
        auto rows = since(one.id);
        over = rows->next() && deployment::is_over(read_moment(*rows, 0), std::chrono::milliseconds{rows->integer(3)}, time);
      }
      if (!over) continue;
      change_state(one, State::expired, reason, self);
      ++changed;
    }
    return {};
  };
  const auto plan_ready = [&](DeploymentId id) {
    return db_.query(
        "SELECT p.ready_ms, p.ready_mono, p.ready_boot, p.expires_after_ms FROM deployments d JOIN plans p ON p.id = d.plan WHERE d.id = ?1",
        id);
  };
  const auto last_approval = [&](DeploymentId id) {
    return db_.query(
        "SELECT a.at_ms, a.at_mono, a.at_boot, p.expires_after_ms FROM deployments d JOIN plans p ON p.id = d.plan "
        "JOIN decisions a ON a.deployment = d.id AND a.digest = p.digest AND a.wish = 'approve' WHERE d.id = ?1 ORDER BY a.id DESC LIMIT 1",
        id);
  };
  if (auto done = expire(State::awaiting_approval, "nobody decided in time", plan_ready); !done) return std::move(done).error();
  if (auto done = expire(State::approved, "the approval was not used in time", last_approval); !done) return std::move(done).error();
  std::vector<DeploymentId> lost;
  {
    auto rows = db_.query("SELECT deployment, renewed_mono FROM leases");
    while (rows->next()) {
      if (time.monotonic - std::chrono::nanoseconds{rows->integer(1)} > lease_time) lost.push_back({rows->integer(0)});
    }
  }
  for (const DeploymentId id : lost) {
    auto one = deployment(id);
    if (!one) continue;
    change_state(*one, State::interrupted, "the worker did not renew its lease; the cluster will be read before anything else", self);
    ++changed;
  }
  return changed;
}

Result<Purge> Writer::purge() {
  const auto time = clock_.wall();
  Purge out;
  out.bodies = db_.run(
      "UPDATE deliveries SET sealed_body = NULL WHERE id IN (SELECT id FROM deliveries WHERE sealed_body IS NOT NULL AND received_ms < ?1 "
      "AND state NOT IN ('pending', 'claimed') ORDER BY received_ms LIMIT 500)",
      time - std::chrono::days{14});
  out.deliveries = db_.run(
      "DELETE FROM deliveries WHERE id IN (SELECT id FROM deliveries WHERE received_ms < ?1 AND state NOT IN ('pending', 'claimed') "
      "ORDER BY received_ms LIMIT 500)",
      time - std::chrono::days{30});
  const int triggers = db_.run("DELETE FROM triggers WHERE key IN (SELECT key FROM triggers WHERE created_ms < ?1 ORDER BY created_ms LIMIT 500)",
          time - std::chrono::days{30});
  const int answers = db_.run("DELETE FROM answers WHERE key IN (SELECT key FROM answers WHERE at_ms < ?1 ORDER BY at_ms LIMIT 500)", time - std::chrono::days{30});
  out.events = db_.run(
      "DELETE FROM events WHERE sequence IN (SELECT sequence FROM (SELECT sequence, at_ms FROM events ORDER BY sequence LIMIT 1000) "
      "WHERE at_ms < ?1)",
      time - std::chrono::days{90});
  out.messages = db_.run(
      "DELETE FROM outbox WHERE id IN (SELECT id FROM (SELECT id, state, not_before_ms FROM outbox ORDER BY id LIMIT 1000) "
      "WHERE state <> 'pending' AND not_before_ms < ?1)",
      time - std::chrono::days{90});
  out.has_more = std::max({out.bodies, out.deliveries, triggers, answers}) == 500 || std::max(out.events, out.messages) == 1000;
  return out;
}

}  // namespace sluice::store
