#include "core/functions/semver.hpp"

#include <gtest/gtest.h>

namespace sluice::functions {
namespace {

bool admits(std::string_view constraint, std::string_view version, SemverRules rules = SemverRules::helm3) {
  auto parsed = Constraint::parse(constraint, rules);
  EXPECT_TRUE(parsed) << constraint;
  return parsed && parsed->admits(*parse_version(version, rules));
}

std::string constraint_error(std::string_view constraint, SemverRules rules = SemverRules::helm3) {
  auto parsed = Constraint::parse(constraint, rules);
  return parsed ? "no error" : parsed.error().what;
}

TEST(Version, FillsInMissingNumbersAndDropsTheV) {
  EXPECT_EQ(parse_version("v1")->text(), "1.0.0");
  EXPECT_EQ(parse_version("1.2-rc1")->text(), "1.2.0-rc1");
  EXPECT_EQ(parse_version("01.02.03")->text(), "1.2.3");
  EXPECT_EQ(parse_version("v1.2.3-beta.1+build5")->original, "v1.2.3-beta.1+build5");
}

TEST(Version, SaysWhyATextIsNone) {
  EXPECT_EQ(parse_version("1.2.3.4").error().what, "Invalid Semantic Version");
  EXPECT_EQ(parse_version("1.2.3-").error().what, "Invalid Semantic Version");
  EXPECT_EQ(parse_version("1.2.3-01").error().what, "Version segment starts with 0");
  EXPECT_EQ(parse_version("", SemverRules::helm4).error().what, "invalid semantic version");
  EXPECT_EQ(parse_version("99999999999999999999.0.0").error().what,
            "Error parsing version segment: strconv.ParseUint: parsing \"99999999999999999999\": value out of range");
}

TEST(Version, InStrictFormHasThreePlainNumbers) {
  EXPECT_TRUE(parse_strict_version("1.2.3-rc.1"));
  EXPECT_FALSE(parse_strict_version("v1.2.3"));
  EXPECT_FALSE(parse_strict_version("1.2"));
  EXPECT_FALSE(parse_strict_version("1.02.3"));
}

TEST(Version, IsOrderedWithPrereleasesBelowTheirRelease) {
  auto order = [](std::string_view a, std::string_view b) { return compare(*parse_version(a), *parse_version(b)); };
  EXPECT_EQ(order("1.2.3-rc", "1.2.3"), -1);
  EXPECT_EQ(order("1.2.3-alpha.10", "1.2.3-alpha.9"), 1);
  EXPECT_EQ(order("1.0.0-1", "1.0.0-a"), -1);
  EXPECT_EQ(order("1.0.0-a", "1.0.0-a.b"), -1);
  EXPECT_EQ(order("1.0.0+x", "1.0.0+y"), 0);
}

TEST(Version, IsRaisedPartByPart) {
  EXPECT_EQ(parse_version("1.2.3-rc1")->next_patch().text(), "1.2.3");
  EXPECT_EQ(parse_version("1.2.3")->next_patch().text(), "1.2.4");
  EXPECT_EQ(parse_version("v1.2.3")->next_minor().original, "v1.3.0");
  EXPECT_EQ(parse_version("1.2.3")->next_major().text(), "2.0.0");
}

TEST(Constraint, TreatsMissingPartsAsOpen) {
  EXPECT_TRUE(admits("1", "1.5.0"));
  EXPECT_TRUE(admits("1.2.*", "1.2.9"));
  EXPECT_FALSE(admits(">1", "1.9.9"));
  EXPECT_FALSE(admits(">1.2", "1.2.5"));
  EXPECT_TRUE(admits("<=1.2", "1.2.9"));
  EXPECT_TRUE(admits("*", "9.9.9"));
}

TEST(Constraint, KnowsTildesCaretsAndRanges) {
  EXPECT_TRUE(admits("~>1.2.3", "1.2.4"));
  EXPECT_FALSE(admits("~1.2", "1.3.0"));
  EXPECT_TRUE(admits("^0.2.3", "0.2.9"));
  EXPECT_FALSE(admits("^0.2.3", "0.3.0"));
  EXPECT_FALSE(admits("^0.0.3", "0.0.4"));
  EXPECT_TRUE(admits("1.2 - 1.4", "1.4.9"));
  EXPECT_FALSE(admits("1.2 - 1.4 || 3", "1.5.0"));
  EXPECT_TRUE(admits(">= 1.0.0 , < 2.0.0", "1.5.0"));
}

TEST(Constraint, AdmitsPrereleasesOnlyWhenAskedForThem) {
  EXPECT_FALSE(admits(">=1.16.0", "v1.28.3-eks-1234"));
  EXPECT_TRUE(admits(">=1.16.0-0", "v1.28.3-eks-1234"));
  EXPECT_FALSE(admits(">=1.0.0-0, <2.0.0", "1.5.0-rc1"));
  EXPECT_TRUE(admits(">=1.0.0-0, <2.0.0", "1.5.0-rc1", SemverRules::helm4));
  EXPECT_TRUE(admits("!=1.2.3", "1.2.4-rc1"));
  EXPECT_FALSE(admits("!=1.2.3", "1.2.4-rc1", SemverRules::helm4));
}

TEST(Constraint, SaysWhatDoesNotReadAsOne) {
  EXPECT_EQ(constraint_error(""), "improper constraint: ");
  EXPECT_EQ(constraint_error("== 1.0.0"), "improper constraint: == 1.0.0");
  EXPECT_EQ(constraint_error(">=1.0.0 junk", SemverRules::helm4), "improper constraint: \">=1.0.0 junk\"");
  EXPECT_EQ(constraint_error("a\n", SemverRules::helm4), "improper constraint: \"a\\n\"");
  EXPECT_EQ(constraint_error(">= 1.0.0 - 2.0.0"), "improper constraint: >=>= 1.0.0, <= 2.0.0 ");
  EXPECT_EQ(constraint_error("1|2"), "constraint Parser Error");
  EXPECT_EQ(constraint_error("1,"), "improper constraint: 1,");
}

}  // namespace
}  // namespace sluice::functions
