#pragma once

#include "core/base/result.hpp"
#include "core/value/value.hpp"

namespace sluice::kustomize {

/// Applies the operations of a JSON patch (RFC 6902), a list of maps, to `object`, which has its own maps and lists.
/// Errors: invalid, naming the operation by its number.
/// Follows: evanphx/json-patch 4: `replace` also adds a key to a map, an index may count from the end, and what stands before a
/// path's first slash is not looked at.
Result<> apply_json_patch(Value& object, const Value& operations);

}  // namespace sluice::kustomize
