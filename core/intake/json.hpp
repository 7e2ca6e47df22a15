#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>

#include "core/base/result.hpp"

namespace sluice::intake {

inline constexpr int max_json_depth = 64;

/// Reads JSON from outside: at most `max_json_depth` levels, no key twice in one object, nothing behind the end, valid UTF-8.
/// The depth is checked while reading, because copying or freeing a deep tree already overflows the stack.
/// Errors: invalid, with the byte where it went wrong.
Result<nlohmann::json> read_json(std::string_view text);

}  // namespace sluice::intake
