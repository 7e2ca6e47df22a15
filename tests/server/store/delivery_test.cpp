#include "tests/server/store/fixture.hpp"

namespace sluice::store {

struct DeliveryTest : StoreTest {
  InsertedDelivery insert(const NewDelivery& delivery) {
    auto inserted = write([&](Writer& w) { return w.insert_delivery(delivery); });
    EXPECT_TRUE(inserted) << inserted.error().what;
    return *inserted;
  }
  Delivery find_delivery(DeliveryId id) {
    auto one = store->read_now([&](const Reader& r) { return r.delivery(id); });
    EXPECT_TRUE(one);
    return *one;
  }
  std::vector<Delivery> claim() {
    return *write([&](Writer& w) { return w.claim_deliveries(16); });
  }
};

TEST_F(DeliveryTest, IsStoredOnceHoweverOftenItComes) {
  const auto first = insert(pushed("g1", "push:1:main:a"));
  const auto again = insert(pushed("g1", "push:1:main:a"));
  EXPECT_EQ(first.how, Insertion::stored);
  EXPECT_EQ(again.how, Insertion::duplicate);
  EXPECT_EQ(again.id, first.id);
  EXPECT_EQ(claim().size(), 1u);
}

TEST_F(DeliveryTest, OfTheSameEventThroughAnotherHookOrGuidTriggersNothing) {
  insert(pushed("g1", "push:1:main:a"));
  auto other_hook = pushed("g1", "push:1:main:a");
  other_hook.hook_id = "2";
  EXPECT_EQ(insert(other_hook).how, Insertion::duplicate);
  const auto replayed = insert(pushed("g2", "push:1:main:a"));
  EXPECT_EQ(replayed.how, Insertion::duplicate);
  EXPECT_EQ(find_delivery(replayed.id).state, DeliveryState::duplicate);
  EXPECT_EQ(claim().size(), 1u);
}

TEST_F(DeliveryTest, UnderAKnownGuidWithAnotherBodyOrEventIsAMismatch) {
  const auto first = insert(pushed("g1"));
  EXPECT_EQ(insert(pushed("g1", "", "{\"other\":1}")).how, Insertion::mismatched);
  auto renamed = pushed("g1");
  renamed.event = "release";
  EXPECT_EQ(insert(renamed).how, Insertion::mismatched);
  EXPECT_EQ(insert(renamed).id, first.id);
}

TEST_F(DeliveryTest, KeepsItsBodyUntilItIsWanted) {
  std::string body = "{\"x\":\"";
  body += std::string(1, '\0');
  body += "\xff\"}";
  const auto one = insert(pushed("g1", "", body));
  EXPECT_EQ(find_delivery(one.id).body, body);
}

TEST_F(DeliveryTest, IsClaimedOnceAndSettledWithItsDeployments) {
  const auto one = insert(pushed("g1"));
  auto claimed = claim();
  ASSERT_EQ(claimed.size(), 1u);
  EXPECT_EQ(claimed[0].attempts, 1);
  EXPECT_EQ(claim().size(), 0u);
  const auto settle = [&](Writer& w) { return w.settle_delivery(one.id, DeliveryState::done, "2 deployments", {wanted("a"), wanted("a", "lab")}); };
  auto made = write(settle);
  ASSERT_TRUE(made);
  EXPECT_EQ(find(made->at(1).id).environment, "lab");
  EXPECT_EQ(find(made->at(0).id).delivery, one.id);
  EXPECT_EQ(find_delivery(one.id).state, DeliveryState::done);
  EXPECT_EQ(write(settle).error(), (Error{Errc::conflict, "conflict: delivery 1 is not claimed"}));
}

TEST_F(DeliveryTest, IsUndoneWholeWhenOneOfItsDeploymentsCannotBe) {
  const auto one = insert(pushed("g1"));
  claim();
  auto broken = wanted("b");
  broken.cluster = "";
  EXPECT_FALSE(write([&](Writer& w) { return w.settle_delivery(one.id, DeliveryState::done, "", {wanted("a"), broken}); }));
  EXPECT_EQ(find_delivery(one.id).state, DeliveryState::claimed);
  EXPECT_TRUE(store->read_now([](const Reader& r) { return r.deployments({}); })->items.empty());
}

TEST_F(DeliveryTest, ThatIsHandedBackIsClaimedAgain) {
  const auto one = insert(pushed("g1"));
  claim();
  ASSERT_TRUE(write([&](Writer& w) { return w.settle_delivery(one.id, DeliveryState::pending, "", {}); }));
  EXPECT_EQ(claim().at(0).attempts, 2);
}

TEST_F(DeliveryTest, ThatFailedIsTriedAgainWhenItComesAgain) {
  const auto one = insert(pushed("g1", "k"));
  claim();
  ASSERT_TRUE(write([&](Writer& w) { return w.settle_delivery(one.id, DeliveryState::failed, "no", {}); }));
  const auto again = insert(pushed("g1", "k"));
  EXPECT_EQ(again.how, Insertion::reopened);
  EXPECT_EQ(again.id, one.id);
  EXPECT_EQ(claim().size(), 1u);
}

TEST_F(DeliveryTest, IsRefusedWhileTheDiskIsFull) {
  ASSERT_TRUE(write([](Writer& w) -> Result<> {
    w.close_intake("storage-full: there is no room on the data folder's disk");
    return {};
  }));
  EXPECT_EQ(write([](Writer& w) { return w.insert_delivery(pushed("g1")); }).error(),
            (Error{Errc::unavailable, "storage-full: there is no room on the data folder's disk"}));
}

TEST_F(DeliveryTest, ThatDoesNotExistIsNotFound) {
  EXPECT_EQ(store->read_now([](const Reader& r) { return r.delivery({9}); }).error(),
            (Error{Errc::not_found, "not-found: there is no delivery 9"}));
}

}  // namespace sluice::store
