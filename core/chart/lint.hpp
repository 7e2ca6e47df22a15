#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/tree.hpp"
#include "core/chart/chart.hpp"

namespace sluice::chart {

enum class Severity { info, warning, error };

/// One thing that linting found: "[ERROR] Chart.yaml: name is required".
struct LintMessage {
  Severity severity = Severity::info;
  std::string path;
  std::string text;
};
std::string to_string(const LintMessage& message);

struct LintRequest {
  std::string folder = {};  ///< what the chart's folder is called in messages about dependencies
  std::string namespace_ = "default";
  Value values = {};
  std::optional<KubeVersion> kube_version = {};  ///< for capabilities and deprecated kinds; the built-in one if not given
  bool skip_schema = false;
  const functions::Outside* outside = nullptr;
  RenderLog* log = nullptr;
};

/// Looks for mistakes in the chart whose files these are (nothing ignored yet).
/// Follows: Helm 3.17, pkg/lint: the same rules in the same order, texts included.
std::vector<LintMessage> lint(const Tree& files, const LintRequest& request);

}  // namespace sluice::chart
