#include "core/deployment/decision.hpp"

#include <gtest/gtest.h>

namespace sluice::deployment {

using namespace std::chrono_literals;

static const std::string plan(64, 'a');
static const std::string other_plan(64, 'b');

static Moment at(std::chrono::nanoseconds time) {
  return {.wall = std::chrono::sys_time<std::chrono::milliseconds>{std::chrono::floor<std::chrono::milliseconds>(time)},
          .monotonic = time,
          .boot = "boot"};
}

static Person person(std::string name, std::int64_t id, std::vector<Role> roles = {Role::approver}) {
  return {.name = std::move(name), .id = id, .roles = std::move(roles), .environments = {}};
}

static const Person ann = person("ann", 1), bob = person("bob", 2), carl = person("carl", 3, {Role::operator_});

static DecisionCase waiting() {
  return {.state = State::awaiting_approval,
          .environment = "prod",
          .cluster = "vps",
          .digest = plan,
          .initiator = person("ann", 1, {}),
          .approvals = {},
          .rules = {},
          .plan_ready = at(0h),
          .now = at(1h)};
}

static DecisionRequest approve_by(const Person& by, std::string digest = plan) {
  return {.wish = Wish::approve, .by = by, .digest = std::move(digest), .comment = ""};
}

static Approval approved_by(const Person& by, std::chrono::nanoseconds when = 0h) {
  return {.by = by, .digest = plan, .environment = "prod", .cluster = "vps", .at = at(when)};
}

TEST(Approval, OfOneReviewerIsEnoughByDefault) { EXPECT_EQ(decide(waiting(), approve_by(ann))->next, State::approved); }

TEST(Approval, WaitsForAsManyAsAreRequired) {
  auto about = waiting();
  about.rules.required = 2;
  EXPECT_EQ(decide(about, approve_by(ann))->next, State::awaiting_approval);
  about.approvals = {approved_by(ann)};
  EXPECT_EQ(decide(about, approve_by(ann)).error(), (Error{Errc::conflict, "approval-used: ann already approved this plan"}));
  EXPECT_EQ(decide(about, approve_by(bob))->next, State::approved);
}

TEST(Approval, ForAnotherDigestDoesNotCount) {
  auto about = waiting();
  about.rules.required = 2;
  about.approvals = {approved_by(ann)};
  about.approvals[0].digest = other_plan;
  EXPECT_EQ(decide(about, approve_by(bob))->next, State::awaiting_approval);
}

TEST(Approval, NamesThePlanThatWasShown) {
  EXPECT_EQ(decide(waiting(), approve_by(ann, other_plan)).error(),
            (Error{Errc::conflict,
                   "plan-digest-mismatch: the decision is for plan bbbbbbbb, the plan is now aaaaaaaa; look at the new diff"}));
  for (const std::string& wrong : {std::string(), std::string("aaaaaaaa"), std::string(64, 'A')}) {
    EXPECT_EQ(decide(waiting(), approve_by(ann, wrong)).error(),
              (Error{Errc::invalid, "request-malformed: digest: expected the plan's 64 lower-case hex digits"}));
  }
}

TEST(Approval, ComesTooLateAfterItsDeadline) {
  auto about = waiting();
  about.now = at(72h - 1ms);
  EXPECT_TRUE(decide(about, approve_by(ann)));
  about.now = at(72h);
  EXPECT_EQ(decide(about, approve_by(ann)).error(),
            (Error{Errc::conflict, "approval-expired: the time for a decision is over; retry makes a new plan"}));
}

TEST(Approval, OfOnesOwnDeploymentIsRefusedWhereTheRulesSaySo) {
  auto about = waiting();
  about.rules.prevent_self_review = true;
  EXPECT_EQ(decide(about, approve_by(person("renamed", 1))).error(),
            (Error{Errc::denied, "self-approval: renamed caused this deployment, and environment prod wants another reviewer"}));
  EXPECT_TRUE(decide(about, approve_by(bob)));
}

TEST(Approval, NeedsAReviewerWithTheRole) {
  auto about = waiting();
  about.rules.reviewers = {"Bob"};
  EXPECT_TRUE(decide(about, approve_by(bob)));
  EXPECT_EQ(decide(about, approve_by(ann)).error(), (Error{Errc::denied, "not-permitted: ann is not a reviewer of environment prod"}));
  EXPECT_EQ(decide(about, approve_by(person("bob", 2, {Role::viewer}))).error(),
            (Error{Errc::denied, "not-permitted: deciding about environment prod needs the role approver there"}));
  auto elsewhere = bob;
  elsewhere.environments = {"staging"};
  EXPECT_FALSE(decide(about, approve_by(elsewhere)));
}

TEST(Approval, IsRefusedWhenTheDiffCouldNotBeShownWhole) {
  auto about = waiting();
  about.diff_was_cut = true;
  EXPECT_EQ(decide(about, approve_by(ann)).error(),
            (Error{Errc::conflict,
                   "conflict: the whole diff of this plan was too large to be offered, so it cannot be approved; split the change"}));
}

TEST(Decision, IsPossibleWhileWaitingOnly) {
  for (const State state : all_states()) {
    auto about = waiting();
    about.state = state;
    EXPECT_EQ(static_cast<bool>(decide(about, approve_by(ann))), state == State::awaiting_approval) << to_string(state);
    EXPECT_EQ(static_cast<bool>(decide(about, {.wish = Wish::reject, .by = ann, .digest = plan, .comment = "no"})),
              state == State::awaiting_approval)
        << to_string(state);
  }
  auto about = waiting();
  about.state = State::approved;
  EXPECT_EQ(decide(about, approve_by(ann)).error().what, "approval-used: already approved; cancel it to stop it");
  about.state = State::planning;
  EXPECT_EQ(decide(about, approve_by(ann)).error().what,
            "conflict: cannot approve in state planning; only awaiting_approval can be decided");
}

TEST(Rejection, SaysWhy) {
  EXPECT_EQ(decide(waiting(), {.wish = Wish::reject, .by = ann, .digest = "", .comment = ""}).error(),
            (Error{Errc::invalid, "request-malformed: comment: a rejection says why"}));
  EXPECT_EQ(decide(waiting(), {.wish = Wish::reject, .by = ann, .digest = "", .comment = "not today"})->next, State::rejected);
}

TEST(Cancelling, StopsARunningPushAfterTheReleaseInHand) {
  auto about = waiting();
  about.state = State::deploying;
  EXPECT_EQ(*decide(about, {.wish = Wish::cancel, .by = carl, .digest = "", .comment = ""}),
            (Outcome{.next = State::deploying, .stops_running_push = true}));
}

TEST(Cancelling, NeedsAnOperatorAndSomethingThatHasNotEnded) {
  const DecisionRequest cancel{.wish = Wish::cancel, .by = carl, .digest = "", .comment = ""};
  EXPECT_EQ(decide(waiting(), cancel)->next, State::cancelled);
  EXPECT_FALSE(decide(waiting(), {.wish = Wish::cancel, .by = ann, .digest = "", .comment = ""}));
  auto about = waiting();
  about.state = State::succeeded;
  EXPECT_EQ(decide(about, cancel).error().what, "conflict: it already ended as succeeded");
}

}  // namespace sluice::deployment
