#pragma once

#include <map>
#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "core/chart/chart.hpp"

namespace sluice::chart {

/// What Helm reads of a manifest.
struct Head {
  std::string api_version, kind, name, namespace_;
  std::map<std::string, std::string, std::less<>> annotations;
};

/// Reads the whole of `document`, so that broken YAML is found.
/// Errors: invalid, in the words of Go's YAML and JSON readers.
/// Follows: Helm, releaseutil.SimpleHead.
Result<Head> read_head(std::string_view document, HelmVersion helm);

}  // namespace sluice::chart
