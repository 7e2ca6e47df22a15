#pragma once

#include <string>
#include <vector>

#include "core/chart/chart.hpp"

namespace sluice::chart {

/// A value that took part in writing a line.
struct SourceValue {
  std::vector<std::string> path;  ///< from the root chart's values down; an index is "[0]"
  bool printed = false;           ///< as it is, by an action like {{ .Values.image.tag }}
};

/// Where one line of output comes from.
struct LineSource {
  std::string file;      ///< "web/templates/web.yaml", also that of a partial, or of a CRD
  std::size_t line = 0;  ///< from 1; 0: part of the frame around the documents, as "# Source: ..." is
  std::vector<SourceValue> values;
};

/// The lines of print_template_output(), of a `rendered` that was asked for its source map.
/// A line that several places wrote belongs to the one that wrote its first visible character; values of all of them are told.
Result<std::vector<LineSource>> source_lines(const Rendered& rendered, const TemplateOutput& options);

}  // namespace sluice::chart
