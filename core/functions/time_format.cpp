#include <cstdlib>

#include "core/functions/time.hpp"
#include "core/functions/time_layout.hpp"

namespace sluice::functions {
namespace {

void append_number(std::string& out, std::int64_t number, std::size_t width, char pad = '0') {
  if (number < 0) {
    out += '-';
    number = -number;
  }
  const std::string digits = std::to_string(number);
  if (digits.size() < width) out.append(width - digits.size(), pad);
  out += digits;
}

void append_fraction(std::string& out, std::int32_t nanoseconds, std::string_view spelling, bool trim) {
  if (trim && nanoseconds == 0) return;
  std::string digits;
  append_number(digits, nanoseconds, 9);
  digits.resize(std::min<std::size_t>(spelling.size() - 1, 9));
  if (trim) digits.erase(digits.find_last_not_of('0') + 1);
  if (trim && digits.empty()) return;
  out += spelling[0];
  out += digits;
}

void append_offset(std::string& out, int seconds, std::string_view spelling) {
  if (spelling[0] == 'Z' && seconds == 0) {
    out += 'Z';
    return;
  }
  out += seconds < 0 ? '-' : '+';
  seconds = std::abs(seconds);
  const bool colons = spelling.find(':') != std::string_view::npos;
  append_number(out, seconds / 3600, 2);
  if (spelling.size() < 5) return;
  if (colons) out += ':';
  append_number(out, seconds / 60 % 60, 2);
  if (spelling.size() < 7) return;
  if (colons) out += ':';
  append_number(out, seconds % 60, 2);
}

void append_zone_name(std::string& out, const ZoneOffset& zone) {
  if (!zone.name.empty()) {
    out += zone.name;
    return;
  }
  append_offset(out, zone.seconds, "-0700");
}

int twelve_hours(int hour) { return hour % 12 == 0 ? 12 : hour % 12; }

void append_element(std::string& out, const Time& time, const Civil& civil, const LayoutChunk& chunk) {
  using enum LayoutElement;
  switch (chunk.element) {
    case none:
      return;
    case long_month:
      out += month_name(civil.month);
      return;
    case month:
      out += month_name(civil.month).substr(0, 3);
      return;
    case number_month:
      return append_number(out, civil.month, 0);
    case zero_month:
      return append_number(out, civil.month, 2);
    case long_weekday:
      out += weekday_name(civil.weekday);
      return;
    case weekday:
      out += weekday_name(civil.weekday).substr(0, 3);
      return;
    case day:
      return append_number(out, civil.day, 0);
    case under_day:
      return append_number(out, civil.day, 2, ' ');
    case zero_day:
      return append_number(out, civil.day, 2);
    case under_year_day:
      return append_number(out, civil.day_of_year, 3, ' ');
    case zero_year_day:
      return append_number(out, civil.day_of_year, 3);
    case hour:
      return append_number(out, civil.hour, 2);
    case hour12:
      return append_number(out, twelve_hours(civil.hour), 0);
    case zero_hour12:
      return append_number(out, twelve_hours(civil.hour), 2);
    case minute:
      return append_number(out, civil.minute, 0);
    case zero_minute:
      return append_number(out, civil.minute, 2);
    case second:
      return append_number(out, civil.second, 0);
    case zero_second:
      return append_number(out, civil.second, 2);
    case long_year:
      return append_number(out, civil.year, 4);
    case year:
      return append_number(out, civil.year < 0 ? 0 : civil.year % 100, 2);
    case upper_pm:
      out += civil.hour >= 12 ? "PM" : "AM";
      return;
    case lower_pm:
      out += civil.hour >= 12 ? "pm" : "am";
      return;
    case zone_name:
      return append_zone_name(out, time.offset());
    case iso_offset:
    case iso_seconds:
    case iso_short:
    case iso_colon:
    case iso_colon_seconds:
    case offset:
    case offset_seconds:
    case offset_short:
    case offset_colon:
    case offset_colon_seconds:
      return append_offset(out, time.offset().seconds, chunk.spelling);
    case fraction_zeros:
      return append_fraction(out, time.nanoseconds, chunk.spelling, false);
    case fraction_nines:
      return append_fraction(out, time.nanoseconds, chunk.spelling, true);
  }
}

}  // namespace

std::string format_time(const Time& time, std::string_view layout) {
  const Civil civil = time.civil();
  std::string out;
  while (!layout.empty()) {
    const LayoutChunk chunk = next_chunk(layout);
    out += chunk.literal;
    append_element(out, time, civil, chunk);
    layout = chunk.rest;
  }
  return out;
}

}  // namespace sluice::functions
