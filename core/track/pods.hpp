#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "core/plan/json.hpp"

namespace sluice::track {

/// Something that keeps a pod from running and will not heal by waiting long.
struct Trouble {
  std::string pod;        ///< its name
  std::string container;  ///< empty: the pod itself
  std::string reason;     ///< "ImagePullBackOff"
  std::string message;
  std::chrono::seconds grace{0};  ///< how long it may last before it counts as failure
  bool crashed = false;           ///< the log of the instance before tells more

  /// "pod web-1, container web: ImagePullBackOff: Back-off pulling image ..."
  std::string text() const;
};

/// What is wrong with `pod`, worst first; empty while it is on its way, done, or being deleted.
/// Follows: the waiting reasons of Kubernetes' kubelet; grace times in the manner of nelm's failure budget.
std::vector<Trouble> troubles(const plan::Json& pod);

/// Whether the labels of `pod` fit spec.selector.matchLabels of `workload` (an empty selector fits nothing).
bool is_selected(const plan::Json& pod, const plan::Json& workload);

/// Whether `object` is owned by the object with that uid.
bool is_owned_by(const plan::Json& object, std::string_view uid);

/// The sentence of an event for people: "FailedScheduling: 0/1 nodes are available (x3)".
std::string event_text(const plan::Json& event);
/// When the event was last seen, as text that sorts by time.
std::string event_time(const plan::Json& event);

}  // namespace sluice::track
