// Holds values against a schema: both in JSON, the schema first, "====" between them. Findings must be the same twice, and end.

#include <string>

#include "core/chart/schema.hpp"
#include "core/value/json.hpp"
#include "tests/fuzz/fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sluice;
  const auto [schema, text] = fuzz::cut(fuzz::text_of(data, size), "====");
  const auto values = read_json(text);
  for (const auto helm : {chart::HelmVersion::v3, chart::HelmVersion::v4}) {
    const auto findings = chart::schema_findings(schema, values ? *values : Value(), helm);
    fuzz::must(findings == chart::schema_findings(schema, values ? *values : Value(), helm));
  }
  return 0;
}
