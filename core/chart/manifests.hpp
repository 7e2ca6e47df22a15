#pragma once

#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/chart/chart.hpp"
#include "core/chart/warnings.hpp"

namespace sluice::chart {

/// The output of one template: its full name ("chart/templates/web.yaml") and its text.
struct RenderedFile {
  std::string name;
  Text text;
  std::shared_ptr<const gotemplate::TracedText> traced = {};
};

/// The output of each template of `chart` that is no partial, as linting looks at it.
Result<std::vector<RenderedFile>> render_files(const Chart& chart, const RenderRequest& request);

/// Splits `files` into documents, tells hooks from manifests and brings both into install order, into `rendered`.
/// Errors: invalid, "YAML parse error on FILE: ...".
/// Follows: Helm, releaseutil.SortManifests.
Result<> sort_manifests(std::vector<RenderedFile> files, HelmVersion helm, Rendered& rendered, Warnings& warnings);

}  // namespace sluice::chart
