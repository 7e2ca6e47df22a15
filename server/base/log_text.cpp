#include "server/base/log_text.hpp"

#include <array>
#include <cstdint>
#include <cstdio>
#include <utility>

namespace sluice {

namespace {

struct Character {
  char32_t code = 0;
  std::size_t size = 1;
  bool valid = false;
};

/// The UTF-8 character at the start of `text`. Follows: Unicode 15, table 3-7 (well-formed byte sequences).
Character first_character(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t lead = byte(0);
  if (lead < 0x80) return {lead, 1, true};
  const std::size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < size) return {};
  char32_t code = lead & (0x7fU >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {};
    code = code << 6 | (byte(i) & 0x3f);
  }
  const bool overlong = (size == 3 && code < 0x800) || (size == 4 && code < 0x10000);
  if (overlong || (code >= 0xd800 && code < 0xe000) || code > 0x10ffff) return {};
  return {code, size, true};
}

/// Controls and characters that hide or reorder others.
bool needs_mark(char32_t c) {
  static constexpr std::array<std::pair<char32_t, char32_t>, 13> ranges{{{0x00, 0x1f}, {0x7f, 0x9f}, {0xad, 0xad}, {0x61c, 0x61c},
      {0x115f, 0x1160}, {0x180e, 0x180e}, {0x200b, 0x200f}, {0x2028, 0x202e}, {0x2060, 0x206f}, {0x3164, 0x3164},
      {0xfeff, 0xfeff}, {0xfff9, 0xfffb}, {0xe0000, 0xe007f}}};
  for (const auto& [low, high] : ranges) {
    if (c >= low && c <= high) return true;
  }
  return false;
}

std::string mark(const char* format, unsigned value) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), format, value);
  return text.data();
}

}  // namespace

std::string shown(std::string_view text, std::size_t limit) {
  std::string out;
  std::size_t count = 0;
  while (!text.empty()) {
    const Character c = first_character(text);
    if (++count <= limit) {
      if (!c.valid) {
        out += mark("<0x%02X>", static_cast<std::uint8_t>(text[0]));
      } else if (needs_mark(c.code)) {
        out += mark("<U+%04X>", static_cast<unsigned>(c.code));
      } else {
        out += text.substr(0, c.size);
      }
    }
    text.remove_prefix(c.size);
  }
  if (count > limit) out += "…(+" + std::to_string(count - limit) + ")";
  return out;
}

std::string json_escaped(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 8);
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += mark("\\u%04x", static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace sluice
