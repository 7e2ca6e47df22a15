// What Helm 4 says about a text that does not fit its format, where that is more than one sentence.
// Follows: santhosh-tekuri/jsonschema 6, format.go. What it leaves to Go's own parsers (dates, URIs, IPv6) is in schema_formats.cpp.

#include <algorithm>
#include <array>
#include <vector>

#include "core/chart/runes.hpp"
#include "core/chart/schema_document.hpp"
#include "core/value/text.hpp"

namespace sluice::chart {

namespace {

using Why = std::string;  // empty: it fits

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == text.npos) return parts;
    text.remove_prefix(end + 1);
  }
}

/// "invalid character 'é'", of the first one that `fits` refuses; of more than one byte is none that fits.
template <class Fits>
Why wrong_character(std::string_view text, const char* what, Fits fits) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (fits(text[i])) continue;
    std::string_view rest = text.substr(i);
    std::string rune;
    append_rune(rune, take_rune(rest));
    return std::string(what) + " character '" + (rune == "'" || rune == "\\" ? "\\" : "") + rune + "'";
  }
  return {};
}

Why ipv4(std::string_view text) {
  const auto groups = split(text, '.');
  if (groups.size() != 4) return "expected four decimals";
  for (const std::string_view group : groups) {
    if (group.size() > 1 && group.front() == '0') return "leading zeros";
    const std::string_view digits = group.substr(group.starts_with('-') || group.starts_with('+') ? 1 : 0);
    if (digits.empty() || !std::all_of(digits.begin(), digits.end(), is_digit))
      return "strconv.Atoi: parsing " + quoted(group) + ": invalid syntax";
    if (digits.size() > 18) return "strconv.Atoi: parsing " + quoted(group) + ": value out of range";
    if (group.front() == '-' || digits.size() > 3 || parse_uint(digits, 10).value > 255) return "decimal must be between 0 and 255";
  }
  return {};
}

Why hostname(std::string_view text) {
  if (text.ends_with('.')) text.remove_suffix(1);
  if (text.size() > 253) return "more than 253 characters long";
  for (const std::string_view label : split(text, '.')) {
    if (label.empty() || label.size() > 63) return "label must be 1 to 63 characters long";
    if (label.starts_with('-')) return "label starts with hyphen";
    if (label.ends_with('-')) return "label ends with hyphen";
    auto why = wrong_character(label, "invalid", [](char c) { return is_letter(c) || is_digit(c) || c == '-'; });
    if (!why.empty()) return why;
  }
  return {};
}

Why user(std::string_view text) {
  if (text.size() > 64) return "local part more than 64 characters long";
  if (text.size() > 1 && text.front() == '"' && text.back() == '"') {
    const bool plain = text.substr(1, text.size() - 2).find_first_of("\\\"") == text.npos;
    return plain ? "" : "backslash and quote are not allowed within quoted local part";
  }
  if (text.starts_with('.')) return "starts with dot";
  if (text.ends_with('.')) return "ends with dot";
  if (text.find("..") != text.npos) return "consecutive dots";
  constexpr std::string_view marks = ".!#$%&'*+-/=?^_`{|}~";
  return wrong_character(text, "invalid", [&](char c) { return is_letter(c) || is_digit(c) || marks.find(c) != marks.npos; });
}

Why email(std::string_view text) {
  if (text.size() > 254) return "more than 255 characters long";
  const std::size_t at = text.rfind('@');
  if (at == text.npos) return "missing @";
  if (auto why = user(text.substr(0, at)); !why.empty()) return why;
  const std::string_view domain = text.substr(at + 1);
  const bool is_address = domain.starts_with('[') && domain.ends_with(']');
  if (is_address && domain.starts_with("[IPv6:")) {
    std::string why;
    return fits_format("ipv6", domain.substr(6, domain.size() - 7), why, HelmVersion::v4) ? "" : "invalid ipv6 address: " + why;
  }
  const auto why = is_address ? ipv4(domain.substr(1, domain.size() - 2)) : hostname(domain);
  return why.empty() ? why : (is_address ? "invalid ipv4 address: " : "invalid domain: ") + why;
}

Why uuid(std::string_view text) {
  constexpr std::array<std::size_t, 5> sizes = {8, 4, 4, 4, 12};
  const auto groups = split(text, '-');
  if (groups.size() != sizes.size()) return "must have 5 elements";
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    if (groups[i].size() != sizes[i]) return "element " + std::to_string(i + 1) + " must be " + std::to_string(sizes[i]) + " characters long";
    auto why = wrong_character(groups[i], "non-hex", [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); });
    if (!why.empty()) return why;
  }
  return {};
}

Why json_pointer(std::string_view text) {
  if (text.empty()) return {};
  if (text.front() != '/') return "not starting with /";
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '~' && (i + 1 == text.size() || (text[i + 1] != '0' && text[i + 1] != '1'))) return "~ must be followed by 0 or 1";
  }
  return {};
}

Why relative_json_pointer(std::string_view text) {
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  if (digits == 0) return "must start with non-negative integer";
  if (digits > 1 && text.front() == '0') return "starts with zero";
  text.remove_prefix(digits);
  return text == "#" ? "" : json_pointer(text);
}

/// What is said before Go's parser is asked; nothing if it is to be asked.
Why before_parsing(std::string_view format, std::string_view text) {
  if (format == "ipv6" && text.find(':') == text.npos) return "missing colon";
  if (format == "ipv6" && text.find('%') != text.npos) return "zone id is not a part of ipv6 address";
  if (format == "time" && text.size() < 9) return "less than 9 characters long";
  if (format != "date-time") return {};
  if (text.size() < 20) return "less than 20 characters long";
  return text[10] == 't' || text[10] == 'T' ? "" : "11th character must be t or T";
}

struct Format {
  std::string_view name;
  Why (*judge)(std::string_view);
};
constexpr auto formats = std::to_array<Format>({
    {"email", email},
    {"hostname", hostname},
    {"ipv4", ipv4},
    {"json-pointer", json_pointer},
    {"relative-json-pointer", relative_json_pointer},
    {"uuid", uuid},
});

}  // namespace

bool judge_as_helm4(std::string_view format, std::string_view text, std::string& why) {
  const auto at = std::find_if(formats.begin(), formats.end(), [&](const Format& known) { return known.name == format; });
  why = at == formats.end() ? before_parsing(format, text) : at->judge(text);
  return at != formats.end() || !why.empty();
}

}  // namespace sluice::chart
