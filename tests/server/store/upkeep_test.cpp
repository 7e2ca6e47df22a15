#include "tests/server/store/fixture.hpp"

namespace sluice::store {

struct UpkeepTest : StoreTest {
  Purge purge() {
    return *write([](Writer& w) { return w.purge(); });
  }
};

TEST_F(UpkeepTest, ExpiresWhatNobodyDecided) {
  const auto id = waiting("a");
  time.advance(72h - 1ms);
  EXPECT_EQ(*write([](Writer& w) { return w.sweep(); }), 0);
  time.advance(1ms);
  EXPECT_EQ(*write([](Writer& w) { return w.sweep(); }), 1);
  EXPECT_EQ(state(id), State::expired);
}

TEST_F(UpkeepTest, ExpiresAnApprovalThatWasNotUsedInTime) {
  const auto id = approved("a");
  time.advance(72h);
  EXPECT_EQ(*write([](Writer& w) { return w.sweep(); }), 1);
  EXPECT_EQ(state(id), State::expired);
  EXPECT_EQ(find(id).reason, "the approval was not used in time");
}

TEST_F(UpkeepTest, ForgetsBodiesFirstThenDeliveriesThenEvents) {
  ASSERT_TRUE(write([](Writer& w) { return w.insert_delivery(pushed("g1", "k1")); }));
  ASSERT_TRUE(write([](Writer& w) { return w.insert_delivery(pushed("g2", "k2")); }));
  ASSERT_TRUE(write([](Writer& w) { return w.claim_deliveries(1); }));
  ASSERT_TRUE(write([](Writer& w) { return w.settle_delivery({1}, DeliveryState::done, "", {wanted("a")}); }));
  EXPECT_EQ(purge().bodies, 0);
  time.advance(24h * 14 + 1ms);
  EXPECT_EQ(purge().bodies, 1);  // the other still waits to be worked on
  EXPECT_EQ(store->read_now([](const Reader& r) { return r.delivery({1}); })->body, std::nullopt);
  EXPECT_NE(store->read_now([](const Reader& r) { return r.delivery({2}); })->body, std::nullopt);
  time.advance(24h * 16);
  EXPECT_EQ(purge().deliveries, 1);
  EXPECT_FALSE(store->read_now([](const Reader& r) { return r.delivery({1}); }));
  time.advance(24h * 60);
  EXPECT_EQ(purge().events, 1);
}

}  // namespace sluice::store
