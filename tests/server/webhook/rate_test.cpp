#include "server/webhook/rate.hpp"

#include <gtest/gtest.h>

namespace sluice::webhook {
namespace {

using namespace std::chrono_literals;

TEST(Rate, LetsABurstThroughAndThenSoManyAMinute) {
  Rate rate(60, 3);
  MonotonicTime now{1h};
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(rate.take("a", now));
  EXPECT_FALSE(rate.take("a", now));
  EXPECT_TRUE(rate.take("b", now));
  now += 1s;
  EXPECT_TRUE(rate.take("a", now));
  EXPECT_FALSE(rate.take("a", now));
  now += 1h;
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(rate.take("a", now));
  EXPECT_FALSE(rate.take("a", now));
}

}  // namespace
}  // namespace sluice::webhook
