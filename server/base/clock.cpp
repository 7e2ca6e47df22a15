#include "server/base/clock.hpp"

#include <array>
#include <charconv>
#include <cstdio>
#include <ctime>

#include "server/base/files.hpp"

namespace sluice {

using namespace std::chrono;

Clock system_clock() {
  return {.wall = [] { return floor<milliseconds>(std::chrono::system_clock::now()); },
          .monotonic =
              [] {
                timespec t{};
                ::clock_gettime(CLOCK_BOOTTIME, &t);
                return MonotonicTime{seconds{t.tv_sec}} + nanoseconds{t.tv_nsec};
              }};
}

std::string to_rfc3339(WallTime time) {
  const auto day = floor<days>(time);
  const year_month_day date{day};
  const hh_mm_ss clock{time - day};
  std::array<char, 40> text{};
  const int size = std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
                                 static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                                 static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                                 static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
  return {text.data(), static_cast<std::size_t>(size)};
}

/// The digits of `text` from `at`, `count` of them; -1 if there are others.
static int digits(std::string_view text, std::size_t at, std::size_t count) {
  int value = -1;
  if (text.size() < at + count) return -1;
  const char* end = text.data() + at + count;
  const auto [stop, failed] = std::from_chars(text.data() + at, end, value);
  return failed == std::errc{} && stop == end && text[at] != '-' ? value : -1;
}

Result<WallTime> parse_rfc3339(std::string_view text) {
  const auto wrong = [&] {
    return Error{Errc::invalid, "expected a time such as 2026-11-25T01:05:21Z, found \"" + std::string(text.substr(0, 40)) + "\""};
  };
  const bool fraction = text.size() == 24;
  if (text.size() != 20 && !fraction) return wrong();
  if (text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':' || text.back() != 'Z') return wrong();
  if (fraction && text[19] != '.') return wrong();
  const year_month_day date{year{digits(text, 0, 4)}, month{static_cast<unsigned>(digits(text, 5, 2))},
                            day{static_cast<unsigned>(digits(text, 8, 2))}};
  const int h = digits(text, 11, 2), m = digits(text, 14, 2), s = digits(text, 17, 2), ms = fraction ? digits(text, 20, 3) : 0;
  if (digits(text, 0, 4) < 0 || !date.ok() || h < 0 || h > 23 || m < 0 || m > 59 || s < 0 || s > 59 || ms < 0) return wrong();
  return WallTime{sys_days{date} + hours{h} + minutes{m} + seconds{s} + milliseconds{ms}};
}

std::string boot_id() {
  auto text = read_file("/proc/sys/kernel/random/boot_id", 64);
  if (!text) return "unknown";
  while (!text->empty() && text->back() == '\n') text->pop_back();
  return *text;
}

}  // namespace sluice
