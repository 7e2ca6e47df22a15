#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/plan/release.hpp"
#include "server/kube/cluster.hpp"

namespace sluice::worker {

/// The revisions of one release, oldest first, without their contents.
struct History {
  std::vector<plan::RecordHead> revisions;

  const plan::RecordHead* last() const { return revisions.empty() ? nullptr : &revisions.back(); }
  /// The newest with status deployed; null if there is none.
  const plan::RecordHead* deployed() const;
  const plan::RecordHead* find(int revision) const;
};

/// All releases of a namespace, by name. An empty namespace means all of them (needs the right to list Secrets everywhere).
boost::asio::awaitable<Result<std::vector<plan::RecordHead>>> list_records(kube::Cluster& cluster, std::string namespace_);
History history_of(const std::vector<plan::RecordHead>& records, const std::string& name, const std::string& namespace_);

/// The record itself. Errors: not_found, "release: not found".
boost::asio::awaitable<Result<plan::Json>> read_record(kube::Cluster& cluster, std::string namespace_, std::string name,
                                                       int revision, plan::RecordParts parts);

/// Writes a new record. Errors: conflict, when that revision is there already: somebody else is at work on the release.
boost::asio::awaitable<Result<>> create_record(kube::Cluster& cluster, const plan::Json& record);
/// Replaces a record that is there.
boost::asio::awaitable<Result<>> update_record(kube::Cluster& cluster, const plan::Json& record);
/// Reads a record and gives it another status; `description` empty: as it was.
boost::asio::awaitable<Result<>> set_status(kube::Cluster& cluster, std::string namespace_, std::string name, int revision,
                                            std::string status, std::string description);
boost::asio::awaitable<Result<>> delete_record(kube::Cluster& cluster, std::string namespace_, std::string name, int revision);

/// "2026-11-25T01:05:21.123Z" for now, as records hold times.
std::string record_time();

}  // namespace sluice::worker
