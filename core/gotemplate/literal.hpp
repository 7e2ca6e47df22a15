#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/gotemplate/lexer.hpp"
#include "core/value/value.hpp"

namespace sluice::gotemplate {

/// A string literal as written, quotes included -> its bytes. Nothing if it is no valid literal of Go.
/// Follows: strconv.Unquote for "..." and `...` (which drops carriage returns).
std::optional<std::string> unquote(std::string_view literal);

/// What a number literal can be taken for. As an argument it adapts to the parameter's type; alone it is `ideal`.
struct Number {
  bool is_int = false;
  bool is_uint = false;
  bool is_float = false;
  bool overflows = false;  ///< alone it is no int: "... overflows int"
  std::int64_t int_ = 0;
  std::uint64_t uint_ = 0;
  double float_ = 0;
  Value ideal = {};  ///< its value where nothing asks for a type: int, float64 or complex128
};

/// Reads a number, complex or character_constant token. Errors: invalid, with the parser's text.
/// Follows: text/template/parse, newNumber.
Result<Number> read_number(std::string_view text, TokenKind kind);

}  // namespace sluice::gotemplate
