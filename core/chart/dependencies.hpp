#pragma once

#include "core/base/result.hpp"
#include "core/chart/coalesce.hpp"
#include "core/chart/instance.hpp"
#include "core/chart/warnings.hpp"

namespace sluice::chart {

/// Switches subcharts on and off (conditions, tags), gives them their aliases, and imports values from them into their parents.
///
/// `nulls` says whether nulls survive the import: they do when charts are rendered, not when they are linted.
/// Errors: invalid, when values of a subchart are no map, or an import-values entry has no texts child and parent.
/// Follows: Helm 3.17, pkg/chartutil/dependencies.go, including what it does with charts that are aliased twice: they share their
/// children. With HelmVersion::v4 every alias has children of its own, as in Helm 4.
Result<> process_dependencies(Instance& root, const Value& values, Nulls nulls, HelmVersion helm, Warnings& warnings);

/// The value at a path such as "a.b.c" inside maps; null if there is none or it is a map itself. (Values.PathValue)
const Value* find_path_value(const Value& values, std::string_view path);
/// The map at a path, or null. (Values.Table)
const Value* find_table(const Value& values, std::string_view path);

}  // namespace sluice::chart
