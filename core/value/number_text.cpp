// Numbers from text, by Go's syntax.

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

#include "core/value/text.hpp"

namespace sluice {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

/// Are underscores only between digits, or between a base prefix and a digit?
bool underscores_fit(std::string_view text) {
  char before = '^';  // what came last: '^' start, '0' digit or prefix, '_', '!' anything else
  std::size_t at = !text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0;
  bool hex = false;
  if (text.size() >= at + 2 && text[at] == '0' && std::string_view("box").find(lower(text[at + 1])) != std::string_view::npos) {
    before = '0';
    hex = lower(text[at + 1]) == 'x';
    at += 2;
  }
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if ((c >= '0' && c <= '9') || (hex && lower(c) >= 'a' && lower(c) <= 'f')) {
      before = '0';
    } else if (c == '_') {
      if (before != '0') return false;
      before = '_';
    } else {
      if (before == '_') return false;
      before = '!';
    }
  }
  return before != '_';
}

std::optional<unsigned> digit_value(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  c = lower(c);
  if (c >= 'a' && c <= 'z') return static_cast<unsigned>(c - 'a') + 10;
  return std::nullopt;
}

template <class T>
Parsed<T> no_number() {
  return {T{}, NumberFault::syntax};
}

bool equals_ignoring_case(std::string_view text, std::string_view wanted) {
  return std::equal(text.begin(), text.end(), wanted.begin(), wanted.end(), [](char a, char b) { return lower(a) == b; });
}

/// "inf", "infinity", "nan" after the sign.
std::optional<double> parse_special(std::string_view text, bool negative, bool has_sign) {
  if (equals_ignoring_case(text, "inf") || equals_ignoring_case(text, "infinity")) {
    return negative ? -std::numeric_limits<double>::infinity() : std::numeric_limits<double>::infinity();
  }
  if (!has_sign && equals_ignoring_case(text, "nan")) return std::numeric_limits<double>::quiet_NaN();
  return std::nullopt;
}

}  // namespace

void append_int(std::string& out, std::int64_t n) {
  char buffer[24];
  out.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, n).ptr);
}

void append_uint(std::string& out, std::uint64_t n, unsigned base, bool upper) {
  char buffer[72];
  char* end = std::to_chars(buffer, buffer + sizeof buffer, n, static_cast<int>(base)).ptr;
  if (upper) std::transform(buffer, end, buffer, [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  out.append(buffer, end);
}

Parsed<std::uint64_t> parse_uint(std::string_view text, int base) {
  using Result = Parsed<std::uint64_t>;
  if (text.empty()) return no_number<std::uint64_t>();
  const std::string_view whole = text;
  bool underscores = false;
  if (base == 0) {
    base = 10;
    if (text[0] == '0') {
      const char prefix = text.size() >= 3 ? lower(text[1]) : '\0';
      base = prefix == 'b' ? 2 : prefix == 'o' ? 8 : prefix == 'x' ? 16 : 8;
      text.remove_prefix(prefix == 'b' || prefix == 'o' || prefix == 'x' ? 2 : 1);
    }
    underscores = true;
  }
  const auto radix = static_cast<unsigned>(base);
  std::uint64_t n = 0;
  bool saw_underscore = false;
  for (const char c : text) {
    if (c == '_' && underscores) {
      saw_underscore = true;
      continue;
    }
    const auto digit = digit_value(c);
    if (!digit || *digit >= radix) return no_number<std::uint64_t>();
    if (__builtin_mul_overflow(n, radix, &n) || __builtin_add_overflow(n, *digit, &n)) {
      return Result{std::numeric_limits<std::uint64_t>::max(), NumberFault::range};
    }
  }
  if (saw_underscore && !underscores_fit(whole)) return no_number<std::uint64_t>();
  return Result{n, NumberFault::none};
}

Parsed<std::int64_t> parse_int(std::string_view text, int base) {
  using Result = Parsed<std::int64_t>;
  if (text.empty()) return no_number<std::int64_t>();
  const bool negative = text[0] == '-';
  if (negative || text[0] == '+') text.remove_prefix(1);
  const auto size = parse_uint(text, base);
  if (size.fault == NumberFault::syntax) return no_number<std::int64_t>();
  constexpr std::uint64_t limit = std::uint64_t{1} << 63;
  if (size.fault == NumberFault::range || size.value > limit || (!negative && size.value == limit)) {
    return Result{negative ? std::numeric_limits<std::int64_t>::min() : std::numeric_limits<std::int64_t>::max(),
                  NumberFault::range};
  }
  return Result{static_cast<std::int64_t>(negative ? 0 - size.value : size.value), NumberFault::none};
}

/// Reads what follows sign and, for hex, "0x"; `text` has digits, at most one point, and an exponent.
static Parsed<double> parse_magnitude(std::string_view text, bool hex) {
  std::string clean;
  bool digits = false, point = false;
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '_') continue;
    if (c == '.') {
      if (point) return no_number<double>();
      point = true;
    } else if ((c >= '0' && c <= '9') || (hex && lower(c) >= 'a' && lower(c) <= 'f')) {
      digits = true;
    } else {
      break;
    }
    clean += c;
  }
  if (!digits) return no_number<double>();
  if (at < text.size() && lower(text[at]) == (hex ? 'p' : 'e')) {
    clean += text[at++];
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) clean += text[at++];
    if (at == text.size() || text[at] < '0' || text[at] > '9') return no_number<double>();
    for (; at < text.size() && ((text[at] >= '0' && text[at] <= '9') || text[at] == '_'); ++at) {
      if (text[at] != '_') clean += text[at];
    }
  } else if (hex) {
    return no_number<double>();
  }
  if (at < text.size()) return no_number<double>();
  if (const auto e = clean.find(hex ? "p+" : "e+"); e != std::string::npos) clean.erase(e + 1, 1);
  if (const auto e = clean.find(hex ? "P+" : "E+"); e != std::string::npos) clean.erase(e + 1, 1);
  double value = 0;
  const auto format = hex ? std::chars_format::hex : std::chars_format::general;
  const auto [end, fault] = std::from_chars(clean.data(), clean.data() + clean.size(), value, format);
  if (fault == std::errc::result_out_of_range) {
    // from_chars does not say which way: tell by the exponent of the leading digit.
    value = std::strtod((hex ? "0x" + clean : clean).c_str(), nullptr);
    return {value, std::isinf(value) ? NumberFault::range : NumberFault::none};
  }
  if (fault != std::errc() || end != clean.data() + clean.size()) return no_number<double>();
  return {value, NumberFault::none};
}

Parsed<double> parse_float(std::string_view text) {
  const std::string_view whole = text;
  const bool has_sign = !text.empty() && (text[0] == '-' || text[0] == '+');
  const bool negative = has_sign && text[0] == '-';
  if (has_sign) text.remove_prefix(1);
  if (const auto special = parse_special(text, negative, has_sign)) return {*special, NumberFault::none};
  const bool hex = text.size() > 2 && text[0] == '0' && lower(text[1]) == 'x';
  if (text.find('_') != std::string_view::npos && !underscores_fit(whole)) return no_number<double>();
  auto parsed = parse_magnitude(hex ? text.substr(2) : text, hex);
  if (negative) parsed.value = -parsed.value;
  return parsed;
}

}  // namespace sluice
