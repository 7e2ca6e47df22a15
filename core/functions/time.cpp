#include "core/functions/time.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace sluice::functions {
namespace {

constexpr std::int64_t day_seconds = 86400;

std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b != 0 && (a < 0) != (b < 0)); }

/// Days since 1970-01-01 of a date of the Gregorian calendar.
std::int64_t days_from_civil(std::int64_t year, int month, int day) {
  year -= month <= 2;
  const std::int64_t era = floor_div(year, 400);
  const std::int64_t year_of_era = year - era * 400;
  const std::int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

void set_date(Civil& civil, std::int64_t days) {
  days += 719468;
  const std::int64_t era = floor_div(days, 146097);
  const std::int64_t day_of_era = days - era * 146097;
  const std::int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const std::int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t shifted = (5 * day_of_year + 2) / 153;
  civil.day = static_cast<int>(day_of_year - (153 * shifted + 2) / 5 + 1);
  civil.month = static_cast<int>(shifted < 10 ? shifted + 3 : shifted - 9);
  civil.year = year_of_era + era * 400 + (civil.month <= 2);
}

}  // namespace

bool is_leap_year(std::int64_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

int days_in_month(std::int64_t year, int month) {
  constexpr std::array<int, 12> days{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && is_leap_year(year) ? 29 : days[static_cast<std::size_t>(month - 1)];
}

std::string_view month_name(int month) {
  constexpr std::array<std::string_view, 12> names{"January", "February", "March",     "April",   "May",      "June",
                                                   "July",    "August",   "September", "October", "November", "December"};
  return names[static_cast<std::size_t>(month - 1)];
}

std::string_view weekday_name(int weekday) {
  constexpr std::array<std::string_view, 7> names{"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                  "Thursday", "Friday", "Saturday"};
  return names[static_cast<std::size_t>(weekday)];
}

ZoneOffset Time::offset() const { return zone ? zone->at(seconds) : ZoneOffset{"UTC", 0}; }

Civil Time::civil() const {
  const std::int64_t local = seconds + offset().seconds;
  const std::int64_t days = floor_div(local, day_seconds);
  const int rest = static_cast<int>(local - days * day_seconds);
  Civil civil;
  set_date(civil, days);
  civil.hour = rest / 3600;
  civil.minute = rest / 60 % 60;
  civil.second = rest % 60;
  civil.weekday = static_cast<int>(((days + 4) % 7 + 7) % 7);
  civil.day_of_year = static_cast<int>(days - days_from_civil(civil.year, 1, 1)) + 1;
  return civil;
}

Time make_time(const Civil& civil, std::int32_t nanoseconds, std::shared_ptr<const Zone> zone) {
  const std::int64_t months = civil.year * 12 + civil.month - 1;
  const std::int64_t year = floor_div(months, 12);
  const std::int64_t local = (days_from_civil(year, static_cast<int>(months - year * 12) + 1, 1) + civil.day - 1) * day_seconds +
                             civil.hour * 3600 + civil.minute * 60 + civil.second;
  Time time{.seconds = local, .nanoseconds = nanoseconds, .zone = std::move(zone), .monotonic = false};
  if (!time.zone) return time;
  // The offset that holds at the wall clock's time is not known yet: guess, then look again from where the guess leads.
  const int guess = time.zone->at(local).seconds;
  time.seconds = local - time.zone->at(local - guess).seconds;
  return time;
}

Time Time::plus(Duration duration) const {
  Time result = *this;
  const std::int64_t whole = floor_div(duration.count(), 1000000000);
  std::int64_t nanos = nanoseconds + (duration.count() - whole * 1000000000);
  result.seconds += whole + nanos / 1000000000;
  result.nanoseconds = static_cast<std::int32_t>(nanos % 1000000000);
  return result;
}

Time Time::plus_date(std::int64_t years, std::int64_t months, std::int64_t days) const {
  Civil civil = this->civil();
  const std::int64_t month = civil.month - 1 + months;
  civil.year += years + floor_div(month, 12);
  civil.month = static_cast<int>(month - floor_div(month, 12) * 12) + 1;
  constexpr std::int64_t most = 1000000;
  civil.day += static_cast<int>(std::clamp(days, -most, most));
  return make_time(civil, nanoseconds, zone);
}

Time Time::in(std::shared_ptr<const Zone> other) const {
  Time result = *this;
  result.zone = std::move(other);
  return result;
}

std::string Time::text() const {
  std::string text = format_time(*this, "2006-01-02 15:04:05.999999999 -0700 MST");
  // Go adds how long its process has been running; that is not knowable from a plan, so it is always the same here.
  if (monotonic) text += " m=+0.010000000";
  return text;
}

Duration between(const Time& a, const Time& b) {
  __extension__ using Wide = __int128;
  const Wide nanos = (Wide{b.seconds} - a.seconds) * 1000000000 + (b.nanoseconds - a.nanoseconds);
  constexpr auto low = std::numeric_limits<std::int64_t>::min(), high = std::numeric_limits<std::int64_t>::max();
  return Duration(nanos < low ? low : nanos > high ? high : static_cast<std::int64_t>(nanos));
}

}  // namespace sluice::functions
