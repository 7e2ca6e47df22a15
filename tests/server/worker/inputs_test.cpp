#include "server/worker/inputs.hpp"

#include <gtest/gtest.h>

namespace sluice::worker {
namespace {

const Commit commit{"0123456789abcdef0123456789abcdef01234567", "refs/heads/main"};

TEST(Expand, SeesTheCommitAndTheEnvironment) {
  EXPECT_EQ(expand("x", "{{ .Commit.Sha }}-{{ .Commit.Short }}-{{ .Commit.Branch | upper }}-{{ .Environment.Name }}", commit, "prod").value_or("?"),
            "0123456789abcdef0123456789abcdef01234567-0123456-MAIN-prod");
  EXPECT_EQ(expand("x", "plain", commit, "prod").value_or("?"), "plain");
}

TEST(Expand, AnUnknownNameIsAnErrorNotAnEmptyText) {
  const auto result = expand("environments.prod.variables.TAG", "{{ .Commit.Sah }}", commit, "prod");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().what,
            "template: environments.prod.variables.TAG:1:10: executing \"environments.prod.variables.TAG\" at <.Commit.Sah>: map has no entry for key \"Sah\"");
}

}  // namespace
}  // namespace sluice::worker
