#include "server/source/chart_index.hpp"

#include <gtest/gtest.h>

namespace sluice::source {
namespace {

constexpr std::string_view index_yaml =
    "apiVersion: v1\n"
    "entries:\n"
    "  redis:\n"
    "  - version: 9.0.0\n"
    "    urls: [redis-9.0.0.tgz]\n"
    "  - version: 21.2.9\n"
    "    digest: sha256:abc\n"
    "    urls:\n"
    "    - redis-21.2.9.tgz\n"
    "  - version: 22.0.0-rc.1\n"
    "    urls: [redis-22.0.0-rc.1.tgz]\n"
    "  redis-cluster:\n"
    "  - version: 1.0.0\n"
    "    urls: [cluster.tgz]\n"
    "generated: \"2026-01-01T00:00:00Z\"\n";

std::vector<std::string> versions_of(std::string_view yaml, const std::string& chart) {
  std::vector<std::string> versions;
  const auto entries = *read_index(yaml, chart);
  for (const IndexEntry& entry : entries) versions.push_back(entry.version);
  return versions;
}

TEST(ChartIndex, OffersTheVersionsOfOneChartHighestFirst) {
  EXPECT_EQ(versions_of(index_yaml, "redis"), (std::vector<std::string>{"22.0.0-rc.1", "21.2.9", "9.0.0"}));
  EXPECT_EQ(versions_of(index_yaml, "redis-cluster"), (std::vector<std::string>{"1.0.0"}));
  EXPECT_TRUE(versions_of(index_yaml, "postgres").empty());
  EXPECT_EQ(read_index(index_yaml, "redis")->at(1).digest, "abc");
  EXPECT_EQ(read_index(index_yaml, "redis")->at(1).urls, (std::vector<std::string>{"redis-21.2.9.tgz"}));
}

TEST(ChartIndex, MayBeLaidOutInAnyWayThatYamlAllows) {
  EXPECT_EQ(versions_of(R"({"apiVersion": "v1", "entries": {"redis": [{"version": "1.0.0", "urls": ["a.tgz"]}]}})", "redis"),
            (std::vector<std::string>{"1.0.0"}));
  EXPECT_EQ(versions_of("entries:\n    redis:\n        - version: 1.0.0\n          urls: [a]\napiVersion: v1\n", "redis"),
            (std::vector<std::string>{"1.0.0"}));
}

TEST(ChartIndex, MustBeOne) {
  EXPECT_EQ(read_index("", "redis").error().what, "empty index.yaml file");
  EXPECT_EQ(read_index("<html>not found</html>\n", "redis").error().what,
            "the index is no map: is this the address of a chart repository?");
  EXPECT_EQ(read_index("entries: {}\n", "redis").error().what, "the index has no apiVersion: no API version specified");
}

TEST(ChartIndex, ChoosesTheVeryVersionThenTheHighestOfTheRange) {
  const std::vector<std::string> offered = {"22.0.0-rc.1", "21.2.9", "21.1.0", "9.0.0"};
  EXPECT_EQ(*choose_version(offered, "21.1.0", Devel::no), 2u);
  EXPECT_EQ(*choose_version(offered, "~21", Devel::no), 1u);
  EXPECT_EQ(*choose_version(offered, "", Devel::no), 1u);
  EXPECT_EQ(*choose_version(offered, "", Devel::yes), 0u);
  EXPECT_EQ(*choose_version(offered, "<10", Devel::no), 3u);
}

TEST(ChartIndex, SaysWhatThereIsWhenNothingMatches) {
  EXPECT_EQ(choose_version({"3.0.0", "2.0.0", "1.0.0", "0.9.0"}, ">=4", Devel::no).error(),
            (Error{Errc::not_found, "no version matches \">=4\": the nearest of the 4 that it offers are 3.0.0, 2.0.0, 1.0.0"}));
  const std::vector<std::string> many = {"9.0.0", "8.1.0", "8.0.0", "6.2.0", "6.1.0", "5.0.0", "nightly"};
  const std::string of_seven = ": the nearest of the 7 that it offers are ";
  EXPECT_EQ(choose_version(many, "~7.2", Devel::no).error().what, "no version matches \"~7.2\"" + of_seven + "8.0.0, 6.2.0, 6.1.0");
  EXPECT_EQ(choose_version(many, "7.1.0", Devel::no).error().what, "no version matches \"7.1.0\"" + of_seven + "8.0.0, 6.2.0, 6.1.0");
  EXPECT_EQ(choose_version(many, "<4.x", Devel::no).error().what, "no version matches \"<4.x\"" + of_seven + "6.1.0, 5.0.0, nightly");
  EXPECT_EQ(choose_version(many, ">9", Devel::no).error().what, "no version matches \">9\"" + of_seven + "9.0.0, 8.1.0, 8.0.0");
  EXPECT_EQ(choose_version({}, "", Devel::no).error().what, "no version matches \"*\": it offers none");
  EXPECT_EQ(choose_version({"1.0.0"}, "one", Devel::no).error().code, Errc::invalid);
}

TEST(ChartIndex, KnowsAnExactVersionFromARange) {
  for (const char* exact : {"36.0.0", "v1.11.0", "1.2.3-rc.1", "1.2.3+build"}) EXPECT_TRUE(is_exact_version(exact)) << exact;
  for (const char* range : {"", "1", "1.2", "~1.2.3", ">=1.0.0", "1.x.0", "1.2.*", "1.0.0 - 2.0.0"})
    EXPECT_FALSE(is_exact_version(range)) << range;
}

}  // namespace
}  // namespace sluice::source
