#include "core/value/unicode.hpp"

#include <algorithm>
#include <iterator>

#include "core/value/unicode_tables.hpp"

namespace sluice {
namespace {

bool is_continuation(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

template <class Range, std::size_t count>
const Range* find_range(const Range (&ranges)[count], char32_t rune) {
  const Range* found = std::partition_point(std::begin(ranges), std::end(ranges), [&](const Range& r) { return r.last < rune; });
  return found != std::end(ranges) && found->first <= rune ? found : nullptr;
}

template <std::size_t count>
bool contains(const RuneRange (&ranges)[count], char32_t rune) {
  return find_range(ranges, rune) != nullptr;
}

template <std::size_t count>
bool contains(const SteppedRange (&ranges)[count], char32_t rune) {
  const SteppedRange* range = find_range(ranges, rune);
  return range && (rune - range->first) % range->step == 0;
}

template <std::size_t count>
char32_t map_case(const CaseRange (&ranges)[count], char32_t rune) {
  const CaseRange* range = find_range(ranges, rune);
  if (!range || (rune - range->first) % range->step != 0) return rune;
  return static_cast<char32_t>(static_cast<int>(rune) + range->delta);
}

bool in(char32_t rune, char32_t first, char32_t last) { return rune - first <= last - first; }

}  // namespace

Rune decode_rune(std::string_view text) {
  constexpr Rune bad{replacement_rune, 1};
  if (text.empty()) return {replacement_rune, 0};
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return {lead, 1};
  const unsigned size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < size) return bad;
  char32_t rune = lead & (0x7Fu >> size);
  for (unsigned i = 1; i < size; ++i) {
    if (!is_continuation(text[i])) return bad;
    rune = rune << 6 | (static_cast<unsigned char>(text[i]) & 0x3Fu);
  }
  constexpr char32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  if (rune < least[size] || rune > 0x10FFFF || in(rune, 0xD800, 0xDFFF)) return bad;
  return {rune, size};
}

Rune decode_last_rune(std::string_view text) {
  if (text.empty()) return {replacement_rune, 0};
  for (std::size_t back = 1; back <= 4 && back <= text.size(); ++back) {
    const std::string_view tail = text.substr(text.size() - back);
    if (is_continuation(tail[0])) continue;
    const Rune rune = decode_rune(tail);
    return rune.size == back ? rune : Rune{replacement_rune, 1};
  }
  return {replacement_rune, 1};
}

void append_rune(std::string& out, char32_t rune) {
  if (rune > 0x10FFFF || in(rune, 0xD800, 0xDFFF)) rune = replacement_rune;
  const auto byte = [&](char32_t bits) { out.push_back(static_cast<char>(static_cast<unsigned char>(bits))); };
  if (rune < 0x80) {
    byte(rune);
  } else if (rune < 0x800) {
    byte(0xC0 | rune >> 6);
    byte(0x80 | (rune & 0x3F));
  } else if (rune < 0x10000) {
    byte(0xE0 | rune >> 12);
    byte(0x80 | (rune >> 6 & 0x3F));
    byte(0x80 | (rune & 0x3F));
  } else {
    byte(0xF0 | rune >> 18);
    byte(0x80 | (rune >> 12 & 0x3F));
    byte(0x80 | (rune >> 6 & 0x3F));
    byte(0x80 | (rune & 0x3F));
  }
}

std::size_t count_runes(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size(); ++count) {
    at += static_cast<unsigned char>(text[at]) < 0x80 ? 1 : decode_rune(text.substr(at)).size;
  }
  return count;
}

bool is_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    if (static_cast<unsigned char>(text[at]) < 0x80) {
      ++at;
      continue;
    }
    const Rune rune = decode_rune(text.substr(at));
    if (!rune.valid()) return false;
    at += rune.size;
  }
  return true;
}

std::string to_valid_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const Rune rune = decode_rune(text.substr(at));
    append_rune(out, rune.value);
    at += rune.size;
  }
  return out;
}

bool is_letter(char32_t rune) {
  if (rune < 0x80) return in(rune | 0x20, U'a', U'z');
  return contains(letter_ranges, rune);
}

bool is_digit(char32_t rune) {
  if (rune < 0x80) return in(rune, U'0', U'9');
  return contains(digit_ranges, rune);
}

bool is_number(char32_t rune) {
  if (rune < 0x80) return in(rune, U'0', U'9');
  return contains(number_ranges, rune);
}

bool is_upper(char32_t rune) {
  if (rune < 0x80) return in(rune, U'A', U'Z');
  return contains(upper_ranges, rune);
}

bool is_lower(char32_t rune) {
  if (rune < 0x80) return in(rune, U'a', U'z');
  return contains(lower_ranges, rune);
}

bool is_title(char32_t rune) { return rune >= 0x80 && contains(title_ranges, rune); }

bool is_space(char32_t rune) {
  switch (rune) {
    case U'\t':
    case U'\n':
    case U'\v':
    case U'\f':
    case U'\r':
    case U' ':
    case 0x85:
    case 0xA0:
    case 0x1680:
    case 0x2028:
    case 0x2029:
    case 0x202F:
    case 0x205F:
    case 0x3000: return true;
    default: return in(rune, 0x2000, 0x200A);
  }
}

bool is_punct(char32_t rune) { return contains(punct_ranges, rune); }
bool is_symbol(char32_t rune) { return contains(symbol_ranges, rune); }

bool is_print(char32_t rune) {
  if (rune < 0x80) return in(rune, 0x20, 0x7E);
  return contains(print_ranges, rune);
}

char32_t to_upper(char32_t rune) {
  if (rune < 0x80) return in(rune, U'a', U'z') ? rune - 0x20 : rune;
  return map_case(to_upper_ranges, rune);
}

char32_t to_lower(char32_t rune) {
  if (rune < 0x80) return in(rune, U'A', U'Z') ? rune + 0x20 : rune;
  return map_case(to_lower_ranges, rune);
}

char32_t to_title(char32_t rune) {
  if (rune < 0x80) return in(rune, U'a', U'z') ? rune - 0x20 : rune;
  return map_case(to_title_ranges, rune);
}

}  // namespace sluice
