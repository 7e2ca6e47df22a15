#pragma once

#include <string>
#include <string_view>

namespace sluice::functions {

/// In double quotes as Go's time package quotes: controls and all bytes that are not ASCII as \xNN.
inline std::string quote_for_time(std::string_view text) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out = "\"";
  for (char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80 || byte < 0x20) {
      out += "\\x";
      out += digits[byte >> 4];
      out += digits[byte & 15];
    } else {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
  }
  return out + '"';
}

}  // namespace sluice::functions
