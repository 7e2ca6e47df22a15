#pragma once

#include <string_view>

#include "core/value/unicode.hpp"

namespace sluice::chart {

/// Takes the first character off `text`, which is not empty; U+FFFD and one byte if it is no UTF-8.
inline char32_t take_rune(std::string_view& text) {
  const Rune rune = decode_rune(text);
  text.remove_prefix(rune.size);
  return rune.value;
}

/// `text` without the white space at its front. Follows: Go's strings.TrimLeftFunc with unicode.IsSpace.
inline std::string_view trim_left(std::string_view text) {
  while (!text.empty()) {
    const Rune first = decode_rune(text);
    if (!is_space(first.value)) break;
    text.remove_prefix(first.size);
  }
  return text;
}

/// `text` without the white space at its end. Follows: Go's strings.TrimRightFunc with unicode.IsSpace.
inline std::string_view trim_right(std::string_view text) {
  while (!text.empty()) {
    const Rune last = decode_last_rune(text);
    if (!is_space(last.value)) break;
    text.remove_suffix(last.size);
  }
  return text;
}

/// Follows: Go's strings.TrimSpace.
inline std::string_view trim_space(std::string_view text) { return trim_right(trim_left(text)); }

}  // namespace sluice::chart
