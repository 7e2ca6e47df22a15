#include "core/chart/reuse.hpp"

#include <gtest/gtest.h>

#include "core/value/json.hpp"

namespace sluice::chart {
namespace {

Value map(std::string_view json) { return *read_json(json); }

std::string text(const Value& value) { return to_json(value)->str(); }

TEST(ReusedValues, AreTheLastReleasesUnderTheNewOnes) {
  Chart chart;
  chart.metadata.name = "web";
  chart.values = map(R"({"colour":"new default","added":true})");
  const LastValues last{"web", map(R"({"colour":"old default","size":1,"gone":{"a":1,"b":2}})"), map(R"({"size":7,"list":[1],"gone":{"b":null}})")};
  auto reused = reuse_values(chart, map(R"({"size":8,"list":[2]})"), last);
  ASSERT_TRUE(reused) << reused.error().what;
  EXPECT_EQ(text(reused->chart->values), R"({"colour":"old default","gone":{"a":1},"list":[1],"size":7})");
  EXPECT_EQ(text(reused->values), R"({"gone":{"b":null},"list":[2],"size":8})");
  EXPECT_EQ(text(chart.values), R"({"added":true,"colour":"new default"})");
}

TEST(ReusedValues, OfAReleaseThatWasGivenNoneAreTheChartsOwn) {
  Chart chart;
  chart.metadata.name = "web";
  const LastValues last{"web", map(R"({"size":1})"), Value::nil_map()};
  auto reused = reuse_values(chart, Value::new_map(), last);
  ASSERT_TRUE(reused) << reused.error().what;
  EXPECT_EQ(text(reused->chart->values), R"({"size":1})");
  EXPECT_EQ(text(reused->values), "{}");
}

}  // namespace
}  // namespace sluice::chart
