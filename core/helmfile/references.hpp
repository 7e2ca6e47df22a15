#pragma once

#include <string_view>

#include "core/base/result.hpp"
#include "core/helmfile/outside.hpp"
#include "core/value/value.hpp"

namespace sluice::helmfile {

// References to values that live elsewhere: "ref+file://db.yaml#/user/password". Follows: vals 0.40, as helmfile calls it.
//   file      a file, or a key in a YAML file; ?encode=base64
//   envsubst  $NAME and ${NAME:-otherwise} from the environment
//   echo      the reference's own text
//   k8s       v1/Secret/NAMESPACE/NAME/KEY, and ConfigMaps, where there is a cluster
// Differs: other providers are refused by name, for they need credentials that are not there; what was found is marked secret,
// but for echo and for variables that are not.

/// Whether a text holds something that looks like a reference.
bool has_reference(std::string_view text);
bool has_reference(const Value& value);

/// Paths are relative to `folder`, the state file's. Errors: unsupported, naming the provider; not_found; invalid. They hold no
/// value.
Result<Text> expand_references(const Text& text, const std::string& folder, const Outside& outside);
/// A copy with the references in all its texts replaced.
Result<Value> expand_references(const Value& value, const std::string& folder, const Outside& outside);

}  // namespace sluice::helmfile
