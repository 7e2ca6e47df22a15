#include "core/deployment/gate.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace sluice::deployment {

using namespace std::chrono_literals;

static const std::string plan(64, 'a');
static const std::string other_plan(64, 'b');

static Moment at(std::chrono::nanoseconds time) {
  return {.wall = std::chrono::sys_time<std::chrono::milliseconds>{std::chrono::floor<std::chrono::milliseconds>(time)},
          .monotonic = time,
          .boot = "boot"};
}

static Approval approval(std::string name, std::int64_t id) {
  return {.by = {.name = std::move(name), .id = id, .roles = {Role::approver}, .environments = {}},
          .digest = plan,
          .environment = "prod",
          .cluster = "vps",
          .at = at(1h)};
}

static GateCase open() {
  return {.id = {7},
          .state = State::approved,
          .environment = "prod",
          .cluster = "vps",
          .digest = plan,
          .digest_of_bytes = plan,
          .plan_environment = "prod",
          .plan_cluster = "vps",
          .approvals = {approval("ann", 1)},
          .rules = {},
          .plan_ready = at(0h),
          .now = at(2h),
          .locked = {},
          .cluster_held = {},
          .goes_before = {}};
}

static std::string refusal(const std::function<void(GateCase&)>& change) {
  GateCase about = open();
  change(about);
  const auto result = may_start(about);
  return result ? "open" : result.error().what;
}

TEST(Gate, OpensForAnApprovedPlan) { EXPECT_TRUE(may_start(open())); }

TEST(Gate, OpensFromApprovedAndInterruptedOnly) {
  for (const State state : all_states()) {
    const bool opens = refusal([&](GateCase& about) { about.state = state; }) == "open";
    EXPECT_EQ(opens, state == State::approved || state == State::interrupted) << to_string(state);
  }
  EXPECT_EQ(refusal([](GateCase& about) { about.state = State::awaiting_approval; }),
            "conflict: deployment 7 is awaiting_approval; only an approved one may be pushed");
}

TEST(Gate, StaysShutForOtherBytesThanTheApprovedOnes) {
  EXPECT_EQ(refusal([](GateCase& about) { about.digest_of_bytes = other_plan; }),
            "plan-digest-mismatch: the stored plan is not the one that was approved (aaaaaaaa, found bbbbbbbb); nothing was pushed");
  EXPECT_NE(refusal([](GateCase& about) { about.digest = about.digest_of_bytes = ""; }), "open");
}

TEST(Gate, StaysShutForAnotherEnvironmentOrCluster) {
  EXPECT_EQ(refusal([](GateCase& about) { about.plan_cluster = "lab"; }),
            "plan-digest-mismatch: the plan is for environment prod on cluster lab, the deployment for prod on vps; nothing was pushed");
  EXPECT_NE(refusal([](GateCase& about) { about.plan_environment = "staging"; }), "open");
  EXPECT_NE(refusal([](GateCase& about) { about.approvals[0].environment = "staging"; }), "open");
  EXPECT_NE(refusal([](GateCase& about) { about.approvals[0].cluster = "lab"; }), "open");
}

TEST(Gate, StaysShutWithoutEnoughApprovalsOfThisPlan) {
  EXPECT_EQ(refusal([](GateCase& about) { about.approvals.clear(); }), "conflict: 0 of 1 approvals are in force for plan aaaaaaaa");
  EXPECT_NE(refusal([](GateCase& about) { about.approvals[0].digest = other_plan; }), "open");
  const auto twice = [](GateCase& about) {
    about.rules.required = 2;
    about.approvals = {approval("ann", 1), approval("ann", 1)};
  };
  EXPECT_EQ(refusal(twice), "conflict: 1 of 2 approvals are in force for plan aaaaaaaa");
  const auto two = [](GateCase& about) {
    about.rules.required = 2;
    about.approvals = {approval("ann", 1), approval("bob", 2)};
  };
  EXPECT_EQ(refusal(two), "open");
}

TEST(Gate, StaysShutWhenTheApprovalIsTooOldAlsoForAResume) {
  for (const State state : {State::approved, State::interrupted}) {
    const auto late = [&](GateCase& about) {
      about.state = state;
      about.now = at(73h);
    };
    EXPECT_EQ(refusal(late), "approval-expired: 0 of 1 approvals are in force; retry makes a new plan");
  }
}

TEST(Gate, StaysShutAfterACancel) {
  EXPECT_EQ(refusal([](GateCase& about) { about.cancel_requested = true; }), "conflict: deployment 7 was cancelled");
}

TEST(Gate, WaitsForItsTurn) {
  EXPECT_EQ(refusal([](GateCase& about) { about.locked = "ann looks at the database"; }),
            "conflict: environment prod is locked: ann looks at the database");
  EXPECT_EQ(refusal([](GateCase& about) { about.cluster_held = DeploymentId{5}; }),
            "conflict: deployment 5 is being pushed to cluster vps");
  EXPECT_EQ(refusal([](GateCase& about) { about.goes_before = DeploymentId{6}; }), "conflict: deployment 6 goes first");
  EXPECT_EQ(refusal([](GateCase& about) { about.rules.wait_timer = 3h; }),
            "conflict: the wait timer of environment prod runs for another 3600 s");
  EXPECT_EQ(refusal([](GateCase& about) { about.rules.wait_timer = 2h; }), "open");
}

TEST(Gate, LeavesNothingThatItWillNeverOpenFor) {
  const Error late{Errc::conflict, "approval-expired: x"}, forged{Errc::conflict, "plan-digest-mismatch: x"}, wait{Errc::unavailable, "conflict: x"};
  EXPECT_EQ(after_refusal(State::approved, late, false), State::expired);
  EXPECT_EQ(after_refusal(State::interrupted, late, false), State::failed);
  EXPECT_EQ(after_refusal(State::approved, forged, false), State::failed);
  EXPECT_EQ(after_refusal(State::interrupted, forged, true), State::cancelled);
  EXPECT_EQ(after_refusal(State::approved, wait, false), std::nullopt);
  EXPECT_EQ(after_refusal(State::deploying, forged, false), std::nullopt);
  for (const State state : {State::approved, State::interrupted}) {
    for (const State next : {State::failed, State::cancelled}) EXPECT_TRUE(is_legal(state, next));
  }
}

TEST(Gate, TellsWaitingFromNever) {
  GateCase about = open();
  about.locked = "closed";
  EXPECT_TRUE(is_worth_waiting(may_start(about).error()));
  about.approvals.clear();
  EXPECT_FALSE(is_worth_waiting(may_start(about).error()));
}

}  // namespace sluice::deployment
