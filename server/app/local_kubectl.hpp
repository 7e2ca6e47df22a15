#pragma once

namespace sluice::worker {
struct TreeRequest;
}

namespace sluice::app {

/// Answers `kubectl get` of templates from the cluster that is planned for (server/worker/kubectl.hpp), whatever cluster an
/// installed kubectl would ask; none needs to be installed. What is not answered here is left to the installed one.
void stand_in_for_kubectl(worker::TreeRequest& request);

}  // namespace sluice::app
