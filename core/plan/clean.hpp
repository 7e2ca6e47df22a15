#pragma once

#include <string>

#include "core/plan/json.hpp"

namespace sluice::plan {

/// `object` without what the API server keeps for itself: status, managedFields, versions, times, the bookkeeping annotations
/// of kubectl and of controllers. What is left is what a person means by "the object".
Json clean(Json object);

/// SHA-256 (hex) of the cleaned object: the same until somebody changes it, whatever its resourceVersion does.
std::string content_hash(const Json& object);

}  // namespace sluice::plan
