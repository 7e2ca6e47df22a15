#pragma once

#include <span>
#include <string>

#include "core/value/value.hpp"

namespace sluice {

// What Go's package fmt prints. Marks of secret texts reach the bytes that they became; a scalar with the secret bit is marked
// as a whole. All throw TooLarge (walk.hpp) for what Go would not get to the end of, as a map that contains itself.

/// %v, fmt's default format: `map[a:1 b:[x <nil>]]`.
void append_text(TextBuilder& out, const Value& value);
Text to_text(const Value& value);

/// fmt.Sprintf. Never fails: mistakes of the format appear in the result (`%!d(string=x)`). Width and precision end at 1000000.
Text sprintf(const Text& format, std::span<const Value> arguments);
/// fmt.Sprint: a space between two arguments when neither is a string.
Text sprint(std::span<const Value> arguments);
/// fmt.Sprintln: a space between all arguments, and a newline.
Text sprintln(std::span<const Value> arguments);

}  // namespace sluice
