#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"

namespace sluice::source {

/// One version of a chart in a repository's index.yaml.
struct IndexEntry {
  std::string version;
  std::vector<std::string> urls;  ///< absolute, or relative to the repository
  std::string digest;             ///< SHA-256 of the archive in hex; may be empty
};

/// The versions that an index offers of `chart`, highest first, those that are no semantic versions last; empty if it has none.
/// Errors: invalid, for what is no index.
///
/// Reads only the part of the file that speaks of this chart where helm's own layout allows it: indexes grow to tens of
/// megabytes. Follows: Helm 3.17, pkg/repo. Differs: fields nobody knows are no error.
Result<std::vector<IndexEntry>> read_index(std::string_view yaml, const std::string& chart);

/// Whether `version` names one version and no range: "36.0.0", "v1.11.0", "1.2.3-rc.1".
bool is_exact_version(const std::string& version);

/// Whether pre-releases count where no version is asked for.
enum class Devel { no, yes };

/// The version of `offered` (highest first) that `wanted` asks for: the very text, else the first that the range admits;
/// "" is the newest that is no pre-release. Gives an index into `offered`.
/// Errors: not_found, naming what there is; invalid, for what is no range.
Result<std::size_t> choose_version(const std::vector<std::string>& offered, const std::string& wanted, Devel devel);

/// The same texts, highest semantic version first.
std::vector<std::string> sorted_versions(std::vector<std::string> versions);

}  // namespace sluice::source
