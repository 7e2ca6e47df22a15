#pragma once

#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/tree.hpp"
#include "core/chart/chart.hpp"
#include "core/chart/manifests.hpp"
#include "core/helmfile/helmfile.hpp"

namespace sluice::helmfile {

// A folder without Chart.yaml that is named as a chart: its .yaml and .yml files are manifests, as they stand; what ends in
// .gotmpl is a template of helmfile's first. Follows: chartify. Differs: a missing key in such a template is an error.

/// A chart without templates that carries the files of such a folder. An empty version is 1.0.0.
Tree to_manifests_chart(const Tree& folder, const std::string& name, const std::string& version);

/// The manifests that such a chart carries, named as templates of it: "plain/templates/deep/web.yaml".
Result<std::vector<chart::RenderedFile>> manifests_of(const State& state, const Release& release, const chart::Chart& chart,
                                                      const Outside& outside);

/// What the kustomization in the release's folder makes, as one file: "app/templates/kustomized.yaml". `values` may hold images,
/// namePrefix, nameSuffix and namespace, which come on top; the release's namespace wins over theirs.
/// Follows: chartify, KustomizeBuild. Errors: unsupported, where the folder is not one of the state file's repository.
Result<std::vector<chart::RenderedFile>> kustomized_manifests_of(const Release& release, const chart::Chart& chart,
                                                                 const Value& values, const Outside& outside);

}  // namespace sluice::helmfile
