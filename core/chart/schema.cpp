#include "core/chart/schema.hpp"

#include "core/chart/schema_validators.hpp"
#include "core/value/fmt.hpp"

namespace sluice::chart {

std::string schema_findings(std::string_view schema, const Value& values, HelmVersion helm, const SchemaFetch& fetch) {
  const Value checked = values.map() ? values : Value::new_map();
  try {
    const SchemaDocument document(schema, helm, fetch);
    if (helm == HelmVersion::v4) return findings_of_helm4(document, checked);
    check_rules_of_helm3(document);
    return findings_of_helm3(document, checked);
  } catch (const BadSchema& bad) {
    return bad.what;
  }
}

namespace {

void collect_findings(const Instance& instance, const Value& values, HelmVersion helm, const SchemaFetch& fetch, std::string& out) {
  if (instance.chart->schema) {
    const std::string found = schema_findings(*instance.chart->schema, values, helm, fetch);
    if (!found.empty()) out += instance.name() + ":\n" + found;
  }
  for (const auto& sub : instance.dependencies) {
    const Value* table = values.find(sub->name());
    if (!table || table->is_nil()) continue;
    if (table->is_map()) {
      collect_findings(*sub, *table, helm, fetch, out);
    } else {
      out += sub->name() + ":\ninvalid type for values: expected object (map), got " + std::string(type_name(*table)) + "\n";
    }
  }
}

}  // namespace

Result<> check_schemas(const Instance& root, const Value& values, HelmVersion helm, const SchemaFetch& fetch) {
  std::string found;
  collect_findings(root, values, helm, fetch, found);
  if (found.empty()) return {};
  return Error{Errc::invalid, "values don't meet the specifications of the schema(s) in the following chart(s):\n" + found};
}

}  // namespace sluice::chart
