#include "core/chart/path_glob.hpp"

#include <gtest/gtest.h>

namespace sluice::chart {
namespace {

bool glob(std::string_view pattern, std::string_view path) { return FileGlob(pattern).matches(path); }

TEST(PathGlob, StopsAtSlashes) {
  EXPECT_TRUE(match_path("*.yaml", "a.yaml"));
  EXPECT_FALSE(match_path("*.yaml", "b/a.yaml"));
  EXPECT_TRUE(match_path("templates/*/?.yaml", "templates/x/a.yaml"));
  EXPECT_TRUE(match_path("a*b*c", "aXbYbc"));
  EXPECT_TRUE(match_path("[a-c]x[^0-9]", "bxy"));
  EXPECT_FALSE(match_path("[^a]", "a"));
  EXPECT_TRUE(match_path("\\*", "*"));
  EXPECT_FALSE(match_path("\\*", "a"));
}

TEST(PathGlob, RefusesBrokenPatterns) {
  for (const char* pattern : {"[", "[a", "[]a]", "[-]", "[a-", "a\\"}) {
    EXPECT_FALSE(is_path_pattern(pattern)) << pattern;
    EXPECT_FALSE(match_path(pattern, "a")) << pattern;
  }
  EXPECT_TRUE(is_path_pattern("[\\]a]"));
}

TEST(FileGlob, CrossesSlashesWithTwoStars) {
  EXPECT_TRUE(glob("cfg/*", "cfg/a"));
  EXPECT_FALSE(glob("cfg/*", "cfg/b/a"));
  EXPECT_TRUE(glob("cfg/**", "cfg/b/a"));
  EXPECT_TRUE(glob("**.txt", "x/y.txt"));
  EXPECT_FALSE(glob("**/x", "x"));
}

TEST(FileGlob, LetsPrefixAndSuffixOverlapAsGobwasDoes) { EXPECT_TRUE(glob("cfg/**/a.txt", "cfg/a.txt")); }

TEST(FileGlob, KnowsAlternativesAndSets) {
  EXPECT_TRUE(glob("{a,b/*}.txt", "b/x.txt"));
  EXPECT_FALSE(glob("{a,b}.txt", "c.txt"));
  EXPECT_TRUE(glob("[!a]", "b"));
  EXPECT_FALSE(glob("[!a]", "a"));
  EXPECT_TRUE(glob("[^a]", "^"));
  EXPECT_TRUE(glob("[a-c]?", "bz"));
  EXPECT_TRUE(glob("a\\*", "a*"));
}

TEST(FileGlob, MatchesEverythingIfInvalidAndNothingIfUnclosed) {
  EXPECT_TRUE(glob("[a", "anything/at/all"));
  EXPECT_FALSE(glob("cfg/{a", "cfg/a"));
}

TEST(FileGlob, GivesUpOnPatternsThatExplode) { EXPECT_FALSE(glob("*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*ab", std::string(64, 'a'))); }

}  // namespace
}  // namespace sluice::chart
