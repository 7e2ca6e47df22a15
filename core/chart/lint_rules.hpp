#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/chart/lint.hpp"

namespace sluice::chart {

/// Collects messages; what has no text is no message.
class LintReport {
 public:
  void add(Severity severity, std::string_view path, std::string text) {
    if (!text.empty()) messages.push_back({severity, std::string(path), std::move(text)});
  }
  void error(std::string_view path, std::string text) { add(Severity::error, path, std::move(text)); }
  std::vector<LintMessage> messages;
};

void lint_chart_yaml(const Tree& files, HelmVersion helm, LintReport& report);
/// What Helm 4 says about the files in crds/.
void lint_crds(const Tree& files, const Result<std::shared_ptr<const Chart>>& loaded, LintReport& report);
void lint_dependencies(const Result<std::shared_ptr<const Chart>>& loaded, const std::string& folder, LintReport& report);

/// What linting says about one rendered template of the chart itself. False if no further template is to be looked at.
struct LintedManifest {
  std::string_view path;
  std::string_view text;
  int kube_minor = 0;
  HelmVersion helm = HelmVersion::v3;
};
bool lint_manifest(const LintedManifest& manifest, LintReport& report);
/// The same for one file of crds/, by the rules for those.
bool lint_crd(std::string_view path, std::string_view text, LintReport& report);

}  // namespace sluice::chart
