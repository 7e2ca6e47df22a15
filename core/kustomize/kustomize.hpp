#pragma once

// core/kustomize/kustomize.hpp
//
// Changes Kubernetes manifests as `kustomize build` does with a kustomization of resources, patches and transformers.
//   in:   the manifests and the patches, as text with the secret parts marked
//   out:  the changed objects, one text each, in their order, keys sorted, marks kept; or an Error that names the file
//   not:  reading files, fetching bases; replacements, components, variables, plugins
// Follows kustomize 5.5 (api 0.18, kyaml 0.18) with its built-in schema of Kubernetes 1.21.
// Differs: a number that becomes a text (it is patched over a text in quotes) is written as a number is written, not as the
// patch wrote it; patches of `status` replace its lists.
// Read next: resource.hpp, patches.hpp, strategic_merge.hpp, kinds.hpp, kustomization.hpp.

#include <span>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/value/marked_text.hpp"
#include "core/value/value.hpp"

namespace sluice::kustomize {

/// A text and the name by which errors call it.
struct Source {
  std::string name = {};
  Text text = {};
};

/// What is done to the resources, in this order.
struct Customization {
  std::vector<Source> json_patches = {};             ///< documents of `target` and `patch` or `path`, as helmfile has them
  std::vector<Source> strategic_merge_patches = {};  ///< each maybe of several documents
  std::vector<Source> transformers = {};             ///< each maybe of several documents
  std::vector<Source> files = {};                    ///< those that a `path` may name

  bool empty() const { return json_patches.empty() && strategic_merge_patches.empty() && transformers.empty(); }
};

/// Errors: invalid (no YAML, no object, one object twice, a patch that does not fit), not_found (a strategic merge patch whose
/// object is not there), unsupported (a transformer by its kind).
Result<std::vector<Text>> build(std::span<const Source> resources, const Customization& customization);

struct Folders;
/// What `kustomize build` prints for a kustomization.yaml in `folder` that holds `kustomization`. Errors: as accumulate().
Result<std::vector<Text>> build_kustomization(const Value& kustomization, const std::string& folder, const Folders& folders);

}  // namespace sluice::kustomize
