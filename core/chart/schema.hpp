#pragma once

#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "core/chart/instance.hpp"

namespace sluice::chart {

/// Holds the values of each chart of the tree against that chart's values.schema.json.
/// Errors: invalid: "values don't meet the specifications of the schema(s) in the following chart(s):\n...", all findings of all
/// charts. Follows: Helm, chartutil.ValidateAgainstSchema. Differs: findings come in the order of the keys, Helm's in any order.
Result<> check_schemas(const Instance& root, const Value& values, HelmVersion helm);

/// What Helm prints about `values` that `schema` does not allow, or about a schema that cannot be used: one line each, "- "
/// first. Empty if all is well.
///
/// Follows: gojsonschema 1.2.0 (drafts 4, 6, 7); with HelmVersion::v4 santhosh-tekuri/jsonschema 6 (drafts 4 to 2020-12).
/// Differs: nothing is fetched; a reference out of the schema is an error. At most 5 million steps and 256 levels.
std::string schema_findings(std::string_view schema, const Value& values, HelmVersion helm);

}  // namespace sluice::chart
