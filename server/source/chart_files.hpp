#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/tree.hpp"
#include "core/chart/chart.hpp"

namespace sluice::source {

/// What reading a chart by hand tells the user: links that were followed.
struct ChartNotes {
  std::vector<std::string> lines;
};

/// A chart from the disk: a folder, or a .tgz. For the command line, where the files are the user's own: links are followed, as
/// Helm does (checked-out commits go through Tree instead, and never touch the disk). Errors: not_found, invalid, in Helm's
/// words. Follows: Helm, loader.Load and internal/sympath.
Result<std::shared_ptr<const chart::Chart>> read_chart(const std::string& path, chart::HelmVersion helm, ChartNotes& notes);

/// The files of a chart for linting: of a folder, which must have a Chart.yaml, or of a .tgz.
/// Errors: as read_chart; "unable to check Chart.yaml file in chart: stat PATH/Chart.yaml: no such file or directory".
Result<Tree> read_chart_tree(const std::string& path);

/// The bytes of a file that a flag names; "-" is the standard input.
/// Errors: not_found, denied, invalid, as Go words them: "open values.yaml: no such file or directory".
Result<std::string> read_named_file(const std::string& path);

}  // namespace sluice::source
