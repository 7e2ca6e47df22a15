#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/value/value.hpp"

namespace sluice::kustomize {

/// "app=web,tier!=db,env in (prod, test),!legacy": all of it must hold.
class LabelSelector {
 public:
  /// Errors: invalid, quoting the selector.
  static Result<LabelSelector> parse(std::string_view text);
  /// `labels` is a map of texts, or null.
  bool matches(const Value* labels) const;

 private:
  enum class Operator { exists, is_missing, is_in, is_not_in, is_greater, is_less };
  struct Requirement {
    std::string key;
    Operator op;
    std::vector<std::string> values;
  };
  static Result<Requirement> parse_one(std::string_view text);
  static bool holds(const Requirement& requirement, const Value* labels);

  std::vector<Requirement> requirements_;
};

}  // namespace sluice::kustomize
