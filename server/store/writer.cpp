#include "server/store/writer.hpp"

#include "server/store/rows.hpp"
#include "server/store/sqlite.hpp"

// What the writing operations share: audit, events, and the one place where a state is written. The operations themselves
// are in deliveries.cpp, deployments.cpp, decisions.cpp, push.cpp, desk.cpp and upkeep.cpp.

namespace sluice::store {

static constexpr std::size_t event_limit = 16 * 1024;

Writer::Writer(Connection& database, const Sealer& sealer, const Clock& clock) : Reader(database, sealer, clock) {}

std::int64_t Writer::write_audit(const Person& actor, std::string_view action, std::optional<DeploymentId> about,
                                 std::string_view environment, std::string_view detail) {
  AuditRow row{.sequence = 1,
               .at = clock_.wall(),
               .actor = actor.name,
               .actor_id = actor.id,
               .action = std::string(action),
               .deployment = about,
               .environment = std::string(environment),
               .detail = std::string(detail)};
  std::string previous(32, '\0');
  {
    auto last = db_.query("SELECT sequence, hash FROM audit ORDER BY sequence DESC LIMIT 1");
    if (last->next()) {
      row.sequence = last->integer(0) + 1;
      previous = last->text(1);
    }
  }
  db_.run(
      "INSERT INTO audit (sequence, at_ms, actor, actor_id, action, deployment, environment, detail, hash) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
      row.sequence, row.at, row.actor, row.actor_id, row.action, about ? about->value : 0, row.environment, row.detail,
      Blob{bytes_of(audit_hash(previous, row))});
  return row.sequence;
}

void Writer::write_event(DeploymentId id, std::string_view kind, std::string_view text) {
  std::string kept{text.substr(0, event_limit)};
  if (text.size() > kept.size()) kept += "…(+" + std::to_string(text.size() - kept.size()) + ")";
  db_.run("INSERT INTO events (deployment, at_ms, kind, text) VALUES (?1, ?2, ?3, ?4)", id, clock_.wall(), kind, kept);
}

void Writer::change_state(const Deployment& one, State to, std::string_view reason, const Person& by) {
  const auto time = clock_.wall();
  const auto name = deployment::to_string(to);
  db_.run("UPDATE deployments SET state = ?2, reason = ?3, changed_ms = ?4 WHERE id = ?1", one.id, name, reason, time);
  if (deployment::is_final(to)) db_.run("UPDATE deployments SET finished_ms = ?2 WHERE id = ?1", one.id, time);
  if (to == State::planning || to == State::received) db_.run("UPDATE deployments SET plan = NULL WHERE id = ?1", one.id);
  const bool keeps_lease = to == State::deploying || to == State::verifying;
  if (!keeps_lease) db_.run("DELETE FROM leases WHERE deployment = ?1", one.id);
  std::string detail = std::string(deployment::to_string(one.state)) + " -> " + std::string(name);
  if (!reason.empty()) detail += ": " + std::string(reason);
  write_audit(by, "deployment." + std::string(name), one.id, one.environment, detail);
  write_event(one.id, "state", std::string(name) + (reason.empty() ? "" : ": " + std::string(reason)));
}

std::int64_t Writer::next_id(std::string_view table) {
  return db_.ask("SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = ?1), 0) + 1", table);
}

void Writer::write_refusals() {
  for (const Refusal& one : std::exchange(refusals_, {})) {
    write_audit(one.by, one.action, one.deployment, one.environment, one.detail);
    if (!one.next) continue;
    if (auto found = deployment(one.deployment); found && deployment::is_legal(found->state, *one.next)) {
      change_state(*found, *one.next, one.detail, one.by);
    }
  }
}

std::vector<std::string_view> Writer::take_marks() { return std::exchange(marks_, {}); }

Result<> Writer::audit_note(const std::string& actor, const std::string& action, const std::string& environment,
                            const std::string& detail) {
  write_audit({.name = actor, .id = 0, .roles = {}, .environments = {}}, action, std::nullopt, environment, detail);
  return {};
}

Result<> Writer::append_events(const std::vector<NewEvent>& events) {
  for (const NewEvent& event : events) write_event(event.deployment, event.kind, event.text);
  return {};
}

}  // namespace sluice::store
