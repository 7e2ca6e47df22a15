#include "tests/server/store/fixture.hpp"

namespace sluice::store {

struct DeploymentTest : StoreTest {};

TEST_F(DeploymentTest, OfOneCommitToOneEnvironmentHappensOnce) {
  const auto first = create("a");
  EXPECT_EQ(write([](Writer& w) { return w.create_deployment(wanted("a")); })->id, first);
  EXPECT_NE(create("a", "lab"), first);
  auto reconfigured = wanted("a");
  reconfigured.config_digest = "c2";
  EXPECT_TRUE(write([&](Writer& w) { return w.create_deployment(reconfigured); })->is_new);
}

TEST_F(DeploymentTest, ThatAPersonAsksForMayHappenAgain) {
  auto manual = wanted("a");
  manual.once = false;
  manual.trigger = "manual";
  const auto first = write([&](Writer& w) { return w.create_deployment(manual); });
  EXPECT_NE(write([&](Writer& w) { return w.create_deployment(manual); })->id, first->id);
}

TEST_F(DeploymentTest, RemembersWhatItIsAbout) {
  const auto one = find(create("abc"));
  EXPECT_EQ(one.repository, "ann/web");
  EXPECT_EQ(one.commit, "abc");
  EXPECT_EQ(one.initiator.name, "ann");
  EXPECT_EQ(one.state, State::received);
  EXPECT_EQ(one.created, time.clock().wall());
  EXPECT_EQ(store->read_now([](const Reader& r) { return r.deployment({77}); }).error(),
            (Error{Errc::not_found, "not-found: there is no deployment 77"}));
}

TEST_F(DeploymentTest, ChangesOnlyFromTheStateItIsIn) {
  const auto id = create("a");
  EXPECT_EQ(move(id, State::planning, State::no_changes).error(),
            (Error{Errc::conflict, "conflict: deployment 1 is received, expected planning"}));
  EXPECT_EQ(move(id, State::received, State::succeeded).error(),
            (Error{Errc::invalid, "deployment 1: received never becomes succeeded"}));
  EXPECT_TRUE(move(id, State::received, State::planning));
}

TEST_F(DeploymentTest, IsNotApprovedOrStartedByATransition) {
  const auto id = waiting("a");
  EXPECT_EQ(move(id, State::awaiting_approval, State::approved).error(), (Error{Errc::denied, "approved is reached through decide only"}));
  EXPECT_EQ(move(id, State::approved, State::deploying).error(), (Error{Errc::denied, "deploying is reached through take_lease only"}));
  EXPECT_EQ(move(id, State::planning, State::awaiting_approval).error(),
            (Error{Errc::denied, "awaiting_approval is reached through save_plan only"}));
}

/// Every state against every other, through the public function: the gate cannot be walked around.
TEST_F(DeploymentTest, ReachesDeployingThroughNoTransitionWhatever) {
  for (const State from : deployment::all_states()) {
    const auto id = create(std::string(deployment::to_string(from)));
    EXPECT_FALSE(move(id, from, State::deploying)) << deployment::to_string(from);
    EXPECT_FALSE(move(id, from, State::approved)) << deployment::to_string(from);
  }
}

TEST_F(DeploymentTest, IsListedNewestFirstInPages) {
  for (int i = 0; i < 5; ++i) create("c" + std::to_string(i), i % 2 == 0 ? "prod" : "lab");
  const auto list = [&](DeploymentFilter filter) { return *store->read_now([&](const Reader& r) { return r.deployments(filter); }); };
  auto page = list({.environment = "", .repository = "", .state = {}, .before = {}, .limit = 2});
  EXPECT_EQ(page.items.at(0).commit, "c4");
  ASSERT_TRUE(page.next);
  page = list({.environment = "", .repository = "", .state = {}, .before = page.next, .limit = 3});
  EXPECT_EQ(page.items.at(0).commit, "c2");
  EXPECT_EQ(page.items.size(), 3u);
  EXPECT_FALSE(page.next);
  EXPECT_EQ(list({.environment = "lab", .repository = "", .state = {}, .before = {}}).items.size(), 2u);
  EXPECT_EQ(list({.environment = "lab", .repository = "ann/web", .state = State::received, .before = {}}).items.size(), 2u);
  EXPECT_EQ(list({.environment = "", .repository = "x/y", .state = {}, .before = {}}).items.size(), 0u);
  EXPECT_EQ(list({.environment = "", .repository = "", .state = State::planning, .before = {}}).items.size(), 0u);
  EXPECT_FALSE(store->read_now([&](const Reader& r) { return r.deployments({.environment = "", .repository = "", .state = {}, .before = {}, .limit = 0}); }));
}

TEST_F(DeploymentTest, IsRetriedAsANewOneOnceAtATime) {
  const auto id = create("a");
  ASSERT_TRUE(move(id, State::received, State::planning));
  EXPECT_EQ(write([&](Writer& w) { return w.retry(id, olga); }).error(),
            (Error{Errc::conflict, "conflict: deployment 1 is planning; only one that ended without success can be retried"}));
  ASSERT_TRUE(move(id, State::planning, State::plan_failed));
  auto again = write([&](Writer& w) { return w.retry(id, olga); });
  ASSERT_TRUE(again);
  EXPECT_EQ(find(again->id).origin, id);
  EXPECT_EQ(find(again->id).trigger, "retry");
  EXPECT_FALSE(write([&](Writer& w) { return w.retry(id, olga); })->is_new);
  EXPECT_EQ(write([&](Writer& w) { return w.retry(id, ann); }).error(),
            (Error{Errc::denied, "not-permitted: this needs the role operator in environment prod"}));
}

TEST_F(DeploymentTest, ThatNeverSucceededCannotBeGoneBackTo) {
  const auto id = waiting("a");
  EXPECT_EQ(write([&](Writer& w) { return w.rollback_to(id, olga); }).error(),
            (Error{Errc::conflict, "conflict: deployment 1 is awaiting_approval; only what once succeeded can be gone back to"}));
}

TEST_F(DeploymentTest, TellsEachStepInItsEvents) {
  const auto id = waiting("a");
  ASSERT_TRUE(write([&](Writer& w) { return w.append_events({{id, "log", "one"}, {id, "log", std::string(20000, 'x')}}); }));
  const auto events = *store->read_now([&](const Reader& r) { return r.events(id, 0, 100); });
  ASSERT_EQ(events.size(), 5u);
  EXPECT_EQ(events[0].text, "received");
  EXPECT_EQ(events[1].text, "planning");
  EXPECT_EQ(events[2].text, "awaiting_approval: plan " + to_hex(sha256("plan")).substr(0, 8));
  EXPECT_EQ(events[4].text, std::string(16384, 'x') + "…(+3616)");
  EXPECT_EQ(store->read_now([&](const Reader& r) { return r.events(id, events[3].sequence, 100); })->size(), 1u);
}

TEST_F(DeploymentTest, ShowsInItsEnvironment) {
  const auto id = waiting("a");
  const auto status = *store->read_now([](const Reader& r) { return r.environment("prod"); });
  EXPECT_FALSE(status.current);
  EXPECT_FALSE(status.running);
  ASSERT_EQ(status.waiting.size(), 1u);
  EXPECT_EQ(status.waiting[0].id, id);
}

}  // namespace sluice::store
