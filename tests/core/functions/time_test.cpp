#include "core/functions/time.hpp"

#include <gtest/gtest.h>

namespace sluice::functions {
namespace {

Time at(std::int64_t seconds, std::int32_t nanoseconds = 0) { return {.seconds = seconds, .nanoseconds = nanoseconds, .zone = {}}; }

std::string parse_error(std::string_view layout, std::string_view text) {
  auto time = parse_time(layout, text);
  return time ? "no error" : time.error().what;
}

std::string duration_text(std::string_view text) {
  auto duration = parse_duration(text);
  return duration ? to_string(*duration) : duration.error().what;
}

// Like a zone file of a place that has no summer and changed once, followed by a rule with summer time.
std::string small_zone_file() {
  std::string file;
  auto number = [&file](std::uint64_t n, int bytes) {
    while (bytes-- > 0) file += static_cast<char>(n >> (8 * bytes));
  };
  auto header = [&](std::uint32_t changes, std::uint32_t types, std::uint32_t names) {
    file += "TZif2" + std::string(15, '\0');
    for (std::uint32_t n : {0U, 0U, 0U, changes, types, names}) number(n, 4);
  };
  header(0, 1, 4);
  number(0, 4), number(0, 2), file += std::string("LMT\0", 4);
  header(1, 2, 8);
  number(1000000000, 8), number(1, 1);
  number(1800, 4), number(0, 2), number(3600, 4), number(4, 2);
  file += std::string("LMT\0CET\0", 8);
  file += "\nCET-1CEST,M3.5.0,M10.5.0/3\n";
  return file;
}

TEST(Time, IsFormattedByGoLayouts) {
  const Time time = *parse_time("2006-01-02 15:04:05", "2021-03-04 05:06:07");
  EXPECT_EQ(format_time(time, "Mon Jan _2 15:04:05 2006|Monday January 2 3:4:5 PM|06 1 02 002 pm MST -0700 Z07:00 .000 .999 05.00|__2"),
            "Thu Mar  4 05:06:07 2021|Thursday March 4 5:6:7 AM|21 3 04 063 am UTC +0000 Z .000  07.00| 63");
  EXPECT_EQ(format_time(at(0), "Year: 2006 (not 2007) Jan. 1st 10 20 07"), "Year: 1970 (not 1007) Jan. 1st 10 10 07");
  EXPECT_EQ(format_time(at(0, 120000000), "05.999 05,000000 5.0_2006"), "00.12 00,120000 0.1_1970");
}

TEST(Time, KeepsWordsThatOnlyLookLikeElements) {
  EXPECT_EQ(format_time(at(0), "Janus Monster .05 2.0x"), "Janus Monster .00 1.0x");
}

TEST(Time, PrintsItsZeroAndItsMonotonicReading) {
  EXPECT_EQ(Time{}.text(), "0001-01-01 00:00:00 +0000 UTC");
  Time now = at(1, 5);
  now.monotonic = true;
  EXPECT_EQ(now.text(), "1970-01-01 00:00:01.000000005 +0000 UTC m=+0.010000000");
}

TEST(Time, IsParsedByGoLayouts) {
  EXPECT_EQ(parse_time("2006-01-02T15:04:05Z07:00", "2020-02-03T04:05:06.25-01:30")->text(),
            "2020-02-03 04:05:06.25 -0130 -0130");
  EXPECT_EQ(parse_time("2 Jan 06 3:04PM", "9 dec 99 12:05AM")->text(), "1999-12-09 00:05:00 +0000 UTC");
  EXPECT_EQ(parse_time("2006 __2", "2020  60")->text(), "2020-02-29 00:00:00 +0000 UTC");
  EXPECT_EQ(parse_time("15:04 MST", "10:00 CEST")->text(), "0000-01-01 10:00:00 +0000 CEST");
}

TEST(Time, SaysWhereATextDoesNotFitItsLayout) {
  EXPECT_EQ(parse_error("2006-01-02", "x"), "parsing time \"x\" as \"2006-01-02\": cannot parse \"x\" as \"2006\"");
  EXPECT_EQ(parse_error("2006-01-02", "2021-13-04"), "parsing time \"2021-13-04\": month out of range");
  EXPECT_EQ(parse_error("2006-01-02", "2021-02-30"), "parsing time \"2021-02-30\": day out of range");
  EXPECT_EQ(parse_error("2006-01-02", "2021-12-04Z"), "parsing time \"2021-12-04Z\": extra text: \"Z\"");
  EXPECT_EQ(parse_error("-0700", "365xF"), "parsing time \"365xF\": time zone offset hour out of range");
  EXPECT_EQ(parse_error("2006/01", "2021-01"), "parsing time \"2021-01\" as \"2006/01\": cannot parse \"-01\" as \"/\"");
}

TEST(Time, MovesByDurationsAndDates) {
  const Time time = *parse_time("2006-01-02", "2021-03-04");
  EXPECT_EQ(format_time(time.plus(*parse_duration("-1.5h")), "2006-01-02 15:04"), "2021-03-03 22:30");
  EXPECT_EQ(format_time(time.plus_date(0, 11, 27), "2006-01-02"), "2022-03-03");
  EXPECT_EQ(between(time, time.plus(*parse_duration("1h"))).count(), 3600000000000);
}

TEST(Zone, KnowsItsPastAndItsRuleForTheFuture) {
  auto zone = Zone::parse(small_zone_file());
  ASSERT_TRUE(zone);
  auto shown = [&](std::int64_t seconds) { return format_time(at(seconds).in(*zone), "2006-01-02 15:04 MST -07"); };
  EXPECT_EQ(shown(0), "1970-01-01 00:30 LMT +00");
  EXPECT_EQ(shown(1616893200 - 1), "2021-03-28 01:59 CET +01");
  EXPECT_EQ(shown(1616893200), "2021-03-28 03:00 CEST +02");
  EXPECT_EQ(shown(1635642000 - 1), "2021-10-31 02:59 CEST +02");
  EXPECT_EQ(shown(1635642000), "2021-10-31 02:00 CET +01");
}

TEST(Zone, RefusesFilesThatAreCutOff) {
  const std::string file = small_zone_file();
  for (std::size_t size = 0; size + 30 < file.size(); ++size) EXPECT_FALSE(Zone::parse(file.substr(0, size))) << size;
}

TEST(Duration, IsReadAndPrintedAsGoDoes) {
  EXPECT_EQ(duration_text("1h2m3.5s"), "1h2m3.5s");
  EXPECT_EQ(duration_text("-1.5h"), "-1h30m0s");
  EXPECT_EQ(duration_text("90m"), "1h30m0s");
  EXPECT_EQ(duration_text("1500us"), "1.5ms");
  EXPECT_EQ(duration_text("0"), "0s");
  EXPECT_EQ(duration_text("999ns"), "999ns");
  EXPECT_EQ(duration_text("2562047h47m16.854775807s"), "2562047h47m16.854775807s");
}

TEST(Duration, SaysWhyATextIsNone) {
  EXPECT_EQ(duration_text("x"), "time: invalid duration \"x\"");
  EXPECT_EQ(duration_text(""), "time: invalid duration \"\"");
  EXPECT_EQ(duration_text("5"), "time: missing unit in duration \"5\"");
  EXPECT_EQ(duration_text("5d"), "time: unknown unit \"d\" in duration \"5d\"");
  EXPECT_EQ(duration_text("9999999h"), "time: invalid duration \"9999999h\"");
}

TEST(Duration, IsRoundedHalfAwayFromZero) {
  using std::chrono::milliseconds;
  using std::chrono::seconds;
  EXPECT_EQ(round_to(milliseconds(1500), seconds(1)), seconds(2));
  EXPECT_EQ(round_to(milliseconds(-1500), seconds(1)), seconds(-2));
  EXPECT_EQ(round_to(milliseconds(1499), seconds(1)), seconds(1));
}

}  // namespace
}  // namespace sluice::functions
