#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "core/chart/instance.hpp"

namespace sluice::chart {

/// Gives the schema at an http(s) address; may be empty.
using SchemaFetch = std::function<Result<std::string>(const std::string& url)>;

/// Holds the values of each chart of the tree against that chart's values.schema.json.
/// Errors: invalid: "values don't meet the specifications of the schema(s) in the following chart(s):\n...", all findings of all
/// charts. Follows: Helm, chartutil.ValidateAgainstSchema. Differs: findings come in the order of the keys, Helm's in any order.
Result<> check_schemas(const Instance& root, const Value& values, HelmVersion helm, const SchemaFetch& fetch);

/// What Helm prints about `values` that `schema` does not allow, or about a schema that cannot be used: one line each, "- "
/// first. Empty if all is well.
///
/// Follows: gojsonschema 1.2.0 (drafts 4, 6, 7); with HelmVersion::v4 santhosh-tekuri/jsonschema 6 (drafts 4 to 2020-12).
/// Differs: a fetched schema is read by the draft of the first one, and no files are. At most 5 million steps, 256 levels, 64
/// fetched schemas of 32 MiB.
std::string schema_findings(std::string_view schema, const Value& values, HelmVersion helm, const SchemaFetch& fetch = {});

}  // namespace sluice::chart
