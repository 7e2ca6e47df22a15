// The chart inside a release record; follows the JSON of Helm's chart.Chart.

#include "core/base/digest.hpp"
#include "core/chart/chart.hpp"

namespace sluice::chart {

static Value files_of(const std::vector<File>& files) {
  std::vector<Value> items;
  for (const File& file : files) {
    items.push_back(Value::new_map({{"name", Value::of_string(file.name)}, {"data", Value::of_string(to_base64(file.data))}}));
  }
  return Value::new_list(std::move(items));
}

Value to_release_chart(const Chart& chart, const Rendered& rendered) {
  return Value::new_map({{"metadata", to_plain(rendered.metadata)},
                         {"lock", chart.lock},
                         {"templates", files_of(chart.templates)},
                         {"values", rendered.chart_values.is_map() ? rendered.chart_values : Value()},
                         {"schema", chart.schema ? Value::of_string(to_base64(*chart.schema)) : Value()},
                         {"files", files_of(chart.files)}});
}

}  // namespace sluice::chart
