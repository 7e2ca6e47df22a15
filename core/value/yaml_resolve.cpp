#include "core/value/yaml_resolve.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "core/value/text.hpp"

namespace sluice::yaml {
namespace {

using Type = Scalar::Type;

Scalar of_bool(bool b) {
  Scalar scalar;
  scalar.type = Type::boolean;
  scalar.boolean = b;
  return scalar;
}

Scalar of_float(double d) {
  Scalar scalar;
  scalar.type = Type::floating;
  scalar.floating = d;
  return scalar;
}

Scalar of_type(Type type) {
  Scalar scalar;
  scalar.type = type;
  return scalar;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// The words, each in lower case, Capitalised or UPPER CASE.
bool is_word(std::string_view text, std::string_view lower) {
  if (text.size() != lower.size()) return false;
  const auto upper = [](char c) { return static_cast<char>(c - 32); };
  const bool first_upper = text[0] == upper(lower[0]);
  if (!first_upper && text[0] != lower[0]) return false;
  if (text.size() == 1) return true;
  const bool rest_upper = first_upper && text[1] == upper(lower[1]);
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] != (rest_upper ? upper(lower[i]) : lower[i])) return false;
  }
  return true;
}

bool is_special(std::string_view text, std::string_view lower, std::string_view capitalised, std::string_view upper) {
  return text == lower || text == capitalised || text == upper;
}

/// .inf and .nan, with the signs that they may have.
bool resolve_special_float(std::string_view text, Scalar& scalar) {
  if (is_special(text, ".nan", ".NaN", ".NAN")) {
    scalar = of_float(std::numeric_limits<double>::quiet_NaN());
    return true;
  }
  const bool negative = text.starts_with('-');
  const bool has_sign = negative || text.starts_with('+');
  if (!is_special(text.substr(has_sign ? 1 : 0), ".inf", ".Inf", ".INF")) return false;
  scalar = of_float(negative ? -std::numeric_limits<double>::infinity() : std::numeric_limits<double>::infinity());
  return true;
}

/// [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?
bool looks_like_float(std::string_view text) {
  std::size_t at = text.starts_with('-') || text.starts_with('+') ? 1 : 0;
  const auto digits = [&] {
    const std::size_t begin = at;
    while (at < text.size() && is_digit(text[at])) ++at;
    return at - begin;
  };
  const bool whole = digits() > 0;
  if (at < text.size() && text[at] == '.') {
    ++at;
    if (digits() == 0 && !whole) return false;
  } else if (!whole) {
    return false;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
    if (digits() == 0) return false;
  }
  return at == text.size();
}

bool set_integer(std::string_view text, int base, Scalar& scalar) {
  if (const auto n = parse_int(text, base)) {
    scalar.type = Type::integer;
    scalar.integer = n.value;
    return true;
  }
  if (const auto n = parse_uint(text, base)) {
    scalar.type = Type::unsigned_integer;
    scalar.unsigned_integer = n.value;
    return true;
  }
  return false;
}

std::string without_underscores(std::string_view text) {
  std::string plain(text);
  plain.erase(std::remove(plain.begin(), plain.end(), '_'), plain.end());
  return plain;
}

/// Could it be a number at all? Most texts that begin with a digit or sign are not.
bool may_be_number(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return is_digit(c) || c == '.' || c == '_' || c == '+' || c == '-' || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f') ||
           (c | 0x20) == 'x' || (c | 0x20) == 'o';
  });
}

Scalar resolve_number(std::string_view text) {
  Scalar scalar;
  if (text.size() <= 18 && text[0] >= '1' && std::all_of(text.begin(), text.end(), is_digit)) {  // the usual number
    std::int64_t n = 0;
    for (const char c : text) n = n * 10 + (c - '0');
    scalar.type = Type::integer;
    scalar.integer = n;
    return scalar;
  }
  if (resolve_special_float(text, scalar)) return scalar;
  if (!may_be_number(text)) return scalar;
  std::string clean;
  if (text.find('_') != std::string_view::npos) {
    clean = without_underscores(text);
    text = clean;
  }
  if (set_integer(text, 0, scalar)) return scalar;
  if (looks_like_float(text)) {
    if (const auto d = parse_float(text)) return of_float(d.value);
  }
  if (text.starts_with("0b")) {
    set_integer(text.substr(2), 2, scalar);
  } else if (text.starts_with("-0b")) {
    if (const auto n = parse_int("-" + std::string(text.substr(3)), 2)) {
      scalar.type = Type::integer;
      scalar.integer = n.value;
    }
  }
  return scalar;
}

}  // namespace

Scalar resolve(std::string_view text, bool want_timestamps) {
  if (text.empty()) return of_type(Type::null);
  Scalar scalar;
  switch (text[0]) {
    case 'y':
    case 'Y':
      if (text.size() == 1 || is_word(text, "yes")) return of_bool(true);
      return scalar;
    case 'n':
    case 'N':
      if (text.size() == 1 || is_word(text, "no")) return of_bool(false);
      return is_word(text, "null") ? of_type(Type::null) : scalar;
    case 't':
    case 'T': return is_word(text, "true") ? of_bool(true) : scalar;
    case 'f':
    case 'F': return is_word(text, "false") ? of_bool(false) : scalar;
    case 'o':
    case 'O':
      if (is_word(text, "on")) return of_bool(true);
      return is_word(text, "off") ? of_bool(false) : scalar;
    case '~': return text.size() == 1 ? of_type(Type::null) : scalar;
    case '.':
      if (resolve_special_float(text, scalar)) return scalar;
      if (const auto d = parse_float(text)) return of_float(d.value);
      return scalar;
    case '+':
    case '-':
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '6':
    case '7':
    case '8':
    case '9':
      if (want_timestamps && is_timestamp(text)) return of_type(Type::timestamp);
      return resolve_number(text);
    default: return scalar;
  }
}

Scalar resolve_helmfile(std::string_view text) {
  const Scalar scalar = resolve(text);
  switch (scalar.type) {
    case Type::boolean: return is_word(text, "true") || is_word(text, "false") ? scalar : Scalar();
    case Type::floating: return text.find('.') == std::string_view::npos ? Scalar() : scalar;
    default: return scalar;
  }
}

Scalar resolve_kustomize(std::string_view text) {
  const Scalar scalar = resolve(text);
  if (scalar.type != Type::boolean) return scalar;
  return is_word(text, "true") || is_word(text, "false") ? scalar : Scalar();
}

bool is_base60(std::string_view text) {
  // [-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?
  std::size_t at = text.starts_with('-') || text.starts_with('+') ? 1 : 0;
  if (at == text.size() || !is_digit(text[at])) return false;
  while (at < text.size() && (is_digit(text[at]) || text[at] == '_')) ++at;
  std::size_t groups = 0;
  for (; at < text.size() && text[at] == ':'; ++groups) {
    ++at;
    const std::size_t begin = at;
    while (at < text.size() && is_digit(text[at])) ++at;
    const std::size_t digits = at - begin;
    if (digits == 0 || digits > 2 || (digits == 2 && text[begin] > '5')) return false;
  }
  if (groups == 0) return false;
  if (at < text.size() && text[at] == '.') {
    ++at;
    while (at < text.size() && (is_digit(text[at]) || text[at] == '_')) ++at;
  }
  return at == text.size();
}

bool needs_quotes(std::string_view text) { return resolve(text, true).type != Type::text || is_base60(text); }

namespace {

/// Reads the parts of a timestamp one after the other.
class Clock {
 public:
  explicit Clock(std::string_view text) : text_(text) {}

  /// One or two digits.
  bool number(int& out) {
    if (text_.empty() || !is_digit(text_[0])) return false;
    const std::size_t digits = text_.size() > 1 && is_digit(text_[1]) ? 2 : 1;
    out = digits == 2 ? (text_[0] - '0') * 10 + (text_[1] - '0') : text_[0] - '0';
    text_.remove_prefix(digits);
    return true;
  }
  bool take(char c) {
    if (!text_.starts_with(c)) return false;
    text_.remove_prefix(1);
    return true;
  }
  void fraction() {
    if (text_.size() < 2 || (text_[0] != '.' && text_[0] != ',') || !is_digit(text_[1])) return;
    text_.remove_prefix(1);
    while (!text_.empty() && is_digit(text_[0])) text_.remove_prefix(1);
  }
  /// Z or ±hh:mm
  bool zone() {
    if (take('Z')) return true;
    if (text_.size() < 6 || (text_[0] != '+' && text_[0] != '-') || text_[3] != ':') return false;
    for (const std::size_t i : {1, 2, 4, 5}) {
      if (!is_digit(text_[i])) return false;
    }
    const int hours = (text_[1] - '0') * 10 + (text_[2] - '0');
    const int minutes = (text_[4] - '0') * 10 + (text_[5] - '0');
    text_.remove_prefix(6);
    return hours <= 24 && minutes <= 60;
  }
  bool blanks() {
    if (!take(' ')) return false;
    while (take(' ')) {
    }
    return true;
  }
  bool done() const { return text_.empty(); }

 private:
  std::string_view text_;
};

bool is_day(int year, int month, int day) {
  constexpr int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (month < 1 || month > 12 || day < 1) return false;
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return day <= days[month - 1] + (month == 2 && leap ? 1 : 0);
}

}  // namespace

bool is_timestamp(std::string_view text) {
  if (text.size() < 6 || text[4] != '-' || !std::all_of(text.begin(), text.begin() + 4, is_digit)) return false;
  const int year = (text[0] - '0') * 1000 + (text[1] - '0') * 100 + (text[2] - '0') * 10 + (text[3] - '0');
  Clock clock(text.substr(5));
  int month = 0, day = 0, hour = 0, minute = 0, second = 0;
  if (!clock.number(month) || !clock.take('-') || !clock.number(day) || !is_day(year, month, day)) return false;
  if (clock.done()) return true;
  const bool with_zone = clock.take('T') || clock.take('t');
  if (!with_zone && !clock.blanks()) return false;
  if (!clock.number(hour) || !clock.take(':') || !clock.number(minute) || !clock.take(':') || !clock.number(second)) return false;
  clock.fraction();
  if (hour > 23 || minute > 59 || second > 59) return false;
  return (!with_zone || clock.zone()) && clock.done();
}

}  // namespace sluice::yaml
