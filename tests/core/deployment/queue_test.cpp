#include "core/deployment/queue.hpp"

#include <gtest/gtest.h>

namespace sluice::deployment {

using enum State;
using Ids = std::vector<DeploymentId>;

TEST(Queue, NewestPlanTakesThePlaceOfOlderWaitingOnes) {
  const auto result = supersede({5}, {{{1}, awaiting_approval}, {{2}, approved}, {{3}, planning}, {{4}, awaiting_approval}}, QueueOrder::latest);
  EXPECT_EQ(result.by, std::nullopt);
  EXPECT_EQ(result.superseded, (Ids{{1}, {4}}));
}

TEST(Queue, PlanThatComesLateGivesWayToANewerOne) {
  const auto result = supersede({3}, {{{2}, awaiting_approval}, {{4}, awaiting_approval}, {{5}, plan_failed}}, QueueOrder::latest);
  EXPECT_EQ(result.by, DeploymentId{4});
  EXPECT_EQ(result.superseded, Ids{});
}

TEST(Queue, FifoSupersedesNothingAndKeepsTheOrder) {
  EXPECT_EQ(supersede({5}, {{{1}, awaiting_approval}}, QueueOrder::fifo).superseded, Ids{});
  EXPECT_EQ(who_goes_before({5}, {{{1}, awaiting_approval}, {{4}, approved}}, QueueOrder::fifo), DeploymentId{1});
  EXPECT_EQ(who_goes_before({5}, {{{1}, awaiting_approval}, {{4}, approved}}, QueueOrder::latest), DeploymentId{4});
  EXPECT_EQ(who_goes_before({5}, {{{1}, succeeded}, {{6}, approved}}, QueueOrder::fifo), std::nullopt);
}

}  // namespace sluice::deployment
