#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"

namespace sluice::helmfile {

struct LockedChart {
  std::string name = {};
  std::string repository = {};
  std::string version = {};
  bool operator==(const LockedChart&) const = default;
};

/// A lock file: which versions the charts of repositories were resolved to.
struct Lock {
  std::vector<LockedChart> charts = {};  ///< in the file's order
  std::string digest = {};               ///< of the unresolved and the resolved list; kept, never compared (as helmfile)
  std::string generated = {};            ///< RFC 3339
};

/// `file` is for errors.
Result<Lock> parse_lock(std::string_view text, const std::string& file);
/// As helmfile writes it: sorted by name.
std::string write_lock(Lock lock);

/// The first locked version of the chart that `range` admits ("" is "*", which leaves pre-releases out). The repository is not
/// compared. Errors: not_found, if there is none: the lock file is out of date.
Result<std::string> locked_version(const Lock& lock, const std::string& chart, const std::string& range);

/// "helmfile.yaml.gotmpl" -> "helmfile.lock"
std::string lock_file_name(std::string_view state_file);

}  // namespace sluice::helmfile
