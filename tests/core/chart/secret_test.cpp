// What comes from secrets among the values stays out of errors.

#include <gtest/gtest.h>

#include "core/chart/chart.hpp"

namespace sluice::chart {
namespace {

std::shared_ptr<const Chart> chart(const char* values) {
  auto loaded = load_files({{"Chart.yaml", "apiVersion: v2\nname: web\nversion: 0.1.0\n"},
                            {"values.yaml", values},
                            {"charts/db/Chart.yaml", "apiVersion: v2\nname: db\nversion: 0.1.0\n"},
                            {"templates/a.yaml", "a: 1\n"}});
  EXPECT_TRUE(loaded) << loaded.error().what;
  return loaded ? *loaded : nullptr;
}

const Value secret = Value::of_string(Text::secret("hunter2"));

TEST(Secrets, StayOutOfErrors) {
  const auto rendered = render(*chart("{}\n"), {.values = Value::new_map({{"db", secret}})});
  ASSERT_FALSE(rendered);
  EXPECT_EQ(rendered.error().what, "type mismatch on db: %!t(string=(secret))");
}

}  // namespace
}  // namespace sluice::chart
