#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/plan/object.hpp"
#include "core/track/track.hpp"
#include "server/kube/cluster.hpp"

namespace sluice::worker {

/// An object that shall become ready.
struct Awaited {
  plan::ObjectId id;
  std::string api_version;
  std::string path;
};

struct WaitRequest {
  std::vector<Awaited> objects;
  std::chrono::seconds limit{300};  ///< for all of them together
  track::Jobs jobs = track::Jobs::ignore;
  std::function<void(const std::string& text)> note;  ///< told whenever what is waited for changes
};

/// Waits until all objects are ready, reading them afresh, ever more slowly, from every 0.1 s to every 2 s.
///
/// Errors: timeout, naming each object that is not ready and why; invalid, as soon as one has failed or its pods have been in a
/// trouble that does not heal for longer than its grace; those of the cluster.
boost::asio::awaitable<Result<>> wait_until_ready(kube::Cluster& cluster, WaitRequest request);

/// Waits until the object at `path` is gone, or is another one than `uid`.
boost::asio::awaitable<Result<>> wait_until_gone(kube::Cluster& cluster, std::string path, std::string uid,
                                                 std::chrono::seconds limit);

/// What pods, events and logs say about the objects that are not ready, for people: at most 100 lines. Never fails: what
/// cannot be read is left out.
boost::asio::awaitable<std::vector<std::string>> collect_evidence(kube::Cluster& cluster, std::vector<Awaited> objects,
                                                                  track::Jobs jobs);

}  // namespace sluice::worker
