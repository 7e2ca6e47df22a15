#include "core/chart/ignore.hpp"

#include <gtest/gtest.h>

namespace sluice::chart {
namespace {

bool ignores(std::string_view rules, std::string_view path, FileType type = FileType::regular) {
  const auto parsed = IgnoreRules::parse(rules);
  EXPECT_TRUE(parsed) << rules;
  return parsed && parsed->ignores(path, type);
}

TEST(HelmIgnore, HoldsPatternsWithoutASlashAgainstTheLastPart) {
  EXPECT_TRUE(ignores("*.txt", "a/b/c.txt"));
  EXPECT_FALSE(ignores("/*.txt", "a/c.txt"));
  EXPECT_TRUE(ignores("/*.txt", "c.txt"));
  EXPECT_TRUE(ignores("a/*.txt", "a/c.txt"));
  EXPECT_FALSE(ignores("a/*.txt", "b/a/c.txt"));
  EXPECT_FALSE(ignores("./foo", "foo"));
}

TEST(HelmIgnore, MeansOnlyFoldersWithATrailingSlash) {
  EXPECT_TRUE(ignores("docs/", "docs", FileType::directory));
  EXPECT_FALSE(ignores("docs/", "docs"));
}

TEST(HelmIgnore, InvertsRulesWithAnExclamationMark) {
  EXPECT_TRUE(ignores("!keep.md", "Chart.yaml"));
  EXPECT_FALSE(ignores("!keep.md", "keep.md"));
  EXPECT_TRUE(ignores("!*\n*.md", "keep.md"));
}

TEST(HelmIgnore, AlwaysIgnoresHiddenTemplates) {
  EXPECT_TRUE(ignores("", "templates/.hidden.yaml"));
  EXPECT_TRUE(IgnoreRules().ignores("templates/.hidden.yaml", FileType::regular));
  EXPECT_FALSE(ignores("# *.yaml\n\n", "templates/a.yaml"));
}

TEST(HelmIgnore, ReadsPastAByteOrderMarkAndBlanks) { EXPECT_TRUE(ignores("\xEF\xBB\xBF  *.txt \r\n", "a.txt")); }

TEST(HelmIgnore, RefusesWhatItCannotMean) {
  EXPECT_EQ(IgnoreRules::parse("a/**/b").error().what, "double-star (**) syntax is not supported");
  EXPECT_EQ(IgnoreRules::parse("[a").error().what, "syntax error in pattern");
}

}  // namespace
}  // namespace sluice::chart
