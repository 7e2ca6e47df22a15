#pragma once

#include <memory>
#include <string>

#include "core/base/result.hpp"
#include "core/gotemplate/tree.hpp"

namespace sluice::gotemplate {

/// What a template file may weigh. Past it: invalid.
struct ParseLimits {
  std::size_t source = 5U << 20;  ///< bytes
  std::uint32_t nesting = 1'000;  ///< of parentheses, and of blocks (Go allows 10,000 and any number)
};

/// Parses one file. Its functions must be in `functions` or builtins, which must outlive the tree.
/// Errors: invalid, in Go's words: "template: NAME:LINE: unexpected EOF".
/// Follows: text/template/parse of Go 1.26 in mode 0.
Result<std::shared_ptr<const Tree>> parse(std::string name, std::string source, const FunctionTable& functions,
                                          const ParseLimits& limits = {});

}  // namespace sluice::gotemplate
