#include <array>
#include <cmath>
#include <utility>

#include "core/functions/time.hpp"
#include "core/functions/time_quote.hpp"

namespace sluice::functions {
namespace {

constexpr std::uint64_t limit = std::uint64_t{1} << 63;

std::uint64_t unit_named(std::string_view name) {
  using Unit = std::pair<std::string_view, std::uint64_t>;
  constexpr std::array units{Unit{"ns", 1},
                             Unit{"us", 1000},
                             Unit{"\u00b5s", 1000},
                             Unit{"\u03bcs", 1000},
                             Unit{"ms", 1000000},
                             Unit{"s", 1000000000},
                             Unit{"m", 60000000000},
                             Unit{"h", 3600000000000}};
  for (const auto& [known, nanos] : units)
    if (name == known) return nanos;
  return 0;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Digits at the start of `text`, which moves past them; false when they are worth more than 2^63.
bool take_number(std::string_view& text, std::uint64_t& number) {
  for (number = 0; !text.empty() && is_digit(text[0]); text.remove_prefix(1)) {
    if (number > limit / 10) return false;
    number = number * 10 + static_cast<std::uint64_t>(text[0] - '0');
    if (number > limit) return false;
  }
  return true;
}

struct Fraction {
  std::uint64_t digits = 0;
  double scale = 1;
};

/// Digits after the point; those that no longer fit are skipped.
Fraction take_fraction(std::string_view& text) {
  Fraction fraction;
  for (bool full = false; !text.empty() && is_digit(text[0]); text.remove_prefix(1)) {
    if (full) continue;
    if (fraction.digits > (limit - 1) / 10) {
      full = true;
      continue;
    }
    const std::uint64_t next = fraction.digits * 10 + static_cast<std::uint64_t>(text[0] - '0');
    if (next > limit) {
      full = true;
      continue;
    }
    fraction.digits = next;
    fraction.scale *= 10;
  }
  return fraction;
}

}  // namespace

Result<Duration> parse_duration(std::string_view text) {
  auto invalid = [text] { return Error{Errc::invalid, "time: invalid duration " + quote_for_time(text)}; };
  std::string_view rest = text;
  const bool negative = rest.starts_with('-');
  if (negative || rest.starts_with('+')) rest.remove_prefix(1);
  if (rest == "0") return Duration(0);
  if (rest.empty()) return invalid();
  std::uint64_t total = 0;
  while (!rest.empty()) {
    if (rest[0] != '.' && !is_digit(rest[0])) return invalid();
    const std::size_t before = rest.size();
    std::uint64_t whole = 0;
    if (!take_number(rest, whole)) return invalid();
    bool has_digits = rest.size() != before;
    Fraction fraction;
    if (rest.starts_with('.')) {
      rest.remove_prefix(1);
      const std::size_t after_point = rest.size();
      fraction = take_fraction(rest);
      has_digits |= rest.size() != after_point;
    }
    if (!has_digits) return invalid();
    std::size_t end = 0;
    while (end < rest.size() && rest[end] != '.' && !is_digit(rest[end])) ++end;
    if (end == 0) return Error{Errc::invalid, "time: missing unit in duration " + quote_for_time(text)};
    const std::uint64_t unit = unit_named(rest.substr(0, end));
    if (unit == 0)
      return Error{Errc::invalid,
                   "time: unknown unit " + quote_for_time(rest.substr(0, end)) + " in duration " + quote_for_time(text)};
    rest.remove_prefix(end);
    if (whole > limit / unit) return invalid();
    whole *= unit;
    if (fraction.digits > 0) {
      whole += static_cast<std::uint64_t>(static_cast<double>(fraction.digits) * (static_cast<double>(unit) / fraction.scale));
      if (whole > limit) return invalid();
    }
    total += whole;
    if (total > limit) return invalid();
  }
  if (negative) return Duration(static_cast<std::int64_t>(-total));
  if (total > limit - 1) return invalid();
  return Duration(static_cast<std::int64_t>(total));
}

std::string to_string(Duration duration) {
  const std::int64_t count = duration.count();
  if (count == 0) return "0s";
  const std::uint64_t nanos = count < 0 ? -static_cast<std::uint64_t>(count) : static_cast<std::uint64_t>(count);
  // `value` counted in units of 10^-digits, without trailing zeros
  auto decimal = [](std::uint64_t value, int digits) {
    std::string text;
    std::uint64_t power = 1;
    for (int i = 0; i < digits; ++i) power *= 10;
    text = std::to_string(value / power);
    if (std::uint64_t rest = value % power) {
      std::string fraction = std::to_string(rest);
      fraction.insert(0, static_cast<std::size_t>(digits) - fraction.size(), '0');
      fraction.erase(fraction.find_last_not_of('0') + 1);
      text += '.' + fraction;
    }
    return text;
  };
  std::string text;
  if (nanos < 1000) {
    text = std::to_string(nanos) + "ns";
  } else if (nanos < 1000000) {
    text = decimal(nanos, 3) + "\u00b5s";
  } else if (nanos < 1000000000) {
    text = decimal(nanos, 6) + "ms";
  } else {
    const std::uint64_t minutes = nanos / 60000000000;
    if (minutes >= 60) text += std::to_string(minutes / 60) + 'h';
    if (minutes > 0) text += std::to_string(minutes % 60) + 'm';
    text += decimal(nanos % 60000000000, 9) + 's';
  }
  return count < 0 ? '-' + text : text;
}

Duration round_to(Duration duration, Duration unit) {
  if (unit.count() <= 0) return duration;
  const std::int64_t count = duration.count(), step = unit.count();
  const std::int64_t rest = count % step;
  const std::int64_t size = rest < 0 ? -rest : rest;
  if (size < step - size) return Duration(count - rest);
  std::int64_t rounded = 0;
  const std::int64_t away = count < 0 ? -(step - size) : step - size;
  return Duration(__builtin_add_overflow(count, away, &rounded) ? (count < 0 ? Duration::min() : Duration::max()).count() : rounded);
}

}  // namespace sluice::functions
