#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/chart/instance.hpp"
#include "core/chart/warnings.hpp"

namespace sluice::chart {

/// Whether a null in the stronger values deletes the key (coalesce) or stays as a value (merge).
enum class Nulls { remove, keep };

/// Brings the user's values, the charts' defaults and the globals of a tree of charts together.
///
/// Follows: Helm 3.17, pkg/chartutil/coalesce.go, pass by pass, because no shorter rule describes what nulls do there; with
/// HelmVersion::v4 Helm 4's pkg/chart/common/util/coalesce.go. Warnings are worded as Helm logs them.
class Coalescer {
 public:
  Coalescer(HelmVersion helm, Warnings& warnings) : helm_(helm), warnings_(warnings) {}

  /// The values that `chart` and everything below it see: a new map; `values` is not changed. (CoalesceValues, MergeValues)
  /// Errors: invalid, when the values of a subchart are no map: "type mismatch on sub: %!t(int64=5)".
  Result<Value> values_for(const Instance& chart, const Value& values, Nulls nulls);

  /// What `strong` lacks, from `weak`. Changes and returns `strong`; parts of `weak` become parts of it. (CoalesceTables,
  /// MergeTables)
  Value merge_tables(const Value& strong, const Value& weak, Nulls nulls);

 private:
  /// Whether parts of the weaker side go over as they are or as copies.
  enum class Parts { share, copy };

  Result<> coalesce(const Instance& chart, Map& values, const std::string& prefix, Nulls nulls);
  void add_defaults(const Instance& chart, Map& values, const std::string& prefix, Nulls nulls);
  void add_default(const Instance& chart, Map& values, const Text& key, const Value& value, const std::string& prefix,
                   Nulls nulls);
  void add_globals(Map& into, const Map& from, const std::string& prefix);
  void merge_into(Map& strong, const Map& weak, const std::string& prefix, Nulls nulls, Parts parts);
  void merge_entry(Map& strong, const Text& key, const Value& value, const std::string& prefix, Nulls nulls, Parts parts);
  void warn(int line, std::string_view text) { warnings_.add("coalesce.go:" + std::to_string(line), text); }

  HelmVersion helm_;
  Warnings& warnings_;
};

}  // namespace sluice::chart
