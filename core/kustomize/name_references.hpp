#pragma once

#include <vector>

#include "core/base/result.hpp"
#include "core/kustomize/resource.hpp"

namespace sluice::kustomize {

/// Gives objects that refer to renamed or moved ones the new names: a Deployment its ConfigMaps, a RoleBinding its accounts.
/// Errors: invalid, where more than one object may be meant.
/// Follows: kustomize's name reference transformer with its default configuration.
Result<> fix_name_references(std::vector<Resource>& resources);

}  // namespace sluice::kustomize
