// The formats of JSON schema, as loosely as the libraries behind Helm check them.

#include <algorithm>
#include <array>

#include "core/chart/schema_document.hpp"
#include "core/functions/regex.hpp"
#include "core/value/text.hpp"

namespace sluice::chart {

namespace {

bool is_digit_char(char c) { return c >= '0' && c <= '9'; }
bool is_alnum(char c) { return is_digit_char(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// Takes exactly `count` digits whose number is at most `most`; -1 if they are not there.
int take_digits(std::string_view& text, std::size_t count, int most) {
  if (text.size() < count || !std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(count), is_digit_char))
    return -1;
  const auto number = static_cast<int>(parse_uint(text.substr(0, count), 10).value);
  text.remove_prefix(count);
  return number <= most ? number : -1;
}

bool take(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

bool take_date(std::string_view& text) {
  constexpr std::array days = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const int year = take_digits(text, 4, 9999);
  if (year < 0 || !take(text, '-')) return false;
  const int month = take_digits(text, 2, 12);
  if (month < 1 || !take(text, '-')) return false;
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  const int day = take_digits(text, 2, days[static_cast<std::size_t>(month - 1)] + (month == 2 && leap ? 1 : 0));
  return day >= 1;
}

bool take_clock(std::string_view& text) {
  if (take_digits(text, 2, 23) < 0 || !take(text, ':') || take_digits(text, 2, 59) < 0 || !take(text, ':') ||
      take_digits(text, 2, 59) < 0) {
    return false;
  }
  if (!text.starts_with('.')) return true;
  const std::size_t end = std::min(text.find_first_not_of("0123456789", 1), text.size());
  if (end == 1) return false;
  text.remove_prefix(end);
  return true;
}

bool take_offset(std::string_view& text) {
  if (take(text, 'Z')) return true;
  if (!take(text, '+') && !take(text, '-')) return false;
  return take_digits(text, 2, 23) >= 0 && take(text, ':') && take_digits(text, 2, 59) >= 0;
}

bool is_date(std::string_view text) { return take_date(text) && text.empty(); }

bool is_time(std::string_view text) {
  if (!take_clock(text)) return false;
  return text.empty() || (take_offset(text) && text.empty());
}

bool is_date_time(std::string_view text) {
  if (is_time(text) || is_date(text)) return true;
  return take_date(text) && take(text, 'T') && take_clock(text) && take_offset(text) && text.empty();
}

bool is_ipv4(std::string_view text) {
  for (int part = 0; part < 4; ++part) {
    if (part > 0 && !take(text, '.')) return false;
    const std::size_t size = std::min(text.find_first_not_of("0123456789"), text.size());
    if (size == 0 || size > 3 || (size > 1 && text[0] == '0') || parse_uint(text.substr(0, size), 10).value > 255) return false;
    text.remove_prefix(size);
  }
  return text.empty();
}

bool is_ipv6(std::string_view text) {
  int groups = 0;
  bool gap = false;
  if (text.starts_with("::")) {
    gap = true;
    text.remove_prefix(2);
  }
  while (!text.empty()) {
    if (text.find('.') != text.npos && text.find(':') == text.npos) {
      if (!is_ipv4(text)) return false;
      groups += 2;
      break;
    }
    const std::size_t size = std::min(text.find_first_not_of("0123456789abcdefABCDEF"), text.size());
    if (size == 0 || size > 4) return false;
    ++groups;
    text.remove_prefix(size);
    if (text.empty()) break;
    if (!take(text, ':')) return false;
    if (take(text, ':')) {
      if (gap) return false;
      gap = true;
    } else if (text.empty()) {
      return false;
    }
  }
  return gap ? groups < 8 : groups == 8;
}

bool is_hostname(std::string_view text) {
  if (text.empty() || text.size() > 255) return false;
  while (true) {
    const std::string_view label = text.substr(0, text.find('.'));
    const bool good = !label.empty() && label.size() <= 63 && is_alnum(label.front()) && is_alnum(label.back()) &&
                      std::all_of(label.begin(), label.end(), [](char c) { return is_alnum(c) || c == '-'; });
    if (!good) return false;
    if (label.size() == text.size()) return true;
    text.remove_prefix(label.size() + 1);
  }
}

bool is_email(std::string_view text) {
  const std::size_t open = text.rfind('<');
  if (open != text.npos && text.ends_with('>')) text = text.substr(open + 1, text.size() - open - 2);
  const std::size_t at = text.rfind('@');
  return at != text.npos && at > 0 && at + 1 < text.size() && text.find_first_of(" \t\r\n,;()") == text.npos &&
         text.find('@') == at;
}

bool is_uri_reference(std::string_view text) {
  if (text.find('\\') != text.npos) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c < 0x20 || c == 0x7F) return false;
    if (c == '%' && (i + 2 >= text.size() || !parse_uint(text.substr(i + 1, 2), 16))) return false;
  }
  return !text.starts_with(':');
}

bool is_uri(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == text.npos || colon == 0 || !((text[0] | 0x20) >= 'a' && (text[0] | 0x20) <= 'z')) return false;
  return std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(colon),
                     [](char c) { return is_alnum(c) || c == '+' || c == '-' || c == '.'; }) &&
         is_uri_reference(text);
}

bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !(is_digit_char(text[i]) || (text[i] >= 'a' && text[i] <= 'f'))) return false;
  }
  return true;
}

bool is_json_pointer(std::string_view text) {
  if (!text.empty() && text[0] != '/') return false;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text[i] == '~' && (i + 1 == text.size() || (text[i + 1] != '0' && text[i + 1] != '1'))) return false;
  return true;
}

bool is_relative_json_pointer(std::string_view text) {
  const std::size_t size = std::min(text.find_first_not_of("0123456789"), text.size());
  if (size == 0 || (size > 1 && text[0] == '0')) return false;
  text.remove_prefix(size);
  return text == "#" || is_json_pointer(text);
}

bool is_regex(std::string_view text) { return functions::Regex::compile(text).has_value(); }

struct Format {
  std::string_view name;
  bool (*fits)(std::string_view text);
  std::string_view why;
};

constexpr auto formats = std::to_array<Format>({
    {"date", is_date, "no full-date"},
    {"time", is_time, "no time"},
    {"date-time", is_date_time, "no date-time"},
    {"hostname", is_hostname, "no hostname"},
    {"email", is_email, "missing @"},
    {"idn-email", is_email, "missing @"},
    {"ipv4", is_ipv4, "expected four decimals"},
    {"ipv6", is_ipv6, "no IPv6 address"},
    {"uri", is_uri, "relative url"},
    {"iri", is_uri, "relative url"},
    {"uri-reference", is_uri_reference, "no URI reference"},
    {"iri-reference", is_uri_reference, "no URI reference"},
    {"uri-template", is_uri_reference, "no URI template"},
    {"uuid", is_uuid, "no UUID"},
    {"regex", is_regex, "no regular expression"},
    {"json-pointer", is_json_pointer, "no JSON pointer"},
    {"relative-json-pointer", is_relative_json_pointer, "no relative JSON pointer"},
});

}  // namespace

bool fits_format(std::string_view format, std::string_view text, std::string& why, HelmVersion helm) {
  if (helm == HelmVersion::v4 && judge_as_helm4(format, text, why)) return why.empty();
  const auto at = std::find_if(formats.begin(), formats.end(), [&](const Format& known) { return known.name == format; });
  if (at == formats.end() || at->fits(text)) return true;
  why = at->why;
  if (format == "regex") why = functions::Regex::compile(text).error().what;
  return false;
}

}  // namespace sluice::chart
