#include "tests/server/store/fixture.hpp"

namespace sluice::store {

struct RecoveryTest : StoreTest {
  Recovery recover() {
    return *write([](Writer& w) { return w.recover(); });
  }
};

TEST_F(RecoveryTest, GivesEachDeploymentATrueStateAndVoidsTheLeases) {
  const auto planning = create("p");
  ASSERT_TRUE(move(planning, State::received, State::planning));
  const auto pushing = approved("a");
  const auto fence = take(pushing)->fence;
  const auto found = recover();
  EXPECT_EQ(found.plans_restarted, 1);
  EXPECT_EQ(found.pushes_interrupted, 1);
  EXPECT_EQ(state(planning), State::received);
  EXPECT_EQ(state(pushing), State::interrupted);
  EXPECT_FALSE(write([&](Writer& w) { return w.renew_lease(pushing, fence); }));
}

TEST_F(RecoveryTest, LeavesWhatWaitsForAPersonAlone) {
  const auto id = waiting("a");
  recover();
  EXPECT_EQ(state(id), State::awaiting_approval);
  EXPECT_EQ(find(id).digest, to_hex(sha256("plan")));
}

TEST_F(RecoveryTest, SetsAsideWhatKilledItsWorkerThreeTimes) {
  const auto id = create("p");
  const auto other = waiting("other");
  for (int death = 1; death <= 3; ++death) {
    ASSERT_TRUE(move(id, State::received, State::planning));
    recover();
  }
  EXPECT_EQ(state(id), State::poisoned);
  EXPECT_EQ(find(id).reason, "its worker died three times");
  EXPECT_EQ(state(other), State::awaiting_approval);
}

TEST_F(RecoveryTest, ReturnsClaimedDeliveriesUntilTheThirdDeath) {
  ASSERT_TRUE(write([](Writer& w) { return w.insert_delivery(pushed("g1")); }));
  for (int death = 1; death <= 3; ++death) {
    EXPECT_EQ(write([](Writer& w) { return w.claim_deliveries(16); })->size(), 1u);
    recover();
  }
  EXPECT_EQ(write([](Writer& w) { return w.claim_deliveries(16); })->size(), 0u);
  EXPECT_EQ(store->read_now([](const Reader& r) { return r.delivery({1}); })->state, DeliveryState::poisoned);
}

TEST_F(RecoveryTest, OfAnInterruptedPushHoldsTheClusterForItself) {
  const auto first = approved("a");
  ASSERT_TRUE(take(first));
  recover();
  const auto second = approved("b", "plan b");
  EXPECT_EQ(take(second).error(), (Error{Errc::unavailable, "conflict: deployment 1 is being pushed to cluster vps"}));
  EXPECT_TRUE(take(first));
}

}  // namespace sluice::store
