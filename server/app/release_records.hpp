#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>
#include <vector>

#include "core/plan/release.hpp"
#include "server/app/cluster_run.hpp"

namespace sluice::app {

/// The records that `heads` tell of, without the charts' contents, `width` read at a time.
boost::asio::awaitable<Result<std::vector<plan::Json>>> read_records(kube::Cluster& cluster, std::vector<plan::RecordHead> heads,
                                                                     std::size_t width = 8);

struct RecordWanted {
  std::string namespace_, name;
  int revision = 0;  ///< 0: the newest
  plan::RecordParts parts = plan::RecordParts::without_chart_content;
};
/// Errors: not_found, "release: not found".
Result<plan::Json> read_record(ClusterRun& run, const RecordWanted& wanted);

}  // namespace sluice::app
