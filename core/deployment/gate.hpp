#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/deployment/decision.hpp"

namespace sluice::deployment {

/// Everything the gate looks at, read in the transaction that will take the lease.
struct GateCase {
  DeploymentId id;
  State state = State::received;
  std::string environment;
  std::string cluster;

  std::string digest;           ///< Of the plan in force, as approved and shown.
  std::string digest_of_bytes;  ///< SHA-256 of the plan's bytes, computed just now.
  std::string plan_environment;  ///< What the plan itself says it is for.
  std::string plan_cluster;

  std::vector<Approval> approvals;
  Protection rules;
  Moment plan_ready;
  Moment now;

  std::optional<std::string> locked;         ///< Why somebody locked the environment.
  std::optional<DeploymentId> cluster_held;  ///< Another deployment is being pushed to this cluster.
  std::optional<DeploymentId> goes_before;   ///< An older approved one of this environment (see queue.hpp).
  bool cancel_requested = false;
};

/// The one gate before any writing call to a cluster: whether this deployment may start, or resume after an interruption.
///
/// Errors, each beginning with its stable code:
///   conflict      not in this state, or not now: locked, another push, the wait timer
///   plan-digest-mismatch, approval-expired   the approval does not cover this plan: it never may
/// `is_worth_waiting` tells the two apart.
Result<> may_start(const GateCase& about);

/// What becomes of a deployment that the gate will never open for: nobody can do anything with it but make a new one.
/// nothing when it is in a state that the gate was not made for.
std::optional<State> after_refusal(State state, const Error& refusal, bool cancel_requested);

/// Whether a refusal of `may_start` passes by itself (Errc::unavailable), so that the deployment stays `approved`.
bool is_worth_waiting(const Error& refusal);

}  // namespace sluice::deployment
