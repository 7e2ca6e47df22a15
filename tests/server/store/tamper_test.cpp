#include <sqlite3.h>

#include "tests/server/store/fixture.hpp"

// Somebody with the database file in hand, but without the key, between the approval and the push.

namespace sluice::store {

struct TamperTest : FolderTest {
  static DeploymentId approved(Store& store, const std::string& commit, const std::string& environment) {
    auto all = [&](Writer& w) -> Result<DeploymentId> {
      auto want = wanted(commit, environment);
      want.cluster = environment;
      const auto id = w.create_deployment(want)->id;
      const Transition begin{.deployment = id, .from = State::received, .to = State::planning, .reason = "", .by = "sluice", .fence = {}};
      if (auto done = w.transition(begin); !done) return std::move(done).error();
      const std::string bytes = "plan for " + environment;
      const NewPlan plan{.deployment = id,
                         .bytes = bytes,
                         .environment = environment,
                         .cluster = environment,
                         .summary = "{}",
                         .diff_text = "",
                         .diff_json = "",
                         .rules = {}};
      if (auto saved = w.save_plan(plan); !saved) return std::move(saved).error();
      const DecisionAsk ask{.deployment = id,
                            .request = {.wish = deployment::Wish::approve, .by = ann, .digest = to_hex(sha256(bytes)), .comment = ""},
                            .rules = {},
                            .hold = {}};
      if (auto decided = w.decide(ask); !decided) return std::move(decided).error();
      return id;
    };
    auto made = store.write_now(all);
    EXPECT_TRUE(made) << (made ? "" : made.error().what);
    return *made;
  }

  /// Deployments 1 (to prod) and 2 (to lab) are approved; then `sql` is done to the closed file; then 1 asks to be pushed.
  Result<Lease> push_after(const std::string& sql) {
    {
      auto store = *Store::open(options());
      approved(*store, "a", "prod");
      approved(*store, "b", "lab");
    }
    sqlite3* raw = nullptr;
    EXPECT_EQ(sqlite3_open(database().c_str(), &raw), SQLITE_OK);
    char* message = nullptr;
    EXPECT_EQ(sqlite3_exec(raw, sql.c_str(), nullptr, nullptr, &message), SQLITE_OK) << message;
    sqlite3_close(raw);
    auto store = *Store::open(options());
    return store->write_now([](Writer& w) { return w.take_lease({.deployment = {1}, .rules = {}}); });
  }
};

TEST_F(TamperTest, NothingChangedIsPushed) { EXPECT_EQ(push_after("SELECT 1")->plan_bytes, "plan for prod"); }

TEST_F(TamperTest, ChangedBytesAreNotPushed) {
  EXPECT_EQ(push_after("UPDATE plans SET sealed_bytes = zeroblob(100) WHERE id = 1").error().what,
            "plan-digest-mismatch: plans 1: the sealed bytes cannot be opened: it was changed, or the key is another one");
}

TEST_F(TamperTest, BytesOfAnotherPlanAreNotPushed) {
  EXPECT_EQ(push_after("UPDATE plans SET sealed_bytes = (SELECT sealed_bytes FROM plans WHERE id = 2) WHERE id = 1").error().what,
            "plan-digest-mismatch: plans 1: the sealed bytes cannot be opened: it was changed, or the key is another one");
}

TEST_F(TamperTest, AnotherPlanIsNotPushedAlthoughItWasApprovedElsewhere) {
  const auto refused = push_after("UPDATE deployments SET plan = 2 WHERE id = 1");
  EXPECT_EQ(refused.error().what,
            "plan-digest-mismatch: the plan is for environment lab on cluster lab, the deployment for prod on prod; nothing was pushed");
}

TEST_F(TamperTest, ADigestPutInPlaceOfTheApprovedOneDoesNotFitTheBytes) {
  const std::string forged(64, 'f');
  const auto refused = push_after("UPDATE plans SET digest = '" + forged + "' WHERE id = 1; DROP TRIGGER decisions_stay; "
                                  "UPDATE decisions SET digest = '" + forged + "' WHERE deployment = 1");
  EXPECT_EQ(refused.error().what, "plan-digest-mismatch: the stored plan is not the one that was approved (ffffffff, found " +
                                      to_hex(sha256("plan for prod")).substr(0, 8) + "); nothing was pushed");
}

TEST_F(TamperTest, AStateSetByHandDoesNotMakeUpForAnApproval) {
  EXPECT_EQ(push_after("DROP TRIGGER decisions_remain; DELETE FROM decisions; UPDATE deployments SET state = 'approved'").error().what,
            "conflict: 0 of 1 approvals are in force for plan " + to_hex(sha256("plan for prod")).substr(0, 8));
}

}  // namespace sluice::store
