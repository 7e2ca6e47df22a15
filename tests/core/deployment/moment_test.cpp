#include "core/deployment/moment.hpp"

#include <gtest/gtest.h>

namespace sluice::deployment {

using namespace std::chrono_literals;

static Moment at(std::chrono::milliseconds wall, std::chrono::nanoseconds monotonic, const char* boot = "one") {
  return {.wall = std::chrono::sys_time<std::chrono::milliseconds>{wall}, .monotonic = monotonic, .boot = boot};
}

TEST(Moment, GoesByTheMonotonicClockWithinOneStartOfTheMachine) {
  EXPECT_EQ(elapsed(at(100h, 1s), at(100000h, 3s)), 2s);  // the calendar jumped ten years ahead
  EXPECT_EQ(elapsed(at(100h, 1s), at(1h, 3s)), 2s);       // and back
}

TEST(Moment, GoesByTheCalendarAcrossARestartOfTheMachine) { EXPECT_EQ(elapsed(at(1h, 900s), at(3h, 1s, "two")), 2h); }

TEST(Moment, UnknownAgeCountsAsOver) {
  EXPECT_EQ(elapsed(at(3h, 1s), at(1h, 2s, "two")), std::nullopt);
  EXPECT_TRUE(is_over(at(3h, 1s), 100h, at(1h, 2s, "two")));
}

TEST(Moment, IsOverAtTheVeryInstant) {
  EXPECT_FALSE(is_over(at(0h, 0s), 5s, at(0h, 4999ms)));
  EXPECT_TRUE(is_over(at(0h, 0s), 5s, at(0h, 5s)));
}

}  // namespace sluice::deployment
