#include "core/chart/reuse.hpp"

#include "core/chart/coalesce.hpp"
#include "core/chart/instance.hpp"

namespace sluice::chart {

Result<ReusedValues> reuse_values(const Chart& chart, const Value& values, const LastValues& last) {
  std::vector<std::string> ignored;
  Warnings warnings(HelmVersion::v3, ignored);
  Coalescer coalescer(HelmVersion::v3, warnings);
  Chart before;
  before.metadata.name = last.chart_name;
  before.values = last.chart_values;
  auto old = coalescer.values_for(*instantiate(before), last.config, Nulls::remove);
  if (!old) return std::move(old).error().during("failed to rebuild old values");
  auto with_old = std::make_shared<Chart>(chart);
  with_old->values = std::move(*old);
  return ReusedValues{std::move(with_old), coalescer.merge_tables(deep_copy(values), deep_copy(last.config), Nulls::remove)};
}

}  // namespace sluice::chart
