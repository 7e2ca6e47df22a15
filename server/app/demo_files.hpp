#pragma once

#include "core/base/tree.hpp"

namespace sluice::app {

/// The demonstration's repository: a helmfile with two environments and two charts.
Tree demo_files();

}  // namespace sluice::app
