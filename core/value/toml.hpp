#pragma once

#include <string_view>

#include "core/value/value.hpp"

namespace sluice {

/// Which release of Helm the result shall equal, where they differ in their TOML library.
enum class TomlRules : std::uint8_t { helm3, helm4 };

/// Reads a TOML document into maps, lists, strings, bools, int64, float64 and times.
/// Errors: invalid with the text of BurntSushi/toml: `toml: line 1 (last key "a"): ...`.
Result<Value> read_toml(std::string_view text, TomlRules rules = TomlRules::helm3);

/// Writes as BurntSushi/toml's encoder does, with its trailing newline.
/// Errors: invalid with its text: "toml: cannot encode array with nil element".
Result<Text> to_toml(const Value& value, TomlRules rules = TomlRules::helm3);

}  // namespace sluice
