#include "core/chart/instance.hpp"

namespace sluice::chart {

void Instance::set_dependencies(std::vector<std::shared_ptr<Instance>> charts) {
  for (const auto& chart_ : charts) chart_->parent = this;
  dependencies = std::move(charts);
}

std::shared_ptr<Instance> instantiate(const Chart& chart) {
  auto instance = std::make_shared<Instance>();
  instance->chart = &chart;
  instance->metadata = chart.metadata;
  for (auto& dependency : instance->metadata.dependencies) dependency = std::make_shared<Dependency>(*dependency);
  instance->values = chart.values;
  std::vector<std::shared_ptr<Instance>> dependencies;
  for (const auto& dependency : chart.dependencies) dependencies.push_back(instantiate(*dependency));
  instance->set_dependencies(std::move(dependencies));
  return instance;
}

}  // namespace sluice::chart
