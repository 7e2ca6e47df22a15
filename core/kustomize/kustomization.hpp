#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/kustomize/resource.hpp"

namespace sluice::kustomize {

/// Where the files of kustomizations are.
struct Folders {
  std::function<Result<std::string>(const std::string& path)> read = {};
  std::function<bool(const std::string& path)> is_folder = {};
  std::function<std::string(const std::string& folder, const std::string& path)> join = {};
};

/// What a kustomization makes: its resources, those of folders it names, and what it generates, changed as it says, before
/// names are hashed and references to names put right.
///
/// `kustomization` is what a kustomization.yaml in `folder` would hold.
/// Errors: unsupported, for a field by its name and for other addresses than files; invalid, naming the file.
Result<std::vector<Resource>> accumulate(const Value& kustomization, const std::string& folder, const Folders& folders,
                                         Quoted& quoted);

}  // namespace sluice::kustomize
