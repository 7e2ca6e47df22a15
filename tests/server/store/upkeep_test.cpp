#include "server/store/sqlite.hpp"
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

struct UpkeepOnDisk : FolderTest {
  HandClock time;

  /// Eleven days of deliveries, and what is too old removed, as the daemon does.
  static void live(Store& store, const HandClock& time, int round) {
    for (int i = 0; i < 600; ++i) {
      const std::string name = std::to_string(round) + "-" + std::to_string(i);
      ASSERT_TRUE(store.write_now([&](Writer& w) { return w.insert_delivery(pushed(name, name, std::string(2000, 'x'))); }));
      ASSERT_TRUE(store.write_now([](Writer& w) { return w.claim_deliveries(1); }));
      ASSERT_TRUE(store.write_now([&](Writer& w) { return w.settle_delivery({round * 600 + i + 1}, DeliveryState::ignored, "", {}); }));
    }
    time.advance(24h * 11);
    for (bool has_more = true; has_more;) has_more = store.write_now([](Writer& w) { return w.purge(); })->has_more;
  }
};

TEST_F(UpkeepOnDisk, RemovesAllThatIsTooOldSoThatTheFileStopsGrowing) {
  Options with = options();
  with.clock = time.clock();
  auto store = Store::open(std::move(with));
  ASSERT_TRUE(store);
  auto file = Connection::open(database(), Access::read);
  ASSERT_TRUE(file);
  std::vector<std::int64_t> rows, pages;
  for (int round = 0; round < 8; ++round) {
    live(**store, time, round);
    rows.push_back((*file)->ask("SELECT count(*) FROM deliveries"));
    pages.push_back((*file)->ask("PRAGMA page_count"));
  }
  EXPECT_EQ(rows, (std::vector<std::int64_t>{600, 1200, 1200, 1200, 1200, 1200, 1200, 1200}));
  EXPECT_LE(pages[7], pages[3] * 21 / 20);
}

}  // namespace sluice::store
