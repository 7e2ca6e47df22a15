#include "server/base/clock.hpp"

#include <gtest/gtest.h>

namespace sluice {

TEST(Clock, WritesAndReadsTimesInUtc) {
  const WallTime time{std::chrono::milliseconds{1795568721123}};
  EXPECT_EQ(to_rfc3339(time), "2026-11-25T01:05:21.123Z");
  EXPECT_EQ(*parse_rfc3339("2026-11-25T01:05:21.123Z"), time);
  EXPECT_EQ(*parse_rfc3339("2026-11-25T01:05:21Z"), time - std::chrono::milliseconds{123});
}

TEST(Clock, RefusesWhatIsNoTime) {
  for (const std::string text : {"", "2026-11-25", "2026-02-30T00:00:00Z", "2026-11-25T24:00:00Z", "2026-11-25T01:05:21+01",
                                 "2026-11-25T-1:05:21Z", "2026-11-25 01:05:21Z"}) {
    const auto time = parse_rfc3339(text);
    ASSERT_FALSE(time) << text;
    EXPECT_EQ(time.error().what, "expected a time such as 2026-11-25T01:05:21Z, found \"" + text + "\"");
  }
}

TEST(Clock, MonotonicTimeDoesNotGoBack) {
  const Clock clock = system_clock();
  const auto first = clock.monotonic();
  EXPECT_LE(first, clock.monotonic());
  EXPECT_EQ(boot_id().size(), 36u);
}

}  // namespace sluice
