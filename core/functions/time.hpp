#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"

namespace sluice::functions {

/// Go's time.Duration.
using Duration = std::chrono::duration<std::int64_t, std::nano>;

/// What a zone says about one moment.
struct ZoneOffset {
  std::string_view name;  ///< "CET"; may be empty
  int seconds = 0;        ///< east of UTC
};

/// A time zone: a fixed offset, or the history of a place.
class Zone {
 public:
  static std::shared_ptr<const Zone> utc();
  static std::shared_ptr<const Zone> fixed(std::string name, int seconds);
  /// From the bytes of a compiled zone file (TZif, RFC 8536). Its rule for the years after the last entry is followed.
  /// Errors: invalid.
  static Result<std::shared_ptr<const Zone>> parse(std::string_view zone_file);

  ZoneOffset at(std::int64_t unix_seconds) const;

  struct Change {
    std::int64_t from;
    std::size_t type;
  };
  struct Type {
    std::string name;
    int seconds;
    bool summer;
  };
  /// "Mm.w.d/time" of a POSIX TZ text; the other two forms of dates by their own fields.
  struct Date {
    enum class Form { month_week_day, julian, day_of_year } form = Form::month_week_day;
    int month = 0, week = 0, day = 0;
    std::int64_t second = 7200;
  };
  struct Rule {
    Type standard, summer;
    bool has_summer = false;
    Date starts, ends;
  };

 private:
  std::vector<Change> changes_;
  std::vector<Type> types_;
  std::optional<Rule> after_;
};

/// Years, months and so on as a calendar shows them.
struct Civil {
  std::int64_t year = 1;
  int month = 1;  ///< 1..12
  int day = 1;    ///< 1..31
  int hour = 0, minute = 0, second = 0;
  int weekday = 0;      ///< Sunday is 0
  int day_of_year = 1;  ///< 1..366
};

/// Go's time.Time: a moment seen from a zone.
struct Time {
  std::int64_t seconds = -62135596800;  ///< since 1970 UTC; Go's zero time is the first of January of the year 1
  std::int32_t nanoseconds = 0;         ///< 0..999999999
  std::shared_ptr<const Zone> zone;     ///< null is UTC
  bool monotonic = false;               ///< read from the clock, as Go shows by " m=+..." when printing it

  ZoneOffset offset() const;
  Civil civil() const;
  Time plus(Duration duration) const;
  /// Overflowing days and months are carried over, as Go's AddDate does.
  Time plus_date(std::int64_t years, std::int64_t months, std::int64_t days) const;
  Time in(std::shared_ptr<const Zone> other) const;
  /// As Go prints it: "2006-01-02 15:04:05.9 +0000 UTC".
  std::string text() const;
};

/// `civil` (fields may overflow) in `zone`. Around a change of the zone's offset it follows Go's time.Date.
Time make_time(const Civil& civil, std::int32_t nanoseconds, std::shared_ptr<const Zone> zone);
/// b - a, clamped to what a Duration can hold.
Duration between(const Time& a, const Time& b);
bool is_leap_year(std::int64_t year);
int days_in_month(std::int64_t year, int month);
std::string_view month_name(int month);      ///< "January" for 1
std::string_view weekday_name(int weekday);  ///< "Sunday" for 0

/// By a Go layout such as "Mon Jan _2 15:04:05.000 MST 2006".
std::string format_time(const Time& time, std::string_view layout);
/// The inverse. A text without a zone means UTC.
/// Errors: invalid, with Go's text: parsing time "x" as "2006": cannot parse "x" as "2006".
Result<Time> parse_time(std::string_view layout, std::string_view text);

/// "1h30m", "-1.5h", "2us". Errors: invalid, with Go's text: time: invalid duration "x".
Result<Duration> parse_duration(std::string_view text);
/// As Go prints it: "1h30m0s", "1.5ms", "0s".
std::string to_string(Duration duration);
/// To the nearest multiple of `unit`, halves away from zero.
Duration round_to(Duration duration, Duration unit);

}  // namespace sluice::functions
