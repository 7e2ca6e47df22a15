#pragma once

#include "core/chart/instance.hpp"
#include "core/value/value.hpp"

namespace sluice::chart {

// What templates find under `.`: .Chart, .Files, .Capabilities. Field and method names are Go's.

/// .Chart: a struct, in Helm 4 a map with the same names.
Value make_chart_object(const Instance& instance, HelmVersion helm);
/// .Files: all files that have no other place.
Value make_files(const Chart& chart);
Value make_capabilities(const Capabilities& capabilities, HelmVersion helm);

}  // namespace sluice::chart
