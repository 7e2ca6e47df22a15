#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"

namespace sluice::chart {

enum class FileType { regular, directory };

/// Which files of a chart folder its .helmignore keeps out of the chart.
///
/// Follows: Helm, pkg/ignore: the first rule that hits ignores; a pattern without a slash is held against the last part of the
/// path, any other against the whole path; `!pattern` ignores everything that does NOT match. `templates/.?*` is always ignored.
class IgnoreRules {
 public:
  /// The rules of a chart without .helmignore.
  IgnoreRules();

  /// Errors: invalid, for `**` and for broken patterns.
  static Result<IgnoreRules> parse(std::string_view text);

  /// `path` is relative to the chart's root. The caller leaves out what is below an ignored directory.
  bool ignores(std::string_view path, FileType type) const;

 private:
  struct Rule {
    std::string pattern;
    bool negated = false;
    bool directories_only = false;
    bool whole_path = false;
  };

  std::vector<Rule> rules_;
};

}  // namespace sluice::chart
