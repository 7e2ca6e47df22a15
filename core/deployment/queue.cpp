#include "core/deployment/queue.hpp"

namespace sluice::deployment {

static bool has_a_plan_in_force(State state) {
  return state == State::awaiting_approval || state == State::approved || holds_the_cluster(state);
}

Superseding supersede(DeploymentId ready, const std::vector<Neighbour>& others, QueueOrder order) {
  Superseding out;
  if (order == QueueOrder::fifo) return out;
  for (const Neighbour& other : others) {
    if (other.id > ready && has_a_plan_in_force(other.state) && (!out.by || other.id > *out.by)) out.by = other.id;
    if (other.id < ready && other.state == State::awaiting_approval) out.superseded.push_back(other.id);
  }
  if (out.by) out.superseded.clear();
  return out;
}

std::optional<DeploymentId> who_goes_before(DeploymentId id, const std::vector<Neighbour>& others, QueueOrder order) {
  std::optional<DeploymentId> first;
  for (const Neighbour& other : others) {
    const bool waits = other.state == State::approved || (order == QueueOrder::fifo && other.state == State::awaiting_approval);
    if (waits && other.id < id && (!first || other.id < *first)) first = other.id;
  }
  return first;
}

}  // namespace sluice::deployment
