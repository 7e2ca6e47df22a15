#pragma once

// What fuzz entries share.

#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <utility>

namespace sluice::fuzz {

inline void must(bool holds) {
  if (!holds) std::abort();
}

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) { return {reinterpret_cast<const char*>(data), size}; }

/// `text` before and after the first `mark`; all of it and nothing, where there is no mark.
inline std::pair<std::string_view, std::string_view> cut(std::string_view text, std::string_view mark) {
  const auto at = text.find(mark);
  if (at == text.npos) return {text, {}};
  return {text.substr(0, at), text.substr(at + mark.size())};
}

/// Whether nothing in `text` can drive a terminal or break a line of a log.
inline bool has_no_control(std::string_view text) {
  for (const char c : text)
    if ((static_cast<unsigned char>(c) < ' ' && c != '\t') || c == 0x7F) return false;
  return true;
}

}  // namespace sluice::fuzz
