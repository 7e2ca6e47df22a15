#pragma once

#include <span>
#include <string>
#include <string_view>

namespace sluice::toml {

/// A basic string: "...", with escapes for quotes, backslash and control characters.
void append_basic_string(std::string& out, std::string_view text);
/// A part of a key: bare if it can be.
void append_key(std::string& out, std::string_view part);
/// a.b."c d"
std::string key_text(std::span<const std::string> parts);

}  // namespace sluice::toml
