#include "server/base/failpoint.hpp"
#include "server/store/rows.hpp"
#include "server/store/sqlite.hpp"
#include "server/store/writer.hpp"

namespace sluice::store {

using deployment::is_final;
using deployment::is_legal;
using deployment::to_string;

static std::string once_key(const NewDeployment& wanted) {
  return wanted.repository + "\n" + wanted.environment + "\n" + wanted.commit + "\n" + wanted.config_digest;
}

Result<CreatedDeployment> Writer::create_deployment(const NewDeployment& wanted) {
  if (wanted.repository.empty() || wanted.environment.empty() || wanted.cluster.empty()) {
    return Error{Errc::invalid, "a deployment needs a repository, an environment and a cluster"};
  }
  std::optional<std::string> key;
  if (wanted.once) {
    if (wanted.commit.empty()) return Error{Errc::invalid, "a deployment that may happen once only needs its commit"};
    key = once_key(wanted);
    const auto known = db_.ask("SELECT id FROM deployments WHERE once_key = ?1", *key);
    if (known != 0) return CreatedDeployment{.id = {known}, .is_new = false};
  }
  if (!wanted.once && !wanted.request_key.empty()) {
    key = "request " + wanted.request_key;
    const auto known = db_.ask("SELECT id FROM deployments WHERE once_key = ?1", *key);
    if (known != 0) return CreatedDeployment{.id = {known}, .is_new = false};
  }
  const auto time = clock_.wall();
  db_.run(
      "INSERT INTO deployments (repository, environment, cluster, ref, commit_id, config_digest, once_key, trigger, title, initiator, "
      "initiator_id, origin, delivery, state, created_ms, changed_ms) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, 'received', ?14, ?14)",
      wanted.repository, wanted.environment, wanted.cluster, wanted.ref, wanted.commit, wanted.config_digest, key, wanted.trigger,
      wanted.title, wanted.initiator.name, wanted.initiator.id, wanted.origin, wanted.delivery, time);
  const DeploymentId id{db_.last_row()};
  write_audit(wanted.initiator, "deployment.received", id, wanted.environment,
              wanted.trigger + " of " + wanted.repository + " " + wanted.ref + " " + wanted.commit);
  write_event(id, "state", "received");
  return CreatedDeployment{.id = id};
}

/// The same wish once more. While one such copy is under way there is no second.
Result<CreatedDeployment> Writer::copy_of(const Deployment& one, std::string trigger, const Person& by) {
  {
    auto rows = db_.query("SELECT id, state, trigger FROM deployments WHERE origin = ?1 ORDER BY id DESC", one.id);
    while (rows->next()) {
      const auto state = deployment::parse_state(rows->text(1));
      if (state && !is_final(*state) && rows->text(2) == trigger) return CreatedDeployment{.id = {rows->integer(0)}, .is_new = false};
    }
  }
  return create_deployment({.repository = one.repository,
                            .environment = one.environment,
                            .cluster = one.cluster,
                            .ref = one.ref,
                            .commit = one.commit,
                            .config_digest = one.config_digest,
                            .trigger = std::move(trigger),
                            .title = one.title,
                            .initiator = by,
                            .origin = one.id,
                            .delivery = std::nullopt,
                            .once = false});
}

static Result<> needs_operator(const Person& by, const Deployment& one) {
  if (may_see(by, one.environment) && has_role(by, deployment::Role::operator_)) return {};
  return Error{Errc::denied, "not-permitted: this needs the role operator in environment " + one.environment};
}

Result<CreatedDeployment> Writer::retry(DeploymentId id, const Person& by) {
  auto one = deployment(id);
  if (!one) return std::move(one).error();
  if (auto allowed = needs_operator(by, *one); !allowed) return std::move(allowed).error();
  if (!is_final(one->state) || one->state == State::succeeded) {
    return Error{Errc::conflict, "conflict: " + named(id) + " is " + std::string(to_string(one->state)) +
                                     "; only one that ended without success can be retried"};
  }
  return copy_of(*one, "retry", by);
}

Result<CreatedDeployment> Writer::rollback_to(DeploymentId id, const Person& by) {
  auto one = deployment(id);
  if (!one) return std::move(one).error();
  if (auto allowed = needs_operator(by, *one); !allowed) return std::move(allowed).error();
  if (one->state != State::succeeded && one->state != State::no_changes) {
    return Error{Errc::conflict, "conflict: " + named(id) + " is " + std::string(to_string(one->state)) +
                                     "; only what once succeeded can be gone back to"};
  }
  if (auto planted = failpoint("rollback.begin")) return std::move(*planted);
  return copy_of(*one, "rollback", by);
}

Result<> Writer::set_commit(DeploymentId id, const std::string& commit, const std::string& title) {
  const int changed =
      db_.run("UPDATE deployments SET commit_id = ?2, title = ?3 WHERE id = ?1 AND state = 'planning'", id, commit, title);
  if (changed == 0) return Error{Errc::conflict, "conflict: " + named(id) + " is not being planned"};
  return {};
}

Result<> Writer::check_fence(const Deployment& one, std::int64_t fence) const {
  const auto time = now();
  auto rows = db_.query("SELECT fence, boot, renewed_mono FROM leases WHERE deployment = ?1", one.id);
  if (!rows->next()) return Error{Errc::denied, "lease-lost: " + named(one.id) + " is not being pushed"};
  if (rows->integer(0) != fence || rows->text(1) != time.boot) {
    return Error{Errc::denied, "lease-lost: another worker pushes " + named(one.id)};
  }
  if (time.monotonic - std::chrono::nanoseconds{rows->integer(2)} > lease_time) {
    return Error{Errc::denied, "lease-lost: the lease on " + named(one.id) + " was not renewed in time"};
  }
  return {};
}

/// Ways that have a function of their own, with more to check than the states.
static Result<> check_way(const Transition& change) {
  const auto only = [&](std::string_view function) {
    return Error{Errc::denied, std::string(to_string(change.to)) + " is reached through " + std::string(function) + " only"};
  };
  if (change.to == State::awaiting_approval) return only("save_plan");
  if (change.to == State::approved || change.to == State::rejected) return only("decide");
  if (change.to == State::deploying) return only("take_lease");
  if (!is_legal(change.from, change.to)) {
    return Error{Errc::invalid, named(change.deployment) + ": " + std::string(to_string(change.from)) + " never becomes " +
                                    std::string(to_string(change.to))};
  }
  return {};
}

Result<> Writer::transition(const Transition& change) {
  if (auto checked = check_way(change); !checked) return checked;
  auto one = deployment(change.deployment);
  if (!one) return std::move(one).error();
  if (one->state != change.from) {
    return Error{Errc::conflict, "conflict: " + named(one->id) + " is " + std::string(to_string(one->state)) + ", expected " +
                                     std::string(to_string(change.from))};
  }
  if (change.from == State::deploying || change.from == State::verifying) {
    if (!change.fence) return Error{Errc::denied, "lease-lost: " + named(one->id) + " is changed by the worker that pushes it only"};
    if (auto held = check_fence(*one, *change.fence); !held) return held;
  }
  if (change.to == State::planning && db_.ask("SELECT count(*) FROM journal WHERE deployment = ?1", one->id) != 0) {
    return Error{Errc::conflict, "conflict: " + named(one->id) + " has written to the cluster already, so it cannot be planned anew"};
  }
  change_state(*one, change.to, change.reason, {.name = change.by, .id = 0, .roles = {}, .environments = {}});
  return {};
}

}  // namespace sluice::store
