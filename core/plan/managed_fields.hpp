#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/plan/json.hpp"

namespace sluice::plan {

/// Who wrote a field last, as the API server keeps it in metadata.managedFields.
struct FieldManager {
  std::string name;  ///< "kubectl-edit", "kube-controller-manager"; with "/scale" where it came by a subresource
  std::string time;  ///< RFC 3339; empty where the server keeps none
};

/// The manager of what stands at `path` (field_path.hpp) in the live object; of several the one that wrote last. Nothing where the
/// server does not tell: for a field that is not there any more, or an object without that list.
/// Follows: structured-merge-diff, the keys f:NAME, k:{...}, v:VALUE and i:INDEX of fieldsV1.
std::optional<FieldManager> manager_of(const Json& live, std::string_view path);

}  // namespace sluice::plan
