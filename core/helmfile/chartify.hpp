#pragma once

#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/chart/chart.hpp"
#include "core/chart/manifests.hpp"
#include "core/helmfile/helmfile.hpp"
#include "core/kustomize/kustomize.hpp"

namespace sluice::helmfile {

/// What becomes of a rendered chart before it is the release's: helmfile calls it chartify.
struct Chartify {
  bool is_asked_for = false;                        ///< also without anything to change: the rendered files make a new chart
  std::vector<chart::RenderedFile> manifests = {};  ///< besides what the chart's templates render
  std::string name_space = {};                      ///< for every object that names none; "" for nobody
  kustomize::Customization customization = {};
};

/// What a chart's folder holds: a chart, or manifests only, which then are its templates, or a kustomization that makes some.
enum class ChartForm { chart, manifests, kustomization };

/// A release's chart as it was obtained.
struct ObtainedForm {
  const chart::Chart& chart;
  ChartForm form = ChartForm::chart;
  Value values = {};  ///< of the release: a kustomization takes images, namePrefix, nameSuffix and namespace from them
};

/// Reads the patches of a release, and the manifests of a chart that is a folder of those. Errors: as of values_of(), and what
/// kustomize says.
Result<Chartify> chartify_of(const State& state, const Release& release, const ObtainedForm& chart, const Outside& outside);

/// The rendered files as a chart of their own, in which they are changed and not rendered again.
///
/// With patches all objects are in templates/patched_resources.yaml and crds/patched_crds.yaml, where also definitions of
/// custom resources end up that were templates; without, files keep their places and those of subcharts move below
/// templates/charts. There are no notes and no dependencies any more.
/// Errors: invalid, not_found, unsupported, naming the file or patch.
/// Follows: helmfile 1.0.0 with chartify 0.22.0.
/// Differs: the chart is rendered with what is known of the cluster and with `setString`, where the original renders as
/// without a cluster and forgets `setString`; files go into the patches in the order of their names.
Result<chart::Rendered> chartify(chart::Rendered rendered, const Chartify& how);

/// The entries of one of the lists jsonPatches, strategicMergePatches and transformers.
Result<std::vector<ValuesLayer>> patches_of(const State& state, const Release& release, const std::string& field,
                                            const Outside& outside);

}  // namespace sluice::helmfile
