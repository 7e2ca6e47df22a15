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
  HelmVersion helm = HelmVersion::v3;
  std::string folder = {};  ///< what the chart's folder is called in messages about dependencies
  std::string namespace_ = "default";
  Value values = {};
  std::optional<KubeVersion> kube_version = {};  ///< for capabilities and deprecated kinds; the built-in one if not given
  bool skip_schema = false;
  const functions::Outside* outside = nullptr;
  RenderLog* log = nullptr;
};

/// Looks for mistakes in the chart whose files these are (nothing ignored yet).
/// Follows: Helm 3.17, pkg/lint, or Helm 4.3, pkg/chart/v2/lint: the same rules in the same order, texts included.
/// Differs: a broken manifest that begins with "{" gets the words of the YAML reader, in Helm 4 those of the JSON reader.
std::vector<LintMessage> lint(const Tree& files, const LintRequest& request);

}  // namespace sluice::chart
