#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace sluice::deployment {

/// Counted up from 1; newer deployments have higher numbers.
struct DeploymentId {
  std::int64_t value = 0;
  auto operator<=>(const DeploymentId&) const = default;
};

enum class State {
  received,           ///< asked for, nothing done yet
  waiting_for_image,  ///< the image of this commit is not in its registry yet
  planning,           ///< checkout, render and plan are under way
  no_changes,         ///< the cluster already is what the commit asks for
  plan_failed,
  awaiting_approval,  ///< the plan is sealed and shown
  approved,           ///< may start as soon as the gate opens (wait timer, lock, another push)
  deploying,          ///< a worker holds the lease and writes to the cluster
  verifying,          ///< everything is written; waiting until it is ready
  succeeded,
  failed,
  rolled_back,
  rejected,
  expired,
  superseded,   ///< a newer one took its place, or its commit is no longer the head
  cancelled,
  interrupted,  ///< the worker was lost while pushing: unknown until the cluster was read
  poisoned,     ///< its worker died three times
};

std::string_view to_string(State state);
std::optional<State> parse_state(std::string_view text);
std::span<const State> all_states();

/// Whether nothing follows. What is wanted after that is a new deployment.
bool is_final(State state);

/// Whether `from` may become `to`. Everything else is refused by the store, whoever asks.
bool is_legal(State from, State to);

/// Whether a cluster may have been written to by a deployment in this state that has not ended.
bool holds_the_cluster(State state);

}  // namespace sluice::deployment
