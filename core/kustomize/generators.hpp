#pragma once

#include <functional>
#include <string>

#include "core/base/result.hpp"
#include "core/kustomize/resource.hpp"

namespace sluice::kustomize {

/// Reads a file that a generator names.
using ReadFile = std::function<Result<std::string>(const std::string& path)>;

/// The object that an entry of configMapGenerator or secretGenerator describes. `global` is generatorOptions, or null.
/// Errors: invalid; unsupported, for a `behavior` other than create.
Result<Resource> generate(const std::string& kind, const Value& entry, const Value& global, const ReadFile& read);

/// Adds to the names of generated objects what their contents hash to.
Result<> add_hashes(std::vector<Resource>& resources);

}  // namespace sluice::kustomize
