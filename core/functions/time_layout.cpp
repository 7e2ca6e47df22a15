#include "core/functions/time_layout.hpp"

#include <array>
#include <utility>

namespace sluice::functions {
namespace {

using enum LayoutElement;

bool is_digit_at(std::string_view text, std::size_t at) { return at < text.size() && text[at] >= '0' && text[at] <= '9'; }
bool is_lower_at(std::string_view text, std::size_t at) { return at < text.size() && text[at] >= 'a' && text[at] <= 'z'; }

struct Found {
  LayoutElement element = none;
  std::size_t size = 0;
  std::size_t skip = 0;  // characters before it that are literal after all
};

template <std::size_t N>
Found longest(std::string_view text, const std::array<std::pair<std::string_view, LayoutElement>, N>& spellings) {
  for (const auto& [spelling, element] : spellings)
    if (text.starts_with(spelling)) return {element, spelling.size()};
  return {};
}

Found name_or_zone(std::string_view text) {
  if (text.starts_with("January")) return {long_month, 7};
  if (text.starts_with("Jan")) return is_lower_at(text, 3) ? Found{} : Found{month, 3};
  if (text.starts_with("Monday")) return {long_weekday, 6};
  if (text.starts_with("Mon")) return is_lower_at(text, 3) ? Found{} : Found{weekday, 3};
  if (text.starts_with("MST")) return {zone_name, 3};
  return {};
}

Found fraction(std::string_view text) {
  if (text.size() < 2 || (text[1] != '0' && text[1] != '9')) return {};
  std::size_t end = 1;
  while (end < text.size() && text[end] == text[1]) ++end;
  if (is_digit_at(text, end)) return {};
  return {text[1] == '0' ? fraction_zeros : fraction_nines, end};
}

Found element_at(std::string_view text) {
  using Spelling = std::pair<std::string_view, LayoutElement>;
  switch (text[0]) {
    case 'J':
    case 'M':
      return name_or_zone(text);
    case '0':
      return longest(text, std::array{Spelling{"01", zero_month}, Spelling{"02", zero_day}, Spelling{"03", zero_hour12},
                                      Spelling{"04", zero_minute}, Spelling{"05", zero_second}, Spelling{"06", year},
                                      Spelling{"002", zero_year_day}});
    case '1':
      return longest(text, std::array{Spelling{"15", hour}, Spelling{"1", number_month}});
    case '2':
      return longest(text, std::array{Spelling{"2006", long_year}, Spelling{"2", day}});
    case '_':
      if (text.starts_with("_2006")) return {long_year, 4, 1};
      return longest(text, std::array{Spelling{"_2", under_day}, Spelling{"__2", under_year_day}});
    case '3':
      return {hour12, 1};
    case '4':
      return {minute, 1};
    case '5':
      return {second, 1};
    case 'P':
      return longest(text, std::array{Spelling{"PM", upper_pm}});
    case 'p':
      return longest(text, std::array{Spelling{"pm", lower_pm}});
    case '-':
      return longest(text, std::array{Spelling{"-070000", offset_seconds}, Spelling{"-07:00:00", offset_colon_seconds},
                                      Spelling{"-0700", offset}, Spelling{"-07:00", offset_colon}, Spelling{"-07", offset_short}});
    case 'Z':
      return longest(text, std::array{Spelling{"Z070000", iso_seconds}, Spelling{"Z07:00:00", iso_colon_seconds},
                                      Spelling{"Z0700", iso_offset}, Spelling{"Z07:00", iso_colon}, Spelling{"Z07", iso_short}});
    case '.':
    case ',':
      return fraction(text);
    default:
      return {};
  }
}

}  // namespace

LayoutChunk next_chunk(std::string_view layout) {
  for (std::size_t at = 0; at < layout.size(); ++at) {
    const Found found = element_at(layout.substr(at));
    if (found.element == none) continue;
    at += found.skip;
    return {layout.substr(0, at), found.element, layout.substr(at, found.size), layout.substr(at + found.size)};
  }
  return {layout, none, {}, {}};
}

}  // namespace sluice::functions
