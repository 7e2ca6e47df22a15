#pragma once

#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/chart/chart.hpp"
#include "core/chart/values.hpp"
#include "core/helmfile/chartify.hpp"
#include "core/helmfile/helmfile.hpp"

namespace sluice::helmfile {

/// The values of a release as helm merges them: layers over each other, then the set flags by kind. What came from secrets
/// stays marked. `read` opens the files of `--set-file`.
/// Errors: in Helm's words: "failed to parse FILE: ...", "failed parsing --set data: ...".
/// Follows: Helm 3.17, pkg/cli/values/options.go.
Result<Value> merge_values(const ReleaseValues& values, const chart::ReadFile& read);

/// What rendering a release needs from the command line or the cluster.
struct RenderSettings {
  chart::Capabilities capabilities = {};  ///< of the cluster, or of a Helm without one
  bool is_upgrade = false;
  int revision = 1;
  const functions::Outside* outside = nullptr;
  Chartify chartify = {};  ///< of the release
};

/// Renders a release with its loaded chart: name, namespace, merged values and the capabilities that the state file adds
/// (apiVersions, kubeVersion) go into one chart::render; then its patches are applied.
Result<chart::Rendered> render_release(const Release& release, const chart::Chart& chart, const Value& values,
                                       const RenderSettings& settings);

/// Marks everything in `after` that is not in `before`.
void mark_changes(const Value& before, Value& after);

/// Puts the marks of `marked` on the equal parts of `plain`, which another reader made of the same text. Marks that find no
/// place mark what is around it.
void overlay_marks(Value& plain, const Value& marked);

}  // namespace sluice::helmfile
