#include "core/base/digest.hpp"
#include "server/base/random.hpp"
#include "core/deployment/state.hpp"
#include "server/store/rows.hpp"
#include "server/store/sqlite.hpp"
#include "server/store/writer.hpp"

// Environment locks, tokens, outgoing messages.

namespace sluice::store {

static constexpr std::size_t name_limit = 255;

static Result<> needs_operator(const Person& by, const std::string& environment) {
  if (may_see(by, environment) && has_role(by, deployment::Role::operator_)) return {};
  return Error{Errc::denied, "not-permitted: this needs the role operator in environment " + environment};
}

Result<> Writer::lock_environment(const std::string& environment, const std::string& reason, const Person& by) {
  if (auto allowed = needs_operator(by, environment); !allowed) return allowed;
  if (reason.empty()) return Error{Errc::invalid, "request-malformed: reason: a lock says why"};
  const auto holder = db_.query("SELECT person, reason FROM environment_locks WHERE environment = ?1", environment);
  if (holder->next()) {
    return Error{Errc::conflict, "conflict: " + holder->text(0) + " locked environment " + environment + " already: " + holder->text(1)};
  }
  db_.run("INSERT INTO environment_locks (environment, reason, person, at_ms) VALUES (?1, ?2, ?3, ?4)", environment, reason, by.name,
          clock_.wall());
  write_audit(by, "environment.lock", std::nullopt, environment, reason);
  return {};
}

Result<> Writer::unlock_environment(const std::string& environment, const Person& by) {
  if (auto allowed = needs_operator(by, environment); !allowed) return allowed;
  if (db_.run("DELETE FROM environment_locks WHERE environment = ?1", environment) == 0) {
    return Error{Errc::conflict, "conflict: environment " + environment + " is not locked"};
  }
  write_audit(by, "environment.unlock", std::nullopt, environment, "");
  return {};
}

// ---- tokens ----------------------------------------------------------------------------------------------------------

static Result<> check_token(const NewToken& token) {
  if (token.name.empty() || token.name.size() > name_limit) return Error{Errc::invalid, "a token needs a name of 1 to 255 bytes"};
  if (token.name.find('\n') != std::string::npos) return Error{Errc::invalid, "the name of a token has no line break"};
  if (token.person.name.size() > name_limit) return Error{Errc::invalid, "a person's name has at most 255 bytes"};
  if (token.person.roles.empty()) return Error{Errc::invalid, "a token needs a role: viewer, approver, operator or admin"};
  for (const auto& environment : token.person.environments) {
    if (environment.empty() || environment.find('\n') != std::string::npos) {
      return Error{Errc::invalid, "the name of an environment is not empty and has no line break"};
    }
  }
  return {};
}

Secret new_token_text() { return Secret("slc_" + random_hex(32)); }

Result<CreatedToken> Writer::create_token(const NewToken& token, const std::string& by) {
  CreatedToken out;
  out.text = new_token_text();
  auto record = insert_token(token, sha256(out.text.reveal()), by);
  if (!record) return std::move(record).error();
  out.record = std::move(*record);
  return out;
}

Result<Token> Writer::insert_token(const NewToken& token, const Sha256& hash, const std::string& by) {
  if (auto checked = check_token(token); !checked) return std::move(checked).error();
  if (db_.ask("SELECT count(*) FROM tokens WHERE name = ?1 AND revoked_ms IS NULL", token.name) != 0) {
    return Error{Errc::conflict, "conflict: there is a token named " + token.name + "; revoke it first, or choose another name"};
  }
  Token out;
  out.name = token.name;
  out.person = token.person;
  if (out.person.name.empty()) out.person.name = token.name;
  out.created = clock_.wall();
  out.expires = token.expires;
  db_.run(
      "INSERT INTO tokens (name, sha256, person, person_id, roles, environments, created_ms, expires_ms) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
      token.name, Blob{bytes_of(hash)}, out.person.name, token.person.id, joined_roles(token.person.roles),
      joined(token.person.environments), out.created, token.expires);
  out.id = db_.last_row();
  write_audit({.name = by, .id = 0, .roles = {}, .environments = {}}, "token.create", std::nullopt, "",
              "token " + std::to_string(out.id) + " " + token.name + " of " + out.person.name);
  return out;
}

Result<> Writer::revoke_token(std::int64_t id, const std::string& by) {
  if (db_.run("UPDATE tokens SET revoked_ms = ?2 WHERE id = ?1 AND revoked_ms IS NULL", id, clock_.wall()) == 0) {
    return Error{Errc::not_found, "not-found: there is no token " + std::to_string(id) + " in force"};
  }
  write_audit({.name = by, .id = 0, .roles = {}, .environments = {}}, "token.revoke", std::nullopt, "", "token " + std::to_string(id));
  return {};
}

Result<> Writer::touch_token(std::int64_t id) {
  const auto time = clock_.wall();
  db_.run("UPDATE tokens SET last_used_ms = ?2 WHERE id = ?1 AND (last_used_ms IS NULL OR last_used_ms < ?3)", id, time,
          time - std::chrono::minutes{1});
  return {};
}

// ---- messages --------------------------------------------------------------------------------------------------------

Result<int> Writer::announce(const MessageMaker& make, int limit) {
  const std::int64_t last = db_.ask("SELECT max(sequence) FROM events");
  std::int64_t seen = db_.ask("SELECT sequence FROM cursors WHERE name = 'announced'");
  struct Change {
    std::int64_t sequence;
    DeploymentId id;
    std::string text;
  };
  std::vector<Change> changes;
  {
    auto rows = db_.query("SELECT sequence, deployment, text FROM events WHERE sequence > ?1 AND kind = 'state' ORDER BY sequence LIMIT ?2", seen,
                          std::max(limit, 1));
    while (rows->next()) changes.push_back({rows->integer(0), DeploymentId{rows->integer(1)}, rows->text(2)});
  }
  for (const Change& change : changes) {
    const std::size_t colon = std::min(change.text.find(": "), change.text.size());
    const auto to = deployment::parse_state(std::string_view(change.text).substr(0, colon));
    auto one = deployment(change.id);
    if (!to || !one) continue;
    const std::string reason = change.text.substr(std::min(colon + 2, change.text.size()));
    for (const NewMessage& message : make(*one, *to, reason, change.sequence)) {
      db_.run(
          "INSERT INTO outbox (kind, natural_key, deployment, target, body, not_before_ms, state) VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'pending') "
          "ON CONFLICT (natural_key) DO NOTHING",
          message.kind, message.natural_key, message.deployment, message.target, message.body, clock_.wall());
    }
  }
  const bool all = static_cast<int>(changes.size()) < std::max(limit, 1);
  if (all) seen = std::max(seen, last);
  if (!all) seen = changes.back().sequence;
  db_.run("UPDATE cursors SET sequence = ?1 WHERE name = 'announced'", seen);
  return static_cast<int>(changes.size());
}

Result<std::vector<Message>> Writer::due_messages(int limit) {
  auto rows = db_.query(
      "SELECT id, kind, natural_key, deployment, target, body, attempts FROM outbox AS o WHERE state = 'pending' AND not_before_ms <= ?1 "
      "AND NOT EXISTS (SELECT 1 FROM outbox AS earlier WHERE earlier.state = 'pending' AND earlier.deployment = o.deployment "
      "AND earlier.target = o.target AND earlier.id < o.id) ORDER BY not_before_ms, id LIMIT ?2",
      clock_.wall(), std::max(limit, 1));
  std::vector<Message> out;
  while (rows->next()) {
    Message one{.id = rows->integer(0),
                .kind = rows->text(1),
                .natural_key = rows->text(2),
                .deployment = std::nullopt,
                .target = rows->text(4),
                .body = rows->text(5),
                .attempts = static_cast<int>(rows->integer(6))};
    if (!rows->is_null(3)) one.deployment = DeploymentId{rows->integer(3)};
    out.push_back(std::move(one));
  }
  return out;
}

Result<> Writer::message_sent(std::int64_t id, const std::string& response_id) {
  db_.run("UPDATE outbox SET state = 'sent', attempts = attempts + 1, response_id = ?2 WHERE id = ?1 AND state = 'pending'", id, response_id);
  return {};
}

Result<> Writer::message_failed(std::int64_t id, std::chrono::seconds again_in, bool give_up) {
  db_.run("UPDATE outbox SET attempts = attempts + 1, not_before_ms = ?2, state = ?3 WHERE id = ?1 AND state = 'pending'", id,
          clock_.wall() + again_in, give_up ? "failed" : "pending");
  return {};
}

}  // namespace sluice::store
