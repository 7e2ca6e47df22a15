#pragma once

#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "core/plan/json.hpp"

namespace sluice::worker {

/// What `kubectl -o jsonpath=TEMPLATE` prints of an object: text outside braces as it is; inside paths ({.data.key},
/// {.data['tls.crt']}, {.data.tls\.crt}, {.items[0]}, {.items[-1]}, {.items[*].metadata.name}), quoted texts and
/// {range .items[*]}...{end}. What is not there is printed as nothing.
/// Follows: kubectl, k8s.io/client-go/util/jsonpath. Differs: no filters, unions, slices and `..`; they are refused by name.
/// Errors: invalid (not a template), unsupported.
Result<std::string> print_jsonpath(const plan::Json& object, std::string_view text);

}  // namespace sluice::worker
