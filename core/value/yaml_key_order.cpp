#include "core/value/yaml_key_order.hpp"

#include <algorithm>

#include "core/value/unicode.hpp"

namespace sluice::yaml {
namespace {

/// Where `a` and `b` first differ, moved back to the start of a character.
std::size_t first_difference(std::string_view a, std::string_view b) {
  const std::size_t shorter = std::min(a.size(), b.size());
  std::size_t at = 0;
  while (at < shorter && a[at] == b[at]) ++at;
  while (at > 0 && ((at < a.size() && (static_cast<unsigned char>(a[at]) & 0xC0) == 0x80) ||
                    (at < b.size() && (static_cast<unsigned char>(b[at]) & 0xC0) == 0x80))) {
    --at;
  }
  return at;
}

struct Run {
  std::int64_t value;
  std::size_t digits;
};

/// The digits at the start of `text` as a number. It wraps around where Go's does.
Run digit_run(std::string_view text, std::int64_t start) {
  auto value = static_cast<std::uint64_t>(start);
  std::size_t digits = 0;
  for (std::size_t at = 0; at < text.size(); ++digits) {
    const Rune rune = decode_rune(text.substr(at));
    if (!is_digit(rune.value)) break;
    value = value * 10 + (static_cast<std::uint64_t>(rune.value) - U'0');
    at += rune.size;
  }
  return {static_cast<std::int64_t>(value), digits};
}

/// Do the digits that end `text` include one that is not 0?
bool ends_in_nonzero_digits(std::string_view text) {
  while (!text.empty()) {
    const Rune rune = decode_last_rune(text);
    if (!is_digit(rune.value)) return false;
    if (rune.value != U'0') return true;
    text.remove_suffix(rune.size);
  }
  return false;
}

}  // namespace

bool key_less(std::string_view a, std::string_view b, Writer writer) {
  const std::size_t at = first_difference(a, b);
  if (at >= a.size() || at >= b.size()) return a.size() < b.size();
  const std::string_view same = a.substr(0, at);
  const char32_t x = decode_rune(a.substr(at)).value;
  const char32_t y = decode_rune(b.substr(at)).value;
  const bool x_is_letter = is_letter(x), y_is_letter = is_letter(y);
  if (x_is_letter && y_is_letter) return x < y;
  if (x_is_letter || y_is_letter) {
    const bool after_digit = writer == Writer::v3 && is_digit(decode_last_rune(same).value);
    return after_digit ? x_is_letter : y_is_letter;
  }
  const std::int64_t start = (x == U'0' || y == U'0') && ends_in_nonzero_digits(same) ? 1 : 0;
  const Run left = digit_run(a.substr(at), start);
  const Run right = digit_run(b.substr(at), start);
  if (left.value != right.value) return left.value < right.value;
  if (left.digits != right.digits) return left.digits < right.digits;
  return x < y;
}

void sort_entries(std::vector<const Map::Entry*>& entries, Writer writer) {
  const auto less = [&](const Map::Entry* a, const Map::Entry* b) { return key_less(a->key, b->key, writer); };
  if (std::is_sorted(entries.begin(), entries.end(), less)) return;
  std::stable_sort(entries.begin(), entries.end(), less);
}

}  // namespace sluice::yaml
