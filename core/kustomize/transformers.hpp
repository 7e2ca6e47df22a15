#pragma once

#include <vector>

#include "core/base/result.hpp"
#include "core/kustomize/resource.hpp"

namespace sluice::kustomize {

/// Runs each transformer that `source` describes, in order: an object of apiVersion `builtin` whose kind says what is done.
///
/// AnnotationsTransformer, ImageTagTransformer, LabelTransformer, NamespaceTransformer, PatchTransformer,
/// PrefixSuffixTransformer, PrefixTransformer, ReplicaCountTransformer, SuffixTransformer. Errors: unsupported, by the kind, for
/// all others; invalid. Follows: kustomize: no field is touched that `fieldSpecs` does not name, but metadata.namespace and the
/// images of containers.
Result<> apply_transformers(const Source& source, std::vector<Resource>& resources, Quoted& quoted);

/// Runs one. `where` is how errors of its patch call it.
Result<> transform(const Value& config, const std::string& where, std::vector<Resource>& resources, Quoted& quoted);

}  // namespace sluice::kustomize
