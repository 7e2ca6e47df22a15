#pragma once

#include <optional>
#include <vector>

#include "core/deployment/protection.hpp"
#include "core/deployment/state.hpp"

namespace sluice::deployment {

/// Another deployment of the same repository to the same environment.
struct Neighbour {
  DeploymentId id;
  State state = State::received;
};

/// What a plan that became ready means for those beside it.
struct Superseding {
  std::optional<DeploymentId> by;        ///< A newer plan is already waiting or going: the new one gives way to it.
  std::vector<DeploymentId> superseded;  ///< Older waiting ones that give way.
};

/// The queue's rule at the moment when the plan of `ready` is sealed. Nothing is superseded merely because something newer was
/// asked for: that may fail, or turn out to be an older commit; the branch head asked at planning time decides.
Superseding supersede(DeploymentId ready, const std::vector<Neighbour>& others, QueueOrder order);

/// Whether `id` is first in line among the approved ones. In a fifo queue an older waiting one goes first.
std::optional<DeploymentId> who_goes_before(DeploymentId id, const std::vector<Neighbour>& others, QueueOrder order);

}  // namespace sluice::deployment
