#include "core/functions/words.hpp"

#include <algorithm>

#include "core/value/unicode.hpp"

namespace sluice::functions {
namespace {

template <class Visit>
void for_each_rune(std::string_view text, Visit visit) {
  while (!text.empty()) {
    const Rune rune = decode_rune(text);
    visit(rune.value);
    text.remove_prefix(rune.size);
  }
}

/// What stands before a word, for strings.Title.
bool is_separator(char32_t rune) {
  if (rune < 0x80) return !((rune >= '0' && rune <= '9') || ((rune | 0x20) >= 'a' && (rune | 0x20) <= 'z') || rune == '_');
  return !is_letter(rune) && !is_digit(rune) && is_space(rune);
}

char32_t latin1(char c) { return static_cast<unsigned char>(c); }

}  // namespace

std::string abbreviate(std::string_view text, std::int64_t width) {
  const auto size = static_cast<std::int64_t>(text.size());
  if (width < 4 || size <= width) return std::string(text);
  return std::string(text.substr(0, static_cast<std::size_t>(width - 3))) + "...";
}

std::string abbreviate_both(std::string_view text, std::int64_t left, std::int64_t right) {
  const auto size = static_cast<std::int64_t>(text.size());
  if (right < 4 || (left > 0 && right < 7) || size <= right) return std::string(text);
  const std::int64_t kept = right - 3;
  std::int64_t offset = std::min(left, size);
  if (size - offset < kept) offset = size - kept;
  if (offset <= 4) return std::string(text.substr(0, static_cast<std::size_t>(kept))) + "...";
  if (offset + kept < size) return "..." + abbreviate(text.substr(static_cast<std::size_t>(offset)), kept);
  return "..." + std::string(text.substr(static_cast<std::size_t>(size - kept)));
}

std::string to_title_words(std::string_view text) {
  std::string out;
  char32_t previous = ' ';
  for_each_rune(text, [&](char32_t rune) {
    append_rune(out, is_separator(previous) ? to_title(rune) : rune);
    previous = rune;
  });
  return out;
}

std::string to_untitled(std::string_view text) {
  std::string out;
  bool at_start = true;
  for_each_rune(text, [&](char32_t rune) {
    const bool space = is_space(rune);
    append_rune(out, at_start && !space ? to_lower(rune) : rune);
    at_start = space;
  });
  return out;
}

std::string swap_case(std::string_view text) {
  std::string out;
  bool after_space = true;
  for_each_rune(text, [&](char32_t rune) {
    if (is_upper(rune) || is_title(rune)) {
      append_rune(out, to_lower(rune));
      after_space = false;
    } else if (is_lower(rune)) {
      append_rune(out, after_space ? to_title(rune) : to_upper(rune));
      after_space = false;
    } else {
      append_rune(out, rune);
      after_space = is_space(rune);
    }
  });
  return out;
}

std::string initials(std::string_view text) {
  std::string out;
  bool after_space = true;
  for (char c : text) {
    if (is_space(latin1(c))) {
      after_space = true;
    } else if (after_space) {
      append_rune(out, latin1(c));
      after_space = false;
    }
  }
  return out;
}

std::string without_spaces(std::string_view text) {
  auto space = [](char c) { return is_space(latin1(c)); };
  if (std::none_of(text.begin(), text.end(), space)) return std::string(text);
  std::string out;
  for (char c : text)
    if (!space(c)) append_rune(out, latin1(c));
  return out;
}

std::string wrap(std::string_view text, std::int64_t width, std::string_view line_break, LongWords long_words) {
  const std::size_t limit = width < 1 ? 1 : static_cast<std::size_t>(width);
  std::string out;
  std::size_t at = 0;
  while (text.size() - at > limit) {
    if (text[at] == ' ') {
      ++at;
      continue;
    }
    const std::size_t blank = text.substr(at, limit + 1).rfind(' ');
    std::size_t end = 0, next = 0;
    if (blank != std::string_view::npos) {
      end = at + blank;
      next = end + 1;
    } else if (long_words == LongWords::split) {
      end = next = at + limit;
    } else {
      const std::size_t later = text.find(' ', at + limit);
      if (later == std::string_view::npos) break;
      end = later;
      next = later + 1;
    }
    out += text.substr(at, end - at);
    out += line_break;
    at = next;
  }
  return out += text.substr(at);
}

}  // namespace sluice::functions
