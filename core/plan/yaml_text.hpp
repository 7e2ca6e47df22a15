#pragma once

#include <string>
#include <vector>

#include "core/plan/json.hpp"

namespace sluice::plan {

/// `json` as YAML lines for reading (block style, sorted keys, lists not indented). Characters that drive terminals or reorder
/// text appear as <U+001B>; a line longer than 2000 bytes is cut, which it says.
std::vector<std::string> yaml_lines(const Json& json);

/// `text` with such characters made visible.
std::string visible(std::string_view text);

}  // namespace sluice::plan
