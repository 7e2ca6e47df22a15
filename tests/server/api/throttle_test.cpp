#include "server/api/throttle.hpp"

#include <gtest/gtest.h>

namespace sluice::api {
namespace {

using namespace std::chrono_literals;

TEST(Throttle, BlocksAfterTenFailuresInAMinuteForTenMinutes) {
  Throttle throttle;
  MonotonicTime now{1h};
  for (int i = 0; i < 10; ++i) throttle.note_failure("a", now);
  EXPECT_FALSE(throttle.is_blocked("a", now));
  throttle.note_failure("a", now);
  EXPECT_TRUE(throttle.is_blocked("a", now));
  EXPECT_FALSE(throttle.is_blocked("b", now));
  throttle.note_success("a");
  EXPECT_TRUE(throttle.is_blocked("a", now + 9min));
  EXPECT_FALSE(throttle.is_blocked("a", now + 10min));
}

TEST(Throttle, ForgetsFailuresThatAreFarApart) {
  Throttle throttle;
  MonotonicTime now{1h};
  for (int i = 0; i < 100; ++i) throttle.note_failure("a", now += 30s);
  EXPECT_FALSE(throttle.is_blocked("a", now));
}

TEST(Throttle, DoesNotLiftABlockToMakeRoom) {
  Throttle throttle(2);
  const MonotonicTime now{1h};
  for (int i = 0; i < 11; ++i) throttle.note_failure("a", now);
  for (int i = 0; i < 1000; ++i) throttle.note_failure("other " + std::to_string(i), now);
  EXPECT_TRUE(throttle.is_blocked("a", now));
}

}  // namespace
}  // namespace sluice::api
