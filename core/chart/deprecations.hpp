#pragma once

#include <string>
#include <string_view>

#include "core/chart/chart.hpp"

namespace sluice::chart {

/// What Kubernetes 1.`minor` says about objects of this kind: "policy/v1beta1 PodDisruptionBudget is deprecated in v1.21+, ...".
/// Empty if there is nothing to say, or the kind is not Kubernetes' own.
std::string deprecation_notice(std::string_view api_version, std::string_view kind, int minor, HelmVersion helm = HelmVersion::v3);

}  // namespace sluice::chart
