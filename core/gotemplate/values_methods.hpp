#pragma once

#include <string_view>

#include "core/value/value.hpp"

namespace sluice::gotemplate {

/// The methods of chartutil.Values, which hide keys of the same name: YAML, AsMap, Table, PathValue, Encode. Null for all else.
/// Follows: pkg/chartutil/values.go.
const Method* find_values_method(std::string_view name);
/// The method of chartutil.VersionSet: Has.
const Method* find_versions_method(std::string_view name);

}  // namespace sluice::gotemplate
