#include "tests/server/store/fixture.hpp"

namespace sluice::store {

using deployment::Wish;

struct PushTest : StoreTest {
  Result<> sending(DeploymentId id, std::int64_t fence, int step) {
    return write([&](Writer& w) {
      return w.journal_sending(id, fence, {.step = step, .object = "apps/v1 Deployment web/web", .verb = "apply", .uid = "", .resource_version = ""});
    });
  }
};

TEST_F(PushTest, GetsTheApprovedBytesAndTheHeldReleases) {
  const auto id = waiting("a", "the plan");
  ASSERT_TRUE(write([&](Writer& w) {
    return w.decide({.deployment = id,
                     .request = {.wish = Wish::approve, .by = ann, .digest = to_hex(sha256("the plan")), .comment = ""},
                     .rules = {},
                     .hold = {"postgres"}});
  }));
  const auto lease = take(id);
  ASSERT_TRUE(lease) << lease.error().what;
  EXPECT_EQ(lease->plan_bytes, "the plan");
  EXPECT_EQ(lease->digest, to_hex(sha256("the plan")));
  EXPECT_EQ(lease->hold, std::vector<std::string>{"postgres"});
  EXPECT_FALSE(lease->is_resume);
  EXPECT_EQ(state(id), State::deploying);
}

TEST_F(PushTest, StartsOnceForAllWhoAsk) {
  const auto id = approved("a");
  ASSERT_TRUE(take(id));
  EXPECT_EQ(take(id).error(), (Error{Errc::conflict, "conflict: deployment 1 is deploying; only an approved one may be pushed"}));
}

TEST_F(PushTest, DoesNotStartWithoutAnApproval) {
  EXPECT_EQ(take(waiting("a")).error(), (Error{Errc::conflict, "conflict: deployment 1 is awaiting_approval; only an approved one may be pushed"}));
}

TEST_F(PushTest, WaitsForTheOtherOnTheSameCluster) {
  const auto first = approved("a");
  ASSERT_TRUE(take(first));
  const auto second = approved("b", "plan b");
  EXPECT_EQ(take(second).error(), (Error{Errc::unavailable, "conflict: deployment 1 is being pushed to cluster vps"}));
}

TEST_F(PushTest, WaitsForALockAndTheWaitTimer) {
  const auto id = approved("a");
  ASSERT_TRUE(write([](Writer& w) { return w.lock_environment("prod", "looking at the disk", olga); }));
  EXPECT_EQ(take(id).error(), (Error{Errc::unavailable, "conflict: environment prod is locked: looking at the disk"}));
  ASSERT_TRUE(write([](Writer& w) { return w.unlock_environment("prod", olga); }));
  const Protection rules{.reviewers = {}, .wait_timer = 10min, .branches = {}, .tags = {}};
  EXPECT_EQ(take(id, rules).error(), (Error{Errc::unavailable, "conflict: the wait timer of environment prod runs for another 600 s"}));
  time.advance(10min);
  EXPECT_TRUE(take(id, rules));
}

TEST_F(PushTest, DoesNotStartAfterTheApprovalExpired) {
  const auto id = approved("a");
  time.advance(72h);
  EXPECT_EQ(take(id).error(), (Error{Errc::conflict, "approval-expired: 0 of 1 approvals are in force; retry makes a new plan"}));
}

TEST_F(PushTest, IsWrittenByTheHolderOfTheLeaseOnly) {
  const auto id = approved("a");
  const auto fence = take(id)->fence;
  EXPECT_TRUE(sending(id, fence, 0));
  EXPECT_EQ(sending(id, fence - 1, 1).error(), (Error{Errc::denied, "lease-lost: another worker pushes deployment 1"}));
  EXPECT_EQ(move(id, State::deploying, State::succeeded).error(),
            (Error{Errc::denied, "lease-lost: deployment 1 is changed by the worker that pushes it only"}));
  EXPECT_FALSE(move(id, State::deploying, State::succeeded, fence + 1));
  EXPECT_TRUE(move(id, State::deploying, State::succeeded, fence));
  EXPECT_EQ(sending(id, fence, 1).error(), (Error{Errc::denied, "lease-lost: deployment 1 is not being pushed"}));
}

TEST_F(PushTest, IsLostByAWorkerThatSlept) {
  const auto id = approved("a");
  const auto fence = take(id)->fence;
  time.advance(50s);
  EXPECT_TRUE(write([&](Writer& w) { return w.renew_lease(id, fence); }));
  time.advance(61s);
  EXPECT_EQ(sending(id, fence, 0).error(), (Error{Errc::denied, "lease-lost: the lease on deployment 1 was not renewed in time"}));
  EXPECT_EQ(*write([](Writer& w) { return w.sweep(); }), 1);
  EXPECT_EQ(state(id), State::interrupted);
  const auto again = take(id);
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->is_resume);
  EXPECT_GT(again->fence, fence);
  EXPECT_EQ(sending(id, fence, 0).error(), (Error{Errc::denied, "lease-lost: another worker pushes deployment 1"}));
}

TEST_F(PushTest, KeepsAJournalToResumeFrom) {
  const auto id = approved("a");
  const auto fence = take(id)->fence;
  ASSERT_TRUE(sending(id, fence, 0));
  ASSERT_TRUE(write([&](Writer& w) {
    return w.journal_confirmed(id, fence, {.step = 0, .object = "", .verb = "", .confirmed = true, .uid = "u", .resource_version = "7"});
  }));
  ASSERT_TRUE(sending(id, fence, 1));
  EXPECT_FALSE(write([&](Writer& w) { return w.journal_confirmed(id, fence, {.step = 5, .object = "", .verb = "", .uid = "", .resource_version = ""}); }));
  const auto steps = *store->read_now([&](const Reader& r) { return r.journal(id); });
  ASSERT_EQ(steps.size(), 2u);
  EXPECT_TRUE(steps[0].confirmed);
  EXPECT_EQ(steps[0].uid, "u");
  EXPECT_FALSE(steps[1].confirmed);
}

TEST_F(PushTest, IsPlannedAnewOnlyBeforeTheFirstWrite) {
  const auto id = approved("a");
  const auto fence = take(id)->fence;
  ASSERT_TRUE(move(id, State::deploying, State::planning, fence));
  ASSERT_TRUE(write([&](Writer& w) { return w.save_plan(new_plan(id, "two")); }));
  ASSERT_TRUE(decide(id, Wish::approve, ann, "two"));
  const auto second = take(id)->fence;
  ASSERT_TRUE(sending(id, second, 0));
  EXPECT_EQ(move(id, State::deploying, State::planning, second).error(),
            (Error{Errc::conflict, "conflict: deployment 1 has written to the cluster already, so it cannot be planned anew"}));
}

TEST_F(PushTest, RefusalsThatAreFinalEndTheDeploymentOnRecord) {
  const auto id = approved("a");
  time.advance(72h);
  EXPECT_FALSE(take(id));
  EXPECT_EQ(state(id), State::expired);
  const auto rows = *store->read_now([](const Reader& r) { return r.audit(0, 1000); });
  EXPECT_EQ(rows.at(rows.size() - 2).action, "refused.push");
  EXPECT_EQ(rows.back().action, "deployment.expired");
}

TEST_F(PushTest, ThatWasInterruptedAndCancelledEndsAndLetsGoOfTheCluster) {
  const auto id = approved("a");
  ASSERT_TRUE(take(id));
  ASSERT_TRUE(write([](Writer& w) { return w.recover(); }));
  ASSERT_TRUE(decide(id, Wish::cancel, olga));
  EXPECT_EQ(take(id).error(), (Error{Errc::conflict, "conflict: deployment 1 was cancelled"}));
  EXPECT_EQ(state(id), State::cancelled);
  EXPECT_TRUE(take(approved("b", "plan b")));
}

TEST_F(PushTest, ThatWasInterruptedForTooLongFails) {
  const auto id = approved("a");
  ASSERT_TRUE(take(id));
  ASSERT_TRUE(write([](Writer& w) { return w.recover(); }));
  time.advance(72h);
  EXPECT_FALSE(take(id));
  EXPECT_EQ(state(id), State::failed);
  EXPECT_EQ(find(id).reason, "approval-expired: 0 of 1 approvals are in force; retry makes a new plan");
}

}  // namespace sluice::store
