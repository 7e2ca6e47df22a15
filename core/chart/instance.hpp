#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/chart/chart.hpp"

namespace sluice::chart {

/// A chart while one release is rendered: what dependency processing changes, over what was loaded.
struct Instance {
  const Chart* chart = nullptr;
  Metadata metadata;  ///< entries of `dependencies` are this tree's own
  Value values;       ///< a map, or nil; belongs to `chart` until import-values replaces it: not to be changed in place
  std::vector<std::shared_ptr<Instance>> dependencies;
  Instance* parent = nullptr;
  /// What this is a copy of: children that copies share may still call it their parent.
  std::shared_ptr<const Instance> copied_from;

  const std::string& name() const { return metadata.name; }
  bool is_root() const { return parent == nullptr; }
  /// "root/charts/sub"
  std::string full_path() const { return parent ? parent->full_path() + "/charts/" + name() : name(); }
  /// Replaces the dependencies, whose parent this becomes.
  void set_dependencies(std::vector<std::shared_ptr<Instance>> charts);
};

/// A tree of instances of `chart` and everything below it. The Chart must outlive it.
std::shared_ptr<Instance> instantiate(const Chart& chart);

}  // namespace sluice::chart
