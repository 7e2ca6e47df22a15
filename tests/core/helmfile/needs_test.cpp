#include "core/helmfile/needs.hpp"

#include <gtest/gtest.h>

namespace sluice::helmfile {
namespace {

using Groups = std::vector<std::vector<std::size_t>>;

const std::vector<Node> chain = {{"a", {}}, {"b", {"a"}}, {"c", {"b"}}, {"d", {"c"}}};

TEST(Needs, FillTheirMissingPartsFromTheNeedingRelease) {
  EXPECT_EQ(need_id("db", "", "web"), "web/db");
  EXPECT_EQ(need_id("data/db", "", "web"), "data/db");
  EXPECT_EQ(need_id("db", "prod", ""), "prod//db");
  EXPECT_EQ(need_id("other/data/db", "prod", "web"), "other/data/db");
  EXPECT_EQ(need_id("db", "", ""), "db");
}

TEST(Needs, MakeGroupsByDepthInTheOrderOfDefinition) {
  const std::vector<Node> nodes = {{"z", {"m"}}, {"a", {}}, {"m", {"a"}}, {"b", {}}};
  EXPECT_EQ(*group_by_needs(nodes, {"z", "a", "m", "b"}, NeedsRule::skip), (Groups{{1, 3}, {2}, {0}}));
}

TEST(Needs, KeepTheOrderOfSelectedReleasesAcrossOnesLeftOut) {
  EXPECT_EQ(*group_by_needs(chain, {"a", "d"}, NeedsRule::skip), (Groups{{0}, {3}}));
}

TEST(Needs, ComeInWithWhatTheyNeedInTurn) {
  EXPECT_EQ(*group_by_needs(chain, {"c"}, NeedsRule::include), (Groups{{0}, {1}, {2}}));
}

TEST(Needs, MustBeSelectedWhenTheyMayNotBeSkipped) {
  EXPECT_EQ(
      group_by_needs(chain, {"c", "d"}, NeedsRule::require).error().what,
      "release \"c\" depends on \"b\" which does not match the selectors. Please add a selector like \"--selector name=b\", "
      "or indicate whether to skip (--skip-needs) or include (--include-needs) these dependencies");
}

TEST(Needs, NameTheCycleTheyForm) {
  const std::vector<Node> nodes = {{"ns/a", {"ns/c"}}, {"ns/b", {"ns/a"}}, {"ns/c", {"ns/b"}}};
  EXPECT_EQ(group_by_needs(nodes, {"ns/a"}, NeedsRule::skip).error(),
            (Error{Errc::invalid, "needs form a cycle: ns/a -> ns/c -> ns/b -> ns/a. Remove one of these needs"}));
}

TEST(Needs, MustBeDefined) {
  const std::vector<Node> nodes = {{"web/a", {"web/typo"}}, {"web/b", {"web/typo"}}};
  EXPECT_EQ(
      group_by_needs(nodes, {"web/a"}, NeedsRule::skip).error().what,
      "release(s) \"web/a\", \"web/b\" depend(s) on an undefined release \"web/typo\". Perhaps you made a typo in \"needs\" or "
      "forgot defining a release named \"typo\" with appropriate \"namespace\" and \"kubeContext\"?");
}

}  // namespace
}  // namespace sluice::helmfile
