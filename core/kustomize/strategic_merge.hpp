#pragma once

#include <optional>

#include "core/base/result.hpp"
#include "core/kustomize/resource.hpp"

namespace sluice::kustomize {

/// `object` with the strategic merge patch `patch` over it; nothing if the patch removes it.
///
/// A map is merged key by key, null removes a key, a list is replaced unless its kind merges it by keys (kinds.hpp): then what
/// the patch lists comes first. `$patch: delete`, `replace` and `merge` are obeyed in maps and in merged lists. Keys whose
/// value is not written at all are dropped everywhere in `object`.
/// Errors: invalid, where a map meets a list or the like, or for another `$patch`.
/// Follows: kyaml, yaml/merge2 with new elements in front.
Result<std::optional<Value>> merge_strategically(const Value& object, const Value& patch, Quoted& quoted, bool rewritten);

}  // namespace sluice::kustomize
