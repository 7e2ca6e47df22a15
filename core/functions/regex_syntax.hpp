#pragma once

// The differences between Go's and RE2's regular expressions, both ways. Not for other folders.

#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace re2 {
class RE2;
}

namespace sluice::functions {

/// Rewrites what Go accepts and RE2 does not, and refuses what RE2 accepts and Go does not.
Result<std::string> to_re2(std::string_view pattern);
/// Why RE2 did not accept `pattern`, in Go's words.
Error to_go_error(const re2::RE2& program, std::string_view pattern);

}  // namespace sluice::functions
