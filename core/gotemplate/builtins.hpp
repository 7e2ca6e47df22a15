#pragma once

#include <span>
#include <string_view>

#include "core/gotemplate/operand.hpp"
#include "core/value/value.hpp"

namespace sluice::gotemplate {

// Go's builtin functions on reflection values: they can tell a nil interface from no value. Errors: Go's texts.
// Follows: text/template/funcs.go.

Result<Value> eq(std::span<const Operand> arguments);
Result<Value> ne(std::span<const Operand> arguments);
Result<Value> lt(std::span<const Operand> arguments);
Result<Value> le(std::span<const Operand> arguments);
Result<Value> gt(std::span<const Operand> arguments);
Result<Value> ge(std::span<const Operand> arguments);
Result<Value> len(std::span<const Operand> arguments);
Result<Value> index(std::span<const Operand> arguments);
Result<Value> slice(std::span<const Operand> arguments);
/// `callee` is the first argument as written.
Result<Value> call(std::span<const Operand> arguments, std::string_view callee);

// Go's text-escaping builtins. Several arguments are joined as print does it; nil is "<no value>".
std::string html_escape(std::string_view text);
std::string js_escape(std::string_view text);
std::string url_escape(std::string_view text);
Text escaper_input(std::span<const Value> arguments);

}  // namespace sluice::gotemplate
