#pragma once

#include <optional>

#include "core/base/result.hpp"
#include "core/functions/regex.hpp"
#include "core/kustomize/label_selector.hpp"
#include "core/kustomize/resource.hpp"

namespace sluice::kustomize {

/// The `target` of a patch: regular expressions that must match a whole group, version, kind, name and namespace, and selectors
/// of labels and annotations. What is not given matches everything.
class Selector {
 public:
  /// `target` is a map or null. Errors: invalid, naming the field.
  static Result<Selector> read(const Value& target);
  Result<bool> matches(const Resource& resource) const;

 private:
  using Pattern = std::optional<functions::Regex>;
  Pattern group_, version_, kind_, name_, name_space_;
  LabelSelector labels_, annotations_;
};

}  // namespace sluice::kustomize
