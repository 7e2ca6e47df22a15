#pragma once

#include <string_view>

#include "core/base/result.hpp"
#include "core/value/value.hpp"

namespace sluice::helmfile {

/// Applies one `--state-values-set` argument, `k=v,a.b[0]=w`, to `values`.
/// true, false, null (in any case), 0 and integers that do not begin with 0 get their type, all else is text. There is no
/// escape for a comma. Errors: invalid, for an item without `=` and a path that runs through a scalar (helmfile panics).
Result<> set_state_values(const Value& values, std::string_view argument);

/// The same for `--state-values-set-string`: every value is text, one that begins with a quote runs to the next quote and
/// keeps both, `k=` is ignored, and what follows an unquoted comma without an `=` is dropped, as helmfile does.
Result<> set_state_values_string(const Value& values, std::string_view argument);

}  // namespace sluice::helmfile
