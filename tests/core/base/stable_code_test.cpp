#include "core/base/stable_code.hpp"

#include <gtest/gtest.h>

namespace sluice {
namespace {

TEST(StableCode, IsTheFirstStepThatIsOne) {
  EXPECT_EQ(stable_code("plan-stale: Service a/b is gone"), "plan-stale");
  EXPECT_EQ(stable_code("asking the repository for its branches: git-auth: the server refuses the token"), "git-auth");
  EXPECT_EQ(stable_code("a/web: create Service a/b: apply-rejected: nonsense"), "apply-rejected");
}

TEST(StableCode, IsNothingThatMerelyLooksLikeOne) {
  EXPECT_EQ(stable_code("rendering web: values.yaml:7:3: no such key"), "");
  EXPECT_EQ(stable_code("no git-auth here"), "");
  EXPECT_EQ(stable_code("git-auth"), "") << "a code has a text behind it";
  EXPECT_EQ(stable_code(""), "");
}

}  // namespace
}  // namespace sluice
