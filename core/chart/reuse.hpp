#pragma once

#include <memory>
#include <string>

#include "core/chart/chart.hpp"

namespace sluice::chart {

/// What the record of a release tells of the values that it was made of.
struct LastValues {
  std::string chart_name;
  Value chart_values;  ///< the record's chart.values
  Value config;        ///< the record's config: what the user had given
};

/// The values that the release's templates saw, as far as the record tells: those of subcharts are not in it.
/// Follows: Helm 3.17, `helm get values --all`.
Result<Value> computed_values(const LastValues& last);

struct ReusedValues {
  std::shared_ptr<const Chart> chart;  ///< with the last release's values in place of its own defaults
  Value values;                        ///< the user's
};

/// What `helm upgrade --reuse-values` renders and keeps.
/// Follows: Helm 3.17, action.Upgrade.reuseValues; so a default that is new in the chart is not there.
/// Errors: as those of rendering.
Result<ReusedValues> reuse_values(const Chart& chart, const Value& values, const LastValues& last);

}  // namespace sluice::chart
