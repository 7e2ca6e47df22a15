#include "core/chart/reuse.hpp"

#include "core/chart/coalesce.hpp"
#include "core/chart/instance.hpp"

namespace sluice::chart {

Result<Value> computed_values(const LastValues& last) {
  std::vector<std::string> ignored;
  Warnings warnings(HelmVersion::v3, ignored);
  Chart chart;
  chart.metadata.name = last.chart_name;
  chart.values = last.chart_values;
  return Coalescer(HelmVersion::v3, warnings).values_for(*instantiate(chart), last.config, Nulls::remove);
}

Result<ReusedValues> reuse_values(const Chart& chart, const Value& values, const LastValues& last) {
  auto old = computed_values(last);
  if (!old) return std::move(old).error().during("failed to rebuild old values");
  auto with_old = std::make_shared<Chart>(chart);
  with_old->values = std::move(*old);
  std::vector<std::string> ignored;
  Warnings warnings(HelmVersion::v3, ignored);
  Coalescer coalescer(HelmVersion::v3, warnings);
  return ReusedValues{std::move(with_old), coalescer.merge_tables(deep_copy(values), deep_copy(last.config), Nulls::remove)};
}

}  // namespace sluice::chart
