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

void lint_chart_yaml(const Tree& files, LintReport& report);
void lint_dependencies(const Result<std::shared_ptr<const Chart>>& loaded, const std::string& folder, LintReport& report);

/// What linting says about one rendered template of the chart itself. False if no further template is to be looked at.
bool lint_manifest(std::string_view path, std::string_view text, int kube_minor, LintReport& report);

}  // namespace sluice::chart
