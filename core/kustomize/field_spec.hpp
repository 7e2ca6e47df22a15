#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/kustomize/resource.hpp"

namespace sluice::kustomize {

/// A field of some objects: "spec/template/metadata/labels" of every Deployment. Lists leave no trace in the path.
struct FieldSpec {
  std::string group = {}, version = {}, kind = {};  ///< "" is any
  std::string path = {};                            ///< steps between slashes; `\/` is a slash in a step
  bool create = false;                              ///< where it is missing

  bool selects(const Id& id) const;
};

/// The list `fieldSpecs` of a transformer. Errors: invalid.
Result<std::vector<FieldSpec>> read_field_specs(const Value& config);

/// What a field that is missing is made as, if it may be made.
enum class Make { nothing, scalar, map };

using SetField = std::function<Result<>(Value& field)>;

/// Calls `set` for each place that `spec` leads to in the resource, if its current id is meant.
/// Errors: invalid, where the path goes through a scalar; what `set` says.
Result<> set_fields(Resource& resource, const FieldSpec& spec, Make make, const SetField& set);

}  // namespace sluice::kustomize
