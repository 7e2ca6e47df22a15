#include "core/chart/metaschema.hpp"

#include <array>
#include <string_view>

namespace sluice::chart {

namespace {

constexpr std::string_view any = "true", text = R"({"type":"string"})", flag = R"({"type":"boolean"})", number = R"({"type":"number"})",
                           schema = R"({"$ref":"#"})", schemas = R"({"$ref":"#/definitions/schemas"})",
                           map_of_schemas = R"({"type":"object","additionalProperties":{"$ref":"#"}})",
                           flag_or_schema = R"({"anyOf":[{"type":"boolean"},{"$ref":"#"}]})",
                           schema_or_schemas = R"({"anyOf":[{"$ref":"#"},{"$ref":"#/definitions/schemas"}]})",
                           count = R"({"$ref":"#/definitions/count"})", count_or_none = R"({"$ref":"#/definitions/count_or_none"})",
                           texts = R"({"$ref":"#/definitions/texts"})", list = R"({"type":"array"})",
                           address = R"({"type":"string","format":"uri"})", reference = R"({"type":"string","format":"uri-reference"})",
                           own_address = R"({"type":"string","format":"uri-reference","pattern":"^[^#]*#?$"})",
                           some_values = R"({"type":"array","minItems":1,"uniqueItems":true})";

/// What one keyword must be, in the drafts from `since` to `until`.
struct Rule {
  std::string_view vocabulary, keyword;
  int since, until;
  std::string_view schema;
};

constexpr int last = 2020;

// the vocabularies in the order of the newest draft
constexpr auto rules = std::to_array<Rule>({
    {"core", "id", 4, 4, R"({"type":"string","format":"uriref"})"},
    {"core", "$id", 6, 7, reference},
    {"core", "$id", 2019, last, own_address},
    {"core", "$schema", 4, last, address},
    {"core", "$ref", 4, 4, text},
    {"core", "$ref", 6, last, reference},
    {"core", "$anchor", 2019, 2019, R"({"type":"string","pattern":"^[A-Za-z][-A-Za-z0-9.:_]*$"})"},
    {"core", "$anchor", 2020, last, R"({"$ref":"#/definitions/anchor"})"},
    {"core", "$recursiveRef", 2019, 2019, reference},
    {"core", "$recursiveAnchor", 2019, 2019, flag},
    {"core", "$dynamicRef", 2020, last, reference},
    {"core", "$dynamicAnchor", 2020, last, R"({"$ref":"#/definitions/anchor"})"},
    {"core", "$vocabulary", 2019, last,
     R"({"type":"object","propertyNames":{"type":"string","format":"uri"},"additionalProperties":{"type":"boolean"}})"},
    {"core", "$comment", 7, last, text},
    {"core", "$defs", 2019, last, map_of_schemas},
    {"applicator", "prefixItems", 2020, last, schemas},
    {"applicator", "additionalItems", 4, 4, flag_or_schema},
    {"applicator", "additionalItems", 6, 2019, schema},
    {"applicator", "items", 4, 2019, schema_or_schemas},
    {"applicator", "items", 2020, last, schema},
    {"applicator", "contains", 6, last, schema},
    {"applicator", "additionalProperties", 4, 4, flag_or_schema},
    {"applicator", "additionalProperties", 6, last, schema},
    {"applicator", "unevaluatedItems", 2019, 2019, schema},
    {"applicator", "unevaluatedProperties", 2019, 2019, schema},
    {"applicator", "properties", 4, last, map_of_schemas},
    {"applicator", "patternProperties", 4, 6, map_of_schemas},
    {"applicator", "patternProperties", 7, last,
     R"({"type":"object","additionalProperties":{"$ref":"#"},"propertyNames":{"format":"regex"}})"},
    {"applicator", "dependentSchemas", 2019, last, map_of_schemas},
    {"applicator", "propertyNames", 6, last, schema},
    {"applicator", "if", 7, last, schema},
    {"applicator", "then", 7, last, schema},
    {"applicator", "else", 7, last, schema},
    {"applicator", "allOf", 4, last, schemas},
    {"applicator", "anyOf", 4, last, schemas},
    {"applicator", "oneOf", 4, last, schemas},
    {"applicator", "not", 4, last, schema},
    {"unevaluated", "unevaluatedItems", 2020, last, schema},
    {"unevaluated", "unevaluatedProperties", 2020, last, schema},
    {"validation", "type", 4, last,
     R"({"anyOf":[{"$ref":"#/definitions/types"},{"type":"array","items":{"$ref":"#/definitions/types"},"minItems":1,"uniqueItems":true}]})"},
    {"validation", "const", 6, last, any},
    {"validation", "enum", 4, 7, some_values},
    {"validation", "enum", 2019, last, list},
    {"validation", "multipleOf", 4, 4, R"({"type":"number","minimum":0,"exclusiveMinimum":true})"},
    {"validation", "multipleOf", 6, last, R"({"type":"number","exclusiveMinimum":0})"},
    {"validation", "maximum", 4, last, number},
    {"validation", "exclusiveMaximum", 4, 4, flag},
    {"validation", "exclusiveMaximum", 6, last, number},
    {"validation", "minimum", 4, last, number},
    {"validation", "exclusiveMinimum", 4, 4, flag},
    {"validation", "exclusiveMinimum", 6, last, number},
    {"validation", "maxLength", 4, last, count},
    {"validation", "minLength", 4, last, count_or_none},
    {"validation", "pattern", 4, last, R"({"type":"string","format":"regex"})"},
    {"validation", "maxItems", 4, last, count},
    {"validation", "minItems", 4, last, count_or_none},
    {"validation", "uniqueItems", 4, last, flag},
    {"validation", "maxContains", 2019, last, count},
    {"validation", "minContains", 2019, last, count},
    {"validation", "maxProperties", 4, last, count},
    {"validation", "minProperties", 4, last, count_or_none},
    {"validation", "required", 4, last, texts},
    {"validation", "dependentRequired", 2019, last, R"({"type":"object","additionalProperties":{"$ref":"#/definitions/texts"}})"},
    {"meta-data", "title", 4, last, text},
    {"meta-data", "description", 4, last, text},
    {"meta-data", "deprecated", 2019, last, flag},
    {"meta-data", "readOnly", 7, last, flag},
    {"meta-data", "writeOnly", 7, last, flag},
    {"meta-data", "examples", 7, last, list},
    {"format", "format", 4, last, text},
    {"content", "contentMediaType", 7, last, text},
    {"content", "contentEncoding", 7, last, text},
    {"content", "contentSchema", 2019, last, schema},
    // of no vocabulary
    {"", "definitions", 4, last, map_of_schemas},
    {"", "dependencies", 4, last,
     R"({"type":"object","additionalProperties":{"anyOf":[{"$ref":"#"},{"$ref":"#/definitions/texts"}]}})"},
    {"", "$recursiveAnchor", 2020, last, R"({"$ref":"#/definitions/anchor"})"},
    {"", "$recursiveRef", 2020, last, reference},
});

/// The properties of one vocabulary, or of all.
std::string properties(int draft, std::string_view vocabulary) {
  std::string out;
  for (const Rule& rule : rules) {
    const bool belongs = draft < 2019 || rule.vocabulary == vocabulary;
    if (!belongs || draft < rule.since || draft > rule.until) continue;
    out += (out.empty() ? "\"" : ",\"") + std::string(rule.keyword) + "\":" + std::string(rule.schema);
  }
  return "\"properties\":{" + out + "}";
}

std::string definitions(int draft) {
  std::string out = R"("definitions":{"count":{"type":"integer","minimum":0},"count_or_none":)";
  out += draft < 2019 ? R"({"allOf":[{"$ref":"#/definitions/count"},{}]})" : count;
  out += R"(,"schemas":{"type":"array","minItems":1,"items":{"$ref":"#"}},"types":{"enum":["array","boolean","integer","null","number","object","string"]},)";
  out += R"("anchor":{"type":"string","pattern":"^[A-Za-z_][-A-Za-z0-9._]*$"},"texts":{"type":"array","items":{"type":"string"},"uniqueItems":true)";
  return out + (draft == 4 ? R"(,"minItems":1}})" : "}}");
}

}  // namespace

std::string metaschema_name(int draft) {
  if (draft < 2019) return "http://json-schema.org/draft-0" + std::to_string(draft) + "/schema";
  return draft == 2019 ? "https://json-schema.org/draft/2019-09/schema" : "https://json-schema.org/draft/2020-12/schema";
}

std::string metaschema(int draft) {
  std::string out = "{\"$schema\":\"" + metaschema_name(draft) + "\",\"type\":" + (draft == 4 ? R"("object")" : R"(["object","boolean"])");
  if (draft >= 2019) {
    std::string parts;
    for (const std::string_view name : {"core", "applicator", "unevaluated", "validation", "meta-data", "format", "content"})
      parts += (parts.empty() ? "{" : ",{") + properties(draft, name) + "}";
    out += ",\"allOf\":[" + parts + "]";
  }
  if (draft == 4) out += R"(,"dependencies":{"exclusiveMaximum":["maximum"],"exclusiveMinimum":["minimum"]})";
  return out + "," + properties(draft, "") + "," + definitions(draft) + "}";
}

}  // namespace sluice::chart
