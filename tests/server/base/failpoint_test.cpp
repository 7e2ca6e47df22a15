#include "server/base/failpoint.hpp"

#include <gtest/gtest.h>

#include <set>

namespace sluice {

TEST(FailpointNames, AreFortyOneDifferentOnes) {
  const auto names = failpoint_names();
  EXPECT_EQ(std::set<std::string_view>(names.begin(), names.end()).size(), 41u);
}

#ifdef SLUICE_FAILPOINTS

struct Failpoint : testing::Test {
  void TearDown() override { EXPECT_TRUE(set_failpoints("")); }
};

TEST_F(Failpoint, DoesNothingUnlessItIsSet) { EXPECT_EQ(failpoint("git.fetched"), std::nullopt); }

TEST_F(Failpoint, GivesTheErrorItWasToldToGive) {
  ASSERT_TRUE(set_failpoints("git.fetched=error:EIO"));
  EXPECT_EQ(failpoint("git.fetched"), (Error{Errc::unavailable, "failpoint git.fetched: EIO"}));
  EXPECT_EQ(failpoint("git.started"), std::nullopt);
}

TEST_F(Failpoint, ActsAtTheCountedPassOnly) {
  ASSERT_TRUE(set_failpoints("reload=count:2,error:EIO;migrate.step=error:ENOSPC"));
  EXPECT_FALSE(failpoint("reload"));
  EXPECT_TRUE(failpoint("reload"));
  EXPECT_FALSE(failpoint("reload"));
  EXPECT_TRUE(failpoint("migrate.step"));
}

TEST_F(Failpoint, KillsTheProcess) {
  const auto die = [] {
    if (set_failpoints("backup.mid=kill")) failpoint("backup.mid");
  };
  EXPECT_EXIT(die(), testing::KilledBySignal(SIGKILL), "");
}

TEST_F(Failpoint, RefusesUnknownNamesAndActions) {
  EXPECT_EQ(set_failpoints("git.lost=kill").error().what, "SLUICE_FAILPOINT: there is no failpoint \"git.lost\"");
  EXPECT_EQ(set_failpoints("reload=burn").error().what,
            "SLUICE_FAILPOINT: expected kill, error:E, sleep:MS or count:N, found \"burn\"");
  EXPECT_EQ(set_failpoints("reload=count:0").error().what, "SLUICE_FAILPOINT: count needs a number from 1, found \"0\"");
}

#endif

}  // namespace sluice
