#pragma once

#include <string>
#include <string_view>

#include "core/value/marked_text.hpp"

namespace sluice {

/// Gives `text` to `put(piece, is_secret)` in pieces that are secret as a whole or not at all. No piece splits a character:
/// a mark that ends inside one is taken to cover all of it.
template <class Put>
void for_each_segment(const Text& text, const Put& put) {
  const std::string_view bytes = text.view();
  const auto is_inside = [&](std::size_t at) {
    return at < bytes.size() && (static_cast<unsigned char>(bytes[at]) & 0xC0) == 0x80;
  };
  std::size_t done = 0;
  for (const Mark& mark : text.marks()) {
    std::size_t begin = mark.begin, end = mark.end;
    while (begin > done && is_inside(begin)) --begin;
    while (is_inside(end)) ++end;
    if (begin < done) begin = done;
    if (end <= begin) continue;
    if (begin > done) put(bytes.substr(done, begin - done), false);
    put(bytes.substr(begin, end - begin), true);
    done = end;
  }
  if (done < bytes.size()) put(bytes.substr(done), false);
}

/// For errors and logs: "(secret)" in place of what is marked.
inline std::string masked(const Text& text) {
  std::string shown;
  for_each_segment(text, [&](std::string_view piece, bool is_secret) { shown += is_secret ? "(secret)" : piece; });
  return shown;
}

}  // namespace sluice
