#include "core/deployment/pattern.hpp"

#include <gtest/gtest.h>

namespace sluice::deployment {

struct PatternCase {
  std::string_view pattern, name;
  bool expected;
};

TEST(Pattern, MatchesAsGitHubsDo) {
  static constexpr PatternCase cases[] = {
      {"main", "main", true},
      {"main", "Main", false},
      {"main", "refs/heads/main", false},
      {"*", "main", true},
      {"*", "release/1.2", false},
      {"*", ".hidden", false},
      {"**", "release/1.2", false},
      {"**/*", "main", true},
      {"**/*", "a/b/c", true},
      {"release/*", "release/1.2", true},
      {"release/*", "release/1/2", false},
      {"release/*", "release/", true},
      {"release/*", "releases/1", false},
      {"release/*", "release/.x", false},
      {"release/*/*", "release/1/2", true},
      {"qa**/**/*", "qa/foo", true},
      {"qa**/**/*", "qa-1/foo/bar", true},
      {"qa**/**/*", "qa", false},
      {"refs/pull/*/merge", "refs/pull/12/merge", true},
      {"refs/pull/*/merge", "refs/pull/12/head", false},
      {"release/**/*", "release/1", true},
      {"release/**/*", "release/1/2/3", true},
      {"release/**", "release/1", true},
      {"release/**", "release/1/2", false},
      {"v[0-9]*", "v1.2.3", true},
      {"v[0-9]*", "vX", false},
      {"v[!0-9]*", "vX", true},
      {"v[^0-9]*", "vX", true},
      {"v?", "v1", true},
      {"v?", "v12", false},
      {"v?", "v/", false},
      {"feat-{a,b}", "feat-a", false},
      {"feat-{a,b}", "feat-{a,b}", true},
      {"hot\\*fix", "hot*fix", true},
      {"hot\\*fix", "hotXfix", false},
      {"[a/]b", "/b", false},
      {"[a-c]*", "beta", true},
      {"main*", "main", true},
      {"[ab", "a", false},
      {"[!a]", ".", false},
      {".*", ".hidden", true},
      {"**/x", ".git/x", false},
      {"", "", true},
      {"", "a", false},
  };
  for (const auto& [pattern, name, expected] : cases) EXPECT_EQ(matches(pattern, name), expected) << pattern << " on " << name;
}

TEST(Pattern, TakesTimeInProportionToItsLength) {
  std::string pattern;
  for (int i = 0; i < 100; ++i) pattern += "*a";
  EXPECT_FALSE(matches(pattern + "b", std::string(1000, 'a')));
}

TEST(Pattern, OfBranchesIsNotAskedAboutTags) {
  const Protection rules{.reviewers = {}, .branches = {"main", "release/*"}, .tags = {"v*"}};
  EXPECT_TRUE(may_deploy_ref(rules, "refs/heads/release/2"));
  EXPECT_TRUE(may_deploy_ref(rules, "refs/tags/v2"));
  EXPECT_EQ(may_deploy_ref(rules, "refs/tags/main").error(),
            (Error{Errc::denied, "not-permitted: tag main may not deploy to this environment; allowed: v*"}));
  EXPECT_EQ(may_deploy_ref(rules, "refs/heads/v2").error(),
            (Error{Errc::denied, "not-permitted: branch v2 may not deploy to this environment; allowed: main, release/*"}));
}

TEST(Pattern, OfOneKindAloneRefusesTheOther) {
  EXPECT_EQ(may_deploy_ref({.reviewers = {}, .branches = {"main"}, .tags = {}}, "refs/tags/v1").error().what,
            "not-permitted: tag v1 may not deploy to this environment; allowed: none");
  EXPECT_TRUE(may_deploy_ref({}, "refs/heads/anything"));
}

}  // namespace sluice::deployment
