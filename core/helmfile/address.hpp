#pragma once

#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace sluice::helmfile {

/// A file or a folder in a git repository: "git::https://host/repository.git@charts/web?ref=v1.2.0".
struct GitAddress {
  std::string url;   ///< of the repository
  std::string path;  ///< in it
  std::string ref;   ///< branch, tag or commit
};

/// Errors: invalid, with the form that is expected; or without ?ref=, for then nobody knows what it will be.
/// Differs: go-getter takes the default branch.
Result<GitAddress> parse_git_address(std::string_view address);

}  // namespace sluice::helmfile
