#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/chart/chart.hpp"
#include "core/value/value.hpp"

namespace sluice::chart {

/// The bytes of the file that a flag names.
using ReadFile = std::function<Result<std::string>(std::string_view path)>;

/// The user's values as they come from flags. Order between the lists is fixed: each wins over those above it.
struct ValueFlags {
  std::vector<std::string> files = {};        ///< -f
  std::vector<std::string> set_json = {};     ///< --set-json
  std::vector<std::string> set = {};          ///< --set
  std::vector<std::string> set_string = {};   ///< --set-string
  std::vector<std::string> set_file = {};     ///< --set-file
  std::vector<std::string> set_literal = {};  ///< --set-literal
};

/// All of `flags` merged into one map.
/// Errors: as Helm words them: "failed parsing --set data: ...", "failed to parse FILE: ...", or what `read` said.
/// Follows: Helm, pkg/cli/values/options.go.
Result<Value> read_values(const ValueFlags& flags, const ReadFile& read, HelmVersion helm = HelmVersion::v3);

/// All documents of a YAML stream merged in order, as Helm 4 reads values files.
Result<Value> read_all_values(std::string_view text);

/// `over` on top of `base`: maps merge, everything else is replaced, null stays as a value. Neither argument is changed.
/// Follows: Helm, pkg/cli/values.mergeMaps (loader.MergeMaps).
Value merge_maps(const Value& base, const Value& over);

enum class SetFlag { set, set_string, set_file, set_json, set_literal };

/// Applies one flag's text ("a.b[0]=x,c=y") to the map `values`, which is changed in place.
/// Errors: invalid, in Helm's words without the flag's name.
/// Follows: Helm, pkg/strvals.
Result<> apply_set(SetFlag flag, std::string_view text, Value& values, const ReadFile& read, HelmVersion helm = HelmVersion::v3);

}  // namespace sluice::chart
