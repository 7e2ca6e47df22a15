#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "server/store/records.hpp"

namespace sluice::store {

class Connection;
class Sealer;

/// Everything that can be asked. On a connection that cannot write, or as the reading half of a Writer.
///
/// Errors: not_found; `denied` from `authenticate`. SQLite's own failures are thrown (StorageError) and become an Error in Store.
class Reader {
 public:
  Reader(Connection& database, const Sealer& sealer, const Clock& clock);

  Result<Deployment> deployment(DeploymentId id) const;
  Result<DeploymentPage> deployments(const DeploymentFilter& filter) const;
  /// Those in `state`, oldest first, at most 200: what a worker has to look at.
  Result<std::vector<Deployment>> in_state(State state) const;
  Result<EnvironmentStatus> environment(std::string_view name) const;

  /// The plan in force, masked. not_found while there is none.
  Result<Plan> plan(DeploymentId id) const;
  /// The plan's exact bytes, unsealed and checked against their digest.
  Result<std::string> plan_bytes(DeploymentId id) const;
  Result<std::vector<Decision>> decisions(DeploymentId id) const;
  /// Whether `person` could approve right now (`can_approve`): nothing, or why not.
  Result<> may_approve(DeploymentId id, const Person& person, const Protection& rules) const;
  Result<std::vector<JournalStep>> journal(DeploymentId id) const;

  /// Those of one deployment after `after`, at most `limit` (1 to 1000).
  Result<std::vector<Event>> events(DeploymentId id, std::int64_t after, int limit) const;

  Result<Delivery> delivery(DeliveryId id) const;
  Result<std::vector<EnvironmentLock>> locks() const;
  Result<std::vector<AuditRow>> audit(std::int64_t after, int limit) const;
  Result<AuditVerdict> verify_audit() const;
  Result<std::vector<Token>> tokens() const;
  /// The token with this text, if it is known, not expired and not revoked. Says not which of these it is.
  Result<Token> authenticate(std::string_view text) const;
  Result<Counts> counts() const;

  /// Nothing while no cluster has been found behind that name.
  Result<std::optional<KnownCluster>> known_cluster(const std::string& name) const;
  /// What the receiver `target` calls the deployment, as it answered to a message; empty while it has not.
  Result<std::string> remote_id(DeploymentId id, const std::string& target) const;
  Result<std::optional<KeptAnswer>> answer(const Sha256& key) const;

 protected:
  deployment::Moment now() const;
  deployment::DecisionCase decision_case(const Deployment& one, const Protection& rules) const;

  Connection& db_;
  const Sealer& sealer_;
  const Clock& clock_;
};

}  // namespace sluice::store
