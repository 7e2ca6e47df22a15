#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/secret.hpp"
#include "core/plan/diff.hpp"
#include "core/plan/plan.hpp"

namespace sluice::kube {
class Cluster;
}

namespace sluice::worker {

struct ReleaseName {
  std::string namespace_, name;
  auto operator<=>(const ReleaseName&) const = default;
};

struct DriftRequest {
  std::string namespace_;             ///< whose releases; empty: those of all namespaces
  std::vector<ReleaseName> releases;  ///< these alone; empty: all that have a record
  Secret mask_key;
  plan::SecretPlaces secret_places = {};  ///< of what is deployed
};

/// How far live objects have gone from what their releases last deployed (core/plan/drift.hpp). Reads, and tries patches out in dry
/// runs, so that what only looks different to us is no drift. What of a release cannot be compared is a note of it.
boost::asio::awaitable<Result<plan::Diff>> find_drift(kube::Cluster& cluster, DriftRequest request);

}  // namespace sluice::worker
