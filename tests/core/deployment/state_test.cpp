#include "core/deployment/state.hpp"

#include <gtest/gtest.h>

#include <set>

namespace sluice::deployment {

using enum State;

TEST(State, HasANameThatCanBeReadBack) {
  for (const State state : all_states()) EXPECT_EQ(parse_state(to_string(state)), state);
  EXPECT_EQ(all_states().size(), 18u);
  EXPECT_EQ(parse_state("running"), std::nullopt);
}

TEST(State, BecomesDeployingOnlyFromApprovedOrInterrupted) {
  for (const State from : all_states()) EXPECT_EQ(is_legal(from, deploying), from == approved || from == interrupted) << to_string(from);
}

TEST(State, BecomesApprovedOnlyFromAwaitingApproval) {
  for (const State from : all_states()) EXPECT_EQ(is_legal(from, approved), from == awaiting_approval) << to_string(from);
}

TEST(State, SucceedsOnlyWhileAWorkerHoldsTheLease) {
  const std::set<State> before{deploying, verifying};
  for (const State from : all_states()) EXPECT_EQ(is_legal(from, succeeded), before.contains(from)) << to_string(from);
}

TEST(State, IsFinalWhenNothingFollows) {
  const std::set<State> final{no_changes, plan_failed, succeeded, failed, rolled_back, rejected, expired, superseded, cancelled, poisoned};
  for (const State state : all_states()) EXPECT_EQ(is_final(state), final.contains(state)) << to_string(state);
}

TEST(State, LeadsToAnEndFromEverywhere) {
  std::set<State> ends;
  for (const State state : all_states()) {
    if (is_final(state)) ends.insert(state);
  }
  for (std::size_t round = 0; round < all_states().size(); ++round) {
    for (const State from : all_states()) {
      for (const State to : all_states()) {
        if (is_legal(from, to) && ends.contains(to)) ends.insert(from);
      }
    }
  }
  EXPECT_EQ(ends.size(), all_states().size());
}

TEST(State, NeverFollowsItself) {
  for (const State state : all_states()) EXPECT_FALSE(is_legal(state, state)) << to_string(state);
}

}  // namespace sluice::deployment
