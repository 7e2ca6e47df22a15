#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sluice::plan {

/// Where in an object we are: "spec", "template", "spec", "containers"; lists leave no trace.
using FieldPath = std::vector<std::string>;

/// How a list of a built-in kind takes a strategic merge patch.
struct ListRule {
  enum class How { replace, merge_objects, merge_primitives };
  How how = How::replace;
  std::string_view key = {};  ///< of merge_objects
};

/// Whether sluice knows how this kind merges, that is whether it is compiled into Kubernetes. Anything else merges as plain JSON.
bool is_built_in(std::string_view group, std::string_view kind);

/// The rule for the list at `path` of a built-in kind.
/// Follows: the x-kubernetes-patch-merge-key marks of Kubernetes 1.34's OpenAPI, complete.
ListRule list_rule(std::string_view kind, const FieldPath& path);

/// Whether a map at `path` is patched with the list of keys to keep (a Deployment's strategy, an element of volumes).
bool retains_keys(std::string_view kind, const FieldPath& path);

/// Whether the texts at `path` are quantities: "1000m" and "1" are one value.
bool is_quantity(const FieldPath& path);

/// "500m", "1Gi", "2" as equal numbers? False when either is no quantity.
bool same_quantity(std::string_view a, std::string_view b);

}  // namespace sluice::plan
