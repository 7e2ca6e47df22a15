#include "tests/server/store/fixture.hpp"

namespace sluice::store {

using deployment::Wish;

struct DecisionTest : StoreTest {
  std::vector<std::string> actions() {
    std::vector<std::string> out;
    const auto rows = store->read_now([](const Reader& r) { return r.audit(0, 1000); });
    for (const auto& row : *rows) out.push_back(row.action);
    return out;
  }
};

TEST_F(DecisionTest, ApprovesThePlanThatWasShown) {
  const auto id = waiting("a");
  EXPECT_EQ(find(id).digest, to_hex(sha256("plan")));
  EXPECT_EQ(decide(id, Wish::approve, ann, "another").error().what.substr(0, 21), "plan-digest-mismatch:");
  EXPECT_EQ(decide(id, Wish::approve, ann)->state, State::approved);
  EXPECT_EQ(decide(id, Wish::approve, bob).error(), (Error{Errc::conflict, "approval-used: already approved; cancel it to stop it"}));
  const auto given = *store->read_now([&](const Reader& r) { return r.decisions(id); });
  ASSERT_EQ(given.size(), 1u);
  EXPECT_EQ(given[0].by.name, "ann");
}

TEST_F(DecisionTest, IsOnRecordAlsoWhenItWasRefused) {
  const auto id = waiting("a");
  EXPECT_FALSE(decide(id, Wish::approve, ann, "another"));
  EXPECT_FALSE(decide(id, Wish::approve, olga));
  EXPECT_TRUE(decide(id, Wish::reject, ann, "plan", "not today"));
  EXPECT_EQ(actions(), (std::vector<std::string>{"deployment.received", "deployment.planning", "deployment.awaiting_approval",
                                                 "refused.approve", "refused.approve", "deployment.rejected"}));
  EXPECT_EQ(find(id).reason, "reject by ann: not today");
}

TEST_F(DecisionTest, OfTwoPeopleIsNeededWhereTheRulesSaySo) {
  const Protection rules{.reviewers = {}, .required = 2, .branches = {}, .tags = {}};
  const auto id = waiting("a", "plan", rules);
  EXPECT_EQ(decide(id, Wish::approve, ann, "plan", "", rules)->state, State::awaiting_approval);
  EXPECT_FALSE(decide(id, Wish::approve, ann, "plan", "", rules));
  EXPECT_EQ(decide(id, Wish::approve, bob, "plan", "", rules)->state, State::approved);
}

TEST_F(DecisionTest, IsNobodysWhereNoneIsRequiredButOnRecord) {
  const auto id = waiting("a", "plan", {.reviewers = {}, .required = 0, .branches = {}, .tags = {}});
  EXPECT_EQ(state(id), State::approved);
  EXPECT_EQ(store->read_now([&](const Reader& r) { return r.decisions(id); })->at(0).by.name, "rules");
}

TEST_F(DecisionTest, OnADiffThatWasCutIsNotPossibleEvenForTheRules) {
  const auto id = create("a");
  ASSERT_TRUE(move(id, State::received, State::planning));
  auto plan = new_plan(id, "plan", {.reviewers = {}, .required = 0, .branches = {}, .tags = {}});
  plan.diff_was_cut = true;
  EXPECT_EQ(write([&](Writer& w) { return w.save_plan(plan); })->state, State::awaiting_approval);
  EXPECT_FALSE(decide(id, Wish::approve, ann));
}

TEST_F(DecisionTest, ComesTooLateAfterTheDeadline) {
  const auto id = waiting("a");
  time.advance(72h);
  EXPECT_EQ(decide(id, Wish::approve, ann).error(),
            (Error{Errc::conflict, "approval-expired: the time for a decision is over; retry makes a new plan"}));
}

TEST_F(DecisionTest, DeadlineIsNotMovedByTheCalendar) {
  const auto id = waiting("a");
  time.advance(72h);           // so much time passed,
  time.set_back(24h * 3650);   // and somebody set the clock back ten years
  EXPECT_FALSE(decide(id, Wish::approve, ann));
}

TEST_F(DecisionTest, AboutAnEnvironmentOutsideTheTokenSeesNothing) {
  const auto id = waiting("a");
  auto elsewhere = ann;
  elsewhere.environments = {"lab"};
  EXPECT_EQ(decide(id, Wish::approve, elsewhere).error(), (Error{Errc::not_found, "not-found: there is no deployment 1"}));
}

TEST_F(DecisionTest, NewestPlanSupersedesOlderWaitingOnes) {
  const auto first = waiting("a");
  const auto second = waiting("b", "plan b");
  EXPECT_EQ(state(first), State::superseded);
  EXPECT_EQ(find(first).reason, "by deployment 2");
  EXPECT_EQ(state(second), State::awaiting_approval);
  EXPECT_EQ(decide(first, Wish::approve, ann).error(), (Error{Errc::conflict, "conflict: superseded by a newer deployment"}));
}

TEST_F(DecisionTest, PlanOfAnOlderOneThatComesLateGivesWay) {
  const auto first = create("a");
  ASSERT_TRUE(move(first, State::received, State::planning));
  const auto second = waiting("b", "plan b");
  EXPECT_EQ(write([&](Writer& w) { return w.save_plan(new_plan(first)); })->state, State::superseded);
  EXPECT_EQ(state(second), State::awaiting_approval);
}

TEST_F(DecisionTest, FifoKeepsAllInTheirOrder) {
  const Protection fifo{.reviewers = {}, .branches = {}, .tags = {}, .queue = deployment::QueueOrder::fifo};
  const auto first = waiting("a", "plan a", fifo);
  const auto second = waiting("b", "plan b", fifo);
  EXPECT_EQ(state(first), State::awaiting_approval);
  ASSERT_TRUE(decide(second, Wish::approve, ann, "plan b", "", fifo));
  EXPECT_EQ(take(second, fifo).error(), (Error{Errc::unavailable, "conflict: deployment 1 goes first"}));
}

TEST_F(DecisionTest, CancelsWhatWaitsAndAsksWhatRunsToStop) {
  const auto waits = waiting("a");
  EXPECT_EQ(decide(waits, Wish::cancel, olga)->state, State::cancelled);
  const auto runs = approved("b");
  ASSERT_TRUE(take(runs));
  const auto decided = decide(runs, Wish::cancel, olga);
  ASSERT_TRUE(decided);
  EXPECT_TRUE(decided->stops_running_push);
  EXPECT_TRUE(find(runs).cancel_requested);
  EXPECT_EQ(state(runs), State::deploying);
}

TEST_F(DecisionTest, ASecondPlanVoidsTheApprovalOfTheFirst) {
  const auto id = approved("a", "plan one");
  ASSERT_TRUE(move(id, State::approved, State::planning));
  EXPECT_EQ(find(id).digest, "");
  ASSERT_TRUE(write([&](Writer& w) { return w.save_plan(new_plan(id, "plan two")); }));
  EXPECT_EQ(state(id), State::awaiting_approval);
  EXPECT_FALSE(decide(id, Wish::approve, ann, "plan one"));
  EXPECT_EQ(decide(id, Wish::approve, ann, "plan two")->state, State::approved);
}

TEST_F(DecisionTest, SaysWhetherAPersonCouldApprove) {
  const auto id = waiting("a");
  const auto may = [&](const Person& by) { return store->read_now([&](const Reader& r) { return r.may_approve(id, by, {}); }); };
  EXPECT_TRUE(may(ann));
  EXPECT_FALSE(may(olga));
}

}  // namespace sluice::store
