#pragma once

#include <span>
#include <vector>

#include "core/base/result.hpp"
#include "core/kustomize/resource.hpp"

namespace sluice::kustomize {

/// Applies a document of `target` and `patch`, or `path` of one of `files`, to every object that the target selects, which may
/// be none. Errors: invalid, not_found (the file), naming the document.
Result<> apply_json_patches(const Source& source, std::span<const Source> files, std::vector<Resource>& resources, Quoted& quoted);

/// Applies each object of `source` to the one of the same group, version, kind, name and namespace.
/// Errors: not_found when there is none, invalid.
Result<> apply_strategic_merge_patches(const Source& source, std::vector<Resource>& resources, Quoted& quoted);

/// Applies a patch of either form: to all that `target` selects, or, where that is null, a strategic merge patch to the object
/// that it names. Errors: as above.
Result<> apply_patch(const Source& source, const Value* target, std::vector<Resource>& resources, Quoted& quoted);

}  // namespace sluice::kustomize
