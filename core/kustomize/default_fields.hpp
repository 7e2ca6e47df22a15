#pragma once

#include <vector>

#include "core/kustomize/field_spec.hpp"

namespace sluice::kustomize {

// Which fields the fields of a kustomization.yaml change. Follows: kustomize 5.5's default configuration.

std::vector<FieldSpec> label_fields();     ///< of objects and what they are templates of
std::vector<FieldSpec> selector_fields();  ///< besides those: where labels select something
std::vector<FieldSpec> annotation_fields();
std::vector<FieldSpec> name_fields();
std::vector<FieldSpec> name_space_fields();
std::vector<FieldSpec> image_fields();
std::vector<FieldSpec> replica_fields();

/// As a transformer has them.
Value to_value(const std::vector<FieldSpec>& specs);

}  // namespace sluice::kustomize
