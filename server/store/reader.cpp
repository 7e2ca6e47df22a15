#include "server/store/reader.hpp"

#include <algorithm>
#include <limits>

#include "core/base/digest.hpp"
#include "server/store/rows.hpp"
#include "server/store/sealer.hpp"
#include "server/store/sqlite.hpp"

namespace sluice::store {

Reader::Reader(Connection& database, const Sealer& sealer, const Clock& clock) : db_(database), sealer_(sealer), clock_(clock) {}

deployment::Moment Reader::now() const {
  static const std::string boot = boot_id();
  return {.wall = clock_.wall(), .monotonic = clock_.monotonic(), .boot = boot};
}

// ---- deployments -----------------------------------------------------------------------------------------------------

Result<Deployment> Reader::deployment(DeploymentId id) const {
  auto rows = db_.query(SLUICE_DEPLOYMENT_COLUMNS "WHERE d.id = ?1", id);
  if (!rows->next()) return no_such(id);
  return read_deployment(*rows);
}

/// One statement for each set of filters, so that each has its index.
static Sql list_statement(const DeploymentFilter& filter) {
#define SLUICE_LIST(condition) \
  SLUICE_DEPLOYMENT_COLUMNS "WHERE d.id < ?1 " condition "ORDER BY d.id DESC LIMIT ?5"
  static constexpr Sql statements[] = {
      SLUICE_LIST(""),
      SLUICE_LIST("AND d.environment = ?2 "),
      SLUICE_LIST("AND d.repository = ?3 "),
      SLUICE_LIST("AND d.environment = ?2 AND d.repository = ?3 "),
      SLUICE_LIST("AND d.state = ?4 "),
      SLUICE_LIST("AND d.environment = ?2 AND d.state = ?4 "),
      SLUICE_LIST("AND d.repository = ?3 AND d.state = ?4 "),
      SLUICE_LIST("AND d.environment = ?2 AND d.repository = ?3 AND d.state = ?4 "),
  };
#undef SLUICE_LIST
  return statements[(filter.environment.empty() ? 0 : 1) + (filter.repository.empty() ? 0 : 2) + (filter.state ? 4 : 0)];
}

Result<DeploymentPage> Reader::deployments(const DeploymentFilter& filter) const {
  if (filter.limit < 1 || filter.limit > 200) return Error{Errc::invalid, "request-malformed: limit: expected 1 to 200"};
  const auto before = filter.before.value_or(DeploymentId{std::numeric_limits<std::int64_t>::max()});
  const auto state = filter.state ? deployment::to_string(*filter.state) : std::string_view();
  auto rows = db_.query(list_statement(filter), before, filter.environment, filter.repository, state, filter.limit + 1);
  DeploymentPage page;
  while (rows->next()) page.items.push_back(read_deployment(*rows));
  if (page.items.size() > static_cast<std::size_t>(filter.limit)) {
    page.items.pop_back();
    page.next = page.items.back().id;
  }
  return page;
}

Result<std::vector<Deployment>> Reader::in_state(State state) const {
  auto rows = db_.query(SLUICE_DEPLOYMENT_COLUMNS "WHERE d.state = ?1 ORDER BY d.id LIMIT 200", deployment::to_string(state));
  std::vector<Deployment> out;
  while (rows->next()) out.push_back(read_deployment(*rows));
  return out;
}

// "+d.id" keeps SQLite from walking the environment's whole history in order, which it prefers to sorting a few rows.
Result<EnvironmentStatus> Reader::environment(std::string_view name) const {
  EnvironmentStatus status;
  {
    auto rows = db_.query(SLUICE_DEPLOYMENT_COLUMNS "WHERE d.environment = ?1 AND d.state = 'succeeded' ORDER BY d.id DESC LIMIT 1", name);
    if (rows->next()) status.current = read_deployment(*rows);
  }
  {
    auto rows = db_.query(SLUICE_DEPLOYMENT_COLUMNS
                          "WHERE d.environment = ?1 AND d.state IN ('deploying', 'verifying', 'interrupted') ORDER BY +d.id LIMIT 1",
                          name);
    if (rows->next()) status.running = read_deployment(*rows);
  }
  {
    auto rows = db_.query(SLUICE_DEPLOYMENT_COLUMNS
                          "WHERE d.environment = ?1 AND d.state IN ('received', 'waiting_for_image', 'planning', 'awaiting_approval', "
                          "'approved') ORDER BY +d.id LIMIT 100",
                          name);
    while (rows->next()) status.waiting.push_back(read_deployment(*rows));
  }
  auto rows = db_.query("SELECT environment, reason, person, at_ms FROM environment_locks WHERE environment = ?1", name);
  if (rows->next()) status.lock = EnvironmentLock{rows->text(0), rows->text(1), rows->text(2), rows->time(3)};
  return status;
}

Result<std::vector<EnvironmentLock>> Reader::locks() const {
  auto rows = db_.query("SELECT environment, reason, person, at_ms FROM environment_locks ORDER BY environment");
  std::vector<EnvironmentLock> out;
  while (rows->next()) out.push_back({rows->text(0), rows->text(1), rows->text(2), rows->time(3)});
  return out;
}

// ---- plans and decisions ---------------------------------------------------------------------------------------------

Result<Plan> Reader::plan(DeploymentId id) const {
  auto rows = db_.query(
      "SELECT p.digest, p.environment, p.cluster, p.summary, p.diff_text, p.diff_json, p.diff_was_cut, p.ready_ms, p.expires_after_ms "
      "FROM deployments d JOIN plans p ON p.id = d.plan WHERE d.id = ?1",
      id);
  if (!rows->next()) {
    if (auto one = deployment(id); !one) return std::move(one).error();
    return Error{Errc::not_found, "not-found: " + named(id) + " has no plan"};
  }
  return Plan{.digest = rows->text(0),
              .environment = rows->text(1),
              .cluster = rows->text(2),
              .summary = rows->text(3),
              .diff_text = rows->text(4),
              .diff_json = rows->text(5),
              .diff_was_cut = rows->integer(6) != 0,
              .ready = rows->time(7),
              .expires = rows->time(7) + std::chrono::milliseconds{rows->integer(8)}};
}

Result<std::string> Reader::plan_bytes(DeploymentId id) const {
  auto rows = db_.query("SELECT p.id, p.digest, p.sealed_bytes FROM deployments d JOIN plans p ON p.id = d.plan WHERE d.id = ?1", id);
  if (!rows->next()) return Error{Errc::not_found, "not-found: " + named(id) + " has no plan"};
  auto bytes = sealer_.open(rows->text(2), {"plans", "bytes", rows->integer(0)});
  if (!bytes) return Error{Errc::conflict, "plan-digest-mismatch: " + bytes.error().what};
  if (to_hex(sha256(*bytes)) != rows->text(1)) {
    return Error{Errc::conflict, "plan-digest-mismatch: the stored plan of " + named(id) + " is not the one that was shown"};
  }
  return bytes;
}

Result<std::vector<Decision>> Reader::decisions(DeploymentId id) const {
  auto rows = db_.query(
      "SELECT wish, person, person_id, digest, comment, hold, at_ms FROM decisions WHERE deployment = ?1 ORDER BY id", id);
  std::vector<Decision> out;
  while (rows->next()) {
    Decision one;
    const auto wish = rows->text(0);
    one.wish = wish == "approve" ? deployment::Wish::approve : wish == "reject" ? deployment::Wish::reject : deployment::Wish::cancel;
    one.by.name = rows->text(1);
    one.by.id = rows->integer(2);
    one.digest = rows->text(3);
    one.comment = rows->text(4);
    one.hold = split_lines(rows->text(5));
    one.at = rows->time(6);
    out.push_back(std::move(one));
  }
  return out;
}

deployment::DecisionCase Reader::decision_case(const Deployment& one, const Protection& rules) const {
  deployment::DecisionCase about;
  about.state = one.state;
  about.environment = one.environment;
  about.cluster = one.cluster;
  about.digest = one.digest;
  about.initiator = one.initiator;
  about.rules = rules;
  about.now = now();
  {
    auto rows = db_.query(
        "SELECT p.ready_ms, p.ready_mono, p.ready_boot, p.diff_was_cut FROM deployments d JOIN plans p ON p.id = d.plan WHERE d.id = ?1",
        one.id);
    if (rows->next()) {
      about.plan_ready = read_moment(*rows, 0);
      about.diff_was_cut = rows->integer(3) != 0;
    }
  }
  auto rows = db_.query(
      "SELECT person, person_id, digest, environment, cluster, at_ms, at_mono, at_boot FROM decisions "
      "WHERE deployment = ?1 AND wish = 'approve' ORDER BY id",
      one.id);
  while (rows->next()) {
    deployment::Approval approval;
    approval.by.name = rows->text(0);
    approval.by.id = rows->integer(1);
    approval.digest = rows->text(2);
    approval.environment = rows->text(3);
    approval.cluster = rows->text(4);
    approval.at = read_moment(*rows, 5);
    about.approvals.push_back(std::move(approval));
  }
  return about;
}

Result<> Reader::may_approve(DeploymentId id, const Person& person, const Protection& rules) const {
  auto one = deployment(id);
  if (!one) return std::move(one).error();
  return deployment::may_approve(decision_case(*one, rules), person);
}

Result<std::vector<JournalStep>> Reader::journal(DeploymentId id) const {
  auto rows = db_.query("SELECT step, object, verb, state, uid, resource_version FROM journal WHERE deployment = ?1 ORDER BY step", id);
  std::vector<JournalStep> out;
  while (rows->next()) {
    out.push_back({static_cast<int>(rows->integer(0)), rows->text(1), rows->text(2), rows->text(3) == "confirmed", rows->text(4),
                   rows->text(5)});
  }
  return out;
}

// ---- events, deliveries, counts --------------------------------------------------------------------------------------

Result<std::vector<Event>> Reader::events(DeploymentId id, std::int64_t after, int limit) const {
  auto rows = db_.query(
      "SELECT sequence, at_ms, kind, text FROM events WHERE deployment = ?1 AND sequence > ?2 ORDER BY sequence LIMIT ?3", id, after,
      std::clamp(limit, 1, 1000));
  std::vector<Event> out;
  while (rows->next()) out.push_back({rows->integer(0), id, rows->time(1), rows->text(2), rows->text(3)});
  return out;
}

Result<Delivery> Reader::delivery(DeliveryId id) const {
  auto rows = db_.query(
      "SELECT guid, hook_id, event, action, repository, trigger_key, received_ms, state, result, attempts, sealed_body "
      "FROM deliveries WHERE id = ?1",
      id);
  if (!rows->next()) return Error{Errc::not_found, "not-found: there is no delivery " + std::to_string(id.value)};
  Delivery one;
  one.id = id;
  one.guid = rows->text(0);
  one.hook_id = rows->text(1);
  one.event = rows->text(2);
  one.action = rows->text(3);
  one.repository = rows->text(4);
  one.trigger_key = rows->text(5);
  one.received = rows->time(6);
  one.state = parse_delivery_state(rows->text(7));
  one.result = rows->text(8);
  one.attempts = static_cast<int>(rows->integer(9));
  if (!rows->is_null(10)) {
    auto body = sealer_.open(rows->text(10), {"deliveries", "body", id.value});
    if (!body) return std::move(body).error();
    one.body = std::move(*body);
  }
  return one;
}

Result<Counts> Reader::counts() const {
  Counts out;
  for (const State state : deployment::all_states()) {
    if (deployment::is_final(state)) continue;
    out.deployments.emplace_back(state, db_.ask("SELECT count(*) FROM deployments WHERE state = ?1", deployment::to_string(state)));
  }
  out.deliveries_pending = db_.ask("SELECT count(*) FROM deliveries WHERE state = 'pending'");
  out.messages_pending = db_.ask("SELECT count(*) FROM outbox WHERE state = 'pending'");
  out.events_last = db_.ask("SELECT coalesce(max(sequence), 0) FROM events");
  out.audit_rows = db_.ask("SELECT coalesce(max(sequence), 0) FROM audit");
  return out;
}

// ---- audit -----------------------------------------------------------------------------------------------------------

static AuditRow read_audit(const Query& row) {
  AuditRow one;
  one.sequence = row.integer(0);
  one.at = row.time(1);
  one.actor = row.text(2);
  one.actor_id = row.integer(3);
  one.action = row.text(4);
  if (row.integer(5) != 0) one.deployment = DeploymentId{row.integer(5)};
  one.environment = row.text(6);
  one.detail = row.text(7);
  return one;
}

Result<std::vector<AuditRow>> Reader::audit(std::int64_t after, int limit) const {
  auto rows = db_.query(
      "SELECT sequence, at_ms, actor, actor_id, action, deployment, environment, detail FROM audit WHERE sequence > ?1 "
      "ORDER BY sequence LIMIT ?2",
      after, std::clamp(limit, 1, 1000));
  std::vector<AuditRow> out;
  while (rows->next()) out.push_back(read_audit(*rows));
  return out;
}

Result<AuditVerdict> Reader::verify_audit() const {
  auto rows = db_.query(
      "SELECT sequence, at_ms, actor, actor_id, action, deployment, environment, detail, hash FROM audit ORDER BY sequence");
  AuditVerdict verdict;
  std::string previous(32, '\0');
  const auto broken = [&](std::int64_t sequence, std::string problem) {
    verdict.first_bad = sequence;
    verdict.problem = std::move(problem);
    return verdict;
  };
  while (rows->next()) {
    const AuditRow row = read_audit(*rows);
    ++verdict.rows;
    if (row.sequence != verdict.rows) return broken(verdict.rows, "the row is missing");
    std::string found = rows->text(8);
    if (found != bytes_of(audit_hash(previous, row))) return broken(row.sequence, "the row, or one before it, was changed");
    previous = std::move(found);
  }
  const auto last = db_.ask("SELECT seq FROM sqlite_sequence WHERE name = 'audit'");
  if (last > verdict.rows) return broken(verdict.rows + 1, "the row is missing");
  verdict.head = to_hex(previous);
  return verdict;
}

// ---- tokens ----------------------------------------------------------------------------------------------------------

#define SLUICE_TOKEN_COLUMNS \
  "SELECT id, name, person, person_id, roles, environments, created_ms, expires_ms, last_used_ms, revoked_ms FROM tokens "

static Token read_token(const Query& row) {
  Token one;
  one.id = row.integer(0);
  one.name = row.text(1);
  one.person.name = row.text(2);
  one.person.id = row.integer(3);
  one.person.roles = split_roles(row.text(4));
  one.person.environments = split_lines(row.text(5));
  one.created = row.time(6);
  one.expires = row.maybe_time(7);
  one.last_used = row.maybe_time(8);
  one.revoked = row.maybe_time(9);
  return one;
}

Result<std::vector<Token>> Reader::tokens() const {
  auto rows = db_.query(SLUICE_TOKEN_COLUMNS "ORDER BY id");
  std::vector<Token> out;
  while (rows->next()) out.push_back(read_token(*rows));
  return out;
}

Result<Token> Reader::authenticate(std::string_view text) const {
  const Error refused{Errc::denied, "not-authenticated: the token is not known, expired or revoked"};
  if (text.size() > 200) return refused;
  auto rows = db_.query(SLUICE_TOKEN_COLUMNS "WHERE sha256 = ?1", Blob{bytes_of(sha256(text))});
  if (!rows->next()) return refused;
  Token token = read_token(*rows);
  if (token.revoked || (token.expires && *token.expires <= clock_.wall())) return refused;
  return token;
}

}  // namespace sluice::store
