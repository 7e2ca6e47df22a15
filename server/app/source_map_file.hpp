#pragma once

#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/chart/provenance.hpp"
#include "core/chart/source_lines.hpp"

namespace sluice::app {

/// Writes the file of `template --source-map`, one line of JSON for each line of output:
///
///     {"lines": [
///     {"line":1,"template":"web/templates/web.yaml"},
///     {"line":3,"template":"web/templates/web.yaml","template_line":1},
///     {"line":9,"template":"web/templates/_image.tpl","template_line":4,"values":[
///       {"path":"image.tag","file":"prod.yaml","file_line":7,"printed":true},{"path":"image.name","flag":"--set"}]}
///     ]}
///
/// Without `template_line` a line belongs to the frame around the document. `values` are those that took part; `printed` ones
/// appear as they are. One without file and flag was computed, or came by import-values.
Result<> write_source_map(const std::string& path, const std::vector<chart::LineSource>& lines, const chart::Provenance& provenance);

}  // namespace sluice::app
