#include "core/chart/schema.hpp"

#include <gtest/gtest.h>

#include "core/value/json.hpp"

namespace sluice::chart {
namespace {

std::string helm3(std::string_view schema, std::string_view values) {
  return schema_findings(schema, *read_json(values), HelmVersion::v3);
}
std::string helm4(std::string_view schema, std::string_view values) {
  return schema_findings(schema, *read_json(values), HelmVersion::v4);
}

// All expected texts were printed by helm 3.17.3 and helm 4.3.1; findings of several keys sorted by the key.

TEST(Schema, JudgesNumbers) {
  constexpr auto schema = R"({"properties":{"a":{"maximum":65535},"b":{"minimum":1000000},"c":{"multipleOf":0.5},
                              "d":{"exclusiveMinimum":1234567.5},"g":{"exclusiveMaximum":1.25}}})";
  constexpr auto values = R"({"a":70000,"b":5,"c":0.3,"d":3,"g":12345678.125})";
  EXPECT_EQ(
      helm3(schema, values),
      "- a: Must be less than or equal to 65535\n- b: Must be greater than or equal to 1e+06\n- c: Must be a multiple of 0.5\n"
      "- d: Must be greater than 1.2345675e+06\n- g: Must be less than 1.25\n");
  EXPECT_EQ(helm4(schema, values),
            "- at '/a': maximum: got 70,000, want 65,535\n- at '/b': minimum: got 5, want 1×10⁰⁶\n"
            "- at '/c': multipleOf: got 0.3, want 0.5\n- at '/d': exclusiveMinimum: got 3, want 1.2345675×10⁰⁶\n"
            "- at '/g': exclusiveMaximum: got 1.2345678125×10⁰⁷, want 1.25\n");
  EXPECT_EQ(helm3(schema, R"({"a":65535,"b":1000000,"c":2.5,"d":1234567.75,"g":1})"), "");
  EXPECT_EQ(helm4(schema, R"({"a":65535,"b":1000000,"c":2.5,"d":1234567.75,"g":1})"), "");
}

TEST(Schema, JudgesLengthsAndCounts) {
  constexpr auto schema = R"({"properties":{"e":{"minLength":1500},"f":{"minItems":2000}}})";
  EXPECT_EQ(helm3(schema, R"({"e":"x","f":[]})"),
            "- e: String length must be greater than or equal to 1500\n- f: Array must have at least 2000 items\n");
  EXPECT_EQ(helm4(schema, R"({"e":"x","f":[]})"),
            "- at '/e': minLength: got 1, want 1,500\n- at '/f': minItems: got 0, want 2,000\n");
}

TEST(Schema, JudgesTypesAndChoices) {
  constexpr auto schema = R"({"properties":{"a":{"type":["string","integer","null"]},"b":{"enum":[1,2.5,"x",null,true]},
                              "c":{"const":1000000},"d":{"enum":[{"a":1}]},"e":{"const":[1]},"m":{"type":"integer"}}})";
  constexpr auto values = R"({"a":1.5,"b":5,"c":3,"d":3,"e":3,"m":true})";
  EXPECT_EQ(helm3(schema, values),
            "- a: Invalid type. Expected: [string,integer,null], given: number\n"
            "- b: b must be one of the following: 1, 2.5, \"x\", null, true\n- c: c does not match: 1000000\n"
            "- d: d must be one of the following: {\"a\":1}\n- e: e does not match: [1]\n"
            "- m: Invalid type. Expected: integer, given: boolean\n");
  EXPECT_EQ(helm4(schema, values),
            "- at '/a': got number, want null or integer or string\n- at '/b': value must be one of 1, 2.5, 'x', <nil>, true\n"
            "- at '/c': value must be 1000000\n- at '/d': 'enum' failed\n- at '/e': 'const' failed\n"
            "- at '/m': got boolean, want integer\n");
  EXPECT_EQ(helm3(schema, R"({"a":2.0,"b":null})"), "");
  EXPECT_EQ(helm4(schema, R"({"a":2.0,"b":null})"), "");
}

TEST(Schema, ExplainsCombinations) {
  constexpr auto schema = R"({"properties":{"a":{"pattern":"^a'$"},
      "b":{"oneOf":[{"type":"string"},{"type":"object","required":["x","y"],"properties":{"z":{"type":"string"}}}]},
      "c":{"anyOf":[{"type":"string"},{"minimum":5}]},"d":{"not":{"type":"integer"}},
      "e":{"additionalProperties":false,"properties":{"q":{}}}}})";
  constexpr auto values = R"({"a":"b","b":{"z":1},"c":3,"d":3,"e":{"x":1,"q":1}})";
  EXPECT_EQ(helm3(schema, values),
            "- a: Does not match pattern '^a'$'\n- b: Must validate one and only one schema (oneOf)\n"
            "- b: Invalid type. Expected: string, given: object\n- c: Must validate at least one schema (anyOf)\n"
            "- c: Must be greater than or equal to 5\n- d: Must not validate the schema (not)\n"
            "- e: Additional property x is not allowed\n");
  EXPECT_EQ(helm4(schema, values),
            "- at '/a': 'b' does not match pattern '^a\\'$'\n- at '/b': 'oneOf' failed, none matched\n"
            "  - at '/b': got object, want string\n  - at '/b': validation failed\n    - at '/b': missing properties 'x', 'y'\n"
            "    - at '/b/z': got number, want string\n- at '/c': 'anyOf' failed\n  - at '/c': got number, want string\n"
            "  - at '/c': minimum: got 3, want 5\n- at '/d': 'not' failed\n- at '/e': additional properties 'x' not allowed\n");
}

TEST(Schema, ExplainsConditions) {
  constexpr auto schema = R"({"$schema":"http://json-schema.org/draft-07/schema#","allOf":[{"required":["q"]},{"required":["r"]}],
                              "if":{"required":["a"]},"then":{"required":["b"]}})";
  EXPECT_EQ(helm3(schema, R"({"a":1})"),
            "- (root): q is required\n- (root): r is required\n- (root): Must validate all the schemas (allOf)\n"
            "- (root): Must validate \"then\" as \"if\" was valid\n- (root): b is required\n");
  EXPECT_EQ(helm4(schema, R"({"a":1})"),
            "- at '': 'allOf' failed\n  - at '': missing property 'q'\n  - at '': missing property 'r'\n- at '': missing "
            "property 'b'\n");
}

TEST(Schema, JudgesLists) {
  constexpr auto schema = R"({"properties":{"a":{"items":{"type":"string"},"uniqueItems":true},"b":{"contains":{"const":5}},
                              "c":{"items":[{"type":"string"}],"additionalItems":false},"d":{"propertyNames":{"pattern":"^[a-z]+$"}},
                              "e":{"dependencies":{"x":["y"]}}}})";
  EXPECT_EQ(helm3(schema, R"({"a":[1,1],"b":[1],"c":["x","y"],"d":{"A1":1},"e":{"x":1}})"),
            "- a.0: Invalid type. Expected: string, given: integer\n- a.1: Invalid type. Expected: string, given: integer\n"
            "- a: array items[0,1] must be unique\n- b: At least one of the items must match\n- b.0: b.0 does not match: 5\n"
            "- c: No additional items allowed on array\n- d: Property name of \"A1\" does not match\n"
            "- d: Does not match pattern '^[a-z]+$'\n- e: Has a dependency on y\n");
}

TEST(Schema, FollowsReferencesInside) {
  constexpr auto schema =
      R"({"$ref":"#/definitions/x","definitions":{"x":{"type":"object","properties":{"a":{"$ref":"#/definitions/s"}},
                              "required":["zz"]},"s":{"type":"string"}}})";
  EXPECT_EQ(helm3(schema, R"({"a":1})"), "- (root): zz is required\n- a: Invalid type. Expected: string, given: integer\n");
  EXPECT_EQ(helm4(schema, R"({"a":1})"),
            "- at '': validation failed\n  - at '': missing property 'zz'\n  - at '/a': got number, want string\n");
  EXPECT_EQ(
      helm3(
          R"({"$id":"https://x.example/a/b.json","properties":{"p":{"$ref":"c.json#/d"}},"x":{"$id":"c.json","d":{"type":"null"}}})",
          R"({"p":1})"),
      "- p: Invalid type. Expected: null, given: integer\n");
}

/// A web with three schemas that refer to each other.
Result<std::string> web(const std::string& url) {
  if (url == "https://x.example/defs.json")
    return std::string(R"({"definitions":{"port":{"type":"integer","minimum":1},"deep":{"$ref":"more/names.json"}}})");
  if (url == "https://x.example/more/names.json")
    return std::string(R"({"type":"string","pattern":"^a","$defs":{"b":{"$ref":"../defs.json#/definitions/port"}}})");
  if (url == "https://x.example/bad.json") return std::string(R"({"type": nonsense)");
  return Error{Errc::not_found, "GET " + url + ": 404"};
}
std::string on_the_web(std::string_view reference, HelmVersion helm) {
  const std::string schema = R"({"$schema":"http://json-schema.org/draft-07/schema#","properties":{"port":{"$ref":")" + std::string(reference) +
                             R"("},"name":{"$ref":"https://x.example/defs.json#/definitions/deep"}}})";
  return schema_findings(schema, *read_json(R"({"port":0,"name":"bob"})"), helm, web);
}

TEST(Schema, FollowsReferencesToTheWeb) {
  for (const char* reference : {"https://x.example/defs.json#/definitions/port", "https://x.example/more/names.json#/$defs/b"}) {
    EXPECT_EQ(on_the_web(reference, HelmVersion::v3), "- name: Does not match pattern '^a'\n- port: Must be greater than or equal to 1\n");
    EXPECT_EQ(on_the_web(reference, HelmVersion::v4), "- at '/name': 'bob' does not match pattern '^a'\n- at '/port': minimum: got 0, want 1\n");
  }
}

TEST(Schema, SaysWhyAReferenceToTheWebLeadsNowhere) {
  EXPECT_EQ(on_the_web("https://x.example/defs.json#/definitions/none", HelmVersion::v3), "Object has no key 'none'");
  EXPECT_EQ(on_the_web("https://x.example/defs.json#/definitions/none", HelmVersion::v4),
            "json-pointer in \"https://x.example/defs.json#/definitions/none\" not found");
  EXPECT_EQ(on_the_web("https://x.example/bad.json", HelmVersion::v3), "invalid character 'o' in literal null (expecting 'u')");
  EXPECT_EQ(on_the_web("https://x.example/bad.json", HelmVersion::v4),
            "failing loading \"https://x.example/bad.json\": invalid character 'o' in literal null (expecting 'u')");
  EXPECT_EQ(on_the_web("https://x.example/no.json", HelmVersion::v3), "GET https://x.example/no.json: 404");
}

TEST(Schema, ReadsNoFilesAndNothingWhereNothingIsFetched) {
  EXPECT_EQ(on_the_web("file:///etc/passwd", HelmVersion::v3),
            "values.schema.json refers to file:///etc/passwd, which is not read: only https:// addresses are; put it into the schema, or "
            "render with --skip-schema-validation");
  EXPECT_EQ(on_the_web("../../secret.json", HelmVersion::v4),
            "values.schema.json refers to file:///secret.json, which is not read: only https:// addresses are; put it into the schema, or "
            "render with --skip-schema-validation");
  EXPECT_EQ(helm3(R"({"$ref":"https://x.example/s.json"})", "{}"),
            "values.schema.json refers to https://x.example/s.json, which is not read: only https:// addresses are, and here not even those; "
            "put it into the schema, or render with --skip-schema-validation");
}

TEST(Schema, FetchesNoMoreThan64Schemas) {
  int next = 0;
  const SchemaFetch endless = [&next](const std::string&) -> Result<std::string> {
    return "{\"$ref\":\"https://x.example/" + std::to_string(++next) + ".json\"}";
  };
  EXPECT_EQ(schema_findings(R"({"$ref":"https://x.example/0.json"})", Value::new_map(), HelmVersion::v3, endless),
            "values.schema.json leads to more than 64 other schemas");
  EXPECT_EQ(next, 64);
}

TEST(Schema, FetchesNoMoreThan32MiB) {
  int next = 0;
  const SchemaFetch large = [&next](const std::string&) -> Result<std::string> {
    return "{\"$ref\":\"https://x.example/" + std::to_string(++next) + ".json\",\"description\":\"" + std::string(12U << 20, 'x') + "\"}";
  };
  EXPECT_EQ(schema_findings(R"({"$ref":"https://x.example/0.json"})", Value::new_map(), HelmVersion::v3, large),
            "values.schema.json leads to other schemas of more than 33554432 bytes together");
  EXPECT_EQ(next, 3);
}

TEST(Schema, StopsAtReferencesThatRunInCircles) {
  EXPECT_EQ(helm3(R"({"$ref":"#"})", "{}"), "values.schema.json is evaluated more than 256 levels deep");
}

TEST(Schema, ChecksFormats) {
  constexpr auto schema =
      R"({"$schema":"http://json-schema.org/draft-07/schema#","properties":{"a":{"format":"uri"},"b":{"format":"email"},
                              "c":{"format":"ipv4"},"d":{"format":"date-time"},"e":{"format":"hostname"},"f":{"format":"ipv6"}}})";
  EXPECT_EQ(helm3(schema, R"({"a":"x","b":"x","c":"x","d":"x","e":"-x","f":"::g"})"),
            "- a: Does not match format 'uri'\n- b: Does not match format 'email'\n- c: Does not match format 'ipv4'\n"
            "- d: Does not match format 'date-time'\n- e: Does not match format 'hostname'\n- f: Does not match format 'ipv6'\n");
  EXPECT_EQ(
      helm3(
          schema,
          R"({"a":"https://x.example/?a=%20","b":"a@b.example","c":"10.0.0.1","d":"2024-02-29T01:02:03Z","e":"a-b.c","f":"fe80::1"})"),
      "");
}

TEST(Schema, SaysWhenItCannotBeRead) {
  EXPECT_EQ(helm3("{bad", "{}"), "invalid character 'b' looking for beginning of object key string");
  EXPECT_EQ(helm3("", "{}"), "EOF");
  EXPECT_EQ(helm3(R"({"type":"object")", "{}"), "unexpected EOF");
  EXPECT_EQ(helm3(R"({"$ref":"#/definitions/none"})", "{}"), "Object has no key 'definitions'");
}

TEST(Schema, KnowsBooleanSchemasAndOldDrafts) {
  EXPECT_EQ(helm3("true", "{}"), "");
  EXPECT_EQ(helm3("false", "{}"), "- (root): False always fails validation\n");
  EXPECT_EQ(helm4("false", "{}"), "- at '': false schema\n");
  constexpr auto draft4 =
      R"({"$schema":"http://json-schema.org/draft-04/schema#","properties":{"a":{"maximum":5,"exclusiveMaximum":true}}})";
  EXPECT_EQ(helm3(draft4, R"({"a":5})"), "- a: Must be less than 5\n");
  EXPECT_EQ(helm4(draft4, R"({"a":5})"), "- at '/a': exclusiveMaximum: got 5, want 5\n");
}

TEST(Schema, JudgesWhatNoKeywordLookedAtInHelm4) {
  constexpr auto schema = R"({"unevaluatedProperties":false,"properties":{"a":{}},"allOf":[{"properties":{"c":{}}}]})";
  EXPECT_EQ(helm4(schema, R"({"a":5,"b":6,"c":7})"), "- at '/b': false schema\n");
  EXPECT_EQ(helm3(schema, R"({"a":5,"b":6,"c":7})"), "");
}

TEST(Schema, EscapesPlacesInHelm4) {
  EXPECT_EQ(helm4(R"({"properties":{"a/b":{"properties":{"c~d'":{"type":"string"}}}}})", R"({"a/b":{"c~d'":5}})"),
            "- at '/a~1b/c~0d\\'': got number, want string\n");
}

TEST(Schema, ShowsNoSecret) {
  const Value values = Value::new_map({{"a", mark_secret(Value::of_string("hunter2"))}});
  EXPECT_EQ(schema_findings(R"({"properties":{"a":{"pattern":"^[0-9]+$"}}})", values, HelmVersion::v4),
            "- at '/a': a secret value does not match pattern '^[0-9]+$'\n");
}

TEST(Schema, MustBeOneThatHelm3CanUse) {
  const std::pair<const char*, const char*> cases[] = {
      {R"("x")", "schema is invalid"},
      {R"({"$schema":5})", "$schema must be of type string"},
      {R"({"type":"strin"})",
       "has a primitive type that is NOT VALID -- given: /strin/ Expected valid values are:[array boolean integer number null object string]"},
      {R"({"type":["string","string"]})", "string type is duplicated"},
      {R"({"type":5})", "Invalid type. Expected: string/array of strings, given: type"},
      {R"({"properties":5})", "properties must be of type object"},
      {R"({"properties":{"a":"x"}})", "Expected: valid schema, given: Invalid JSON"},
      {R"({"additionalProperties":"x"})", "Invalid type. Expected: boolean/valid schema, given: additionalProperties"},
      {R"({"items":5})", "Invalid type. Expected: valid schema/array of schemas, given: items"},
      {R"({"dependencies":{"a":5}})", "dependency must be of type schema or array of strings"},
      {R"({"definitions":{"a":5}})", "Invalid type. Expected: array of schemas, given: definitions"},
      {R"({"definitions":{"a":{"title":5}}})", "Invalid type. Expected: string, given: title"},
      {R"({"multipleOf":0})", "multipleOf must be strictly greater than 0"},
      {R"({"maxItems":1.5})", "maxItems must be of an integer"},
      {R"({"minLength":-1})", "minLength must be greater than or equal to 0"},
      {R"({"minLength":3,"maxLength":2})", "minLength cannot be greater than maxLength"},
      {R"({"pattern":"["})", "pattern must be a valid regex"},
      {R"({"patternProperties":{"[":{}}})", "Invalid regex pattern '['"},
      {R"({"required":"a"})", "required must be of an array"},
      {R"({"required":["a","a"]})", "required items must be unique"},
      {R"({"enum":[1,1]})", "enum items must be unique"},
      {R"({"allOf":{}})", "anyOf must be of an array"},
      {R"({"if":5})", "if must be of an object"},
      {R"({"exclusiveMinimum":true})", "exclusiveMinimum cannot be used without minimum"},
      {R"({"$schema":"http://json-schema.org/draft-07/schema#","minimum":1,"exclusiveMinimum":true})",
       "Invalid type. Expected: number, given: exclusiveMinimum"},
      {R"({"$schema":"http://json-schema.org/draft-04/schema#","exclusiveMaximum":3})",
       "Invalid type. Expected: boolean, given: exclusiveMaximum"},
      {R"({"$schema":"http://json-schema.org/draft-04/schema#","properties":{"a":true}})", "Expected: valid schema, given: Invalid JSON"},
      {R"({"$ref":"#/x","x":{"$ref":"#/y"},"y":{"uniqueItems":"x"}})", "uniqueItems must be of a boolean"},
      {R"({"$ref":"#/x","x":5})", "valid schema must be of type object"},
  };
  for (const auto& [schema, text] : cases) EXPECT_EQ(helm3(schema, "{}"), text) << schema;
  for (const char* schema : {R"({"$schema":"http://json-schema.org/draft-04/schema#","if":5,"contains":5})", R"({"$defs":{"a":5}})",
                             R"({"$ref":"#/x","x":{"properties":{"a":{"$ref":"#/x"}}},"type":5})", "true"})
    EXPECT_EQ(helm3(schema, "{}"), "") << schema;
}

TEST(Schema, KnowsNoAnchorsInHelm3) {
  constexpr auto schema = R"({"properties":{"v":{"$ref":"#name"}},"$defs":{"a":{"$anchor":"name","type":"string"}}})";
  EXPECT_EQ(helm3(schema, R"({"v":{}})"), "");
  EXPECT_EQ(helm4(schema, R"({"v":{}})"), "- at '/v': got object, want string\n");
  EXPECT_EQ(helm4(R"({"$ref":"#/nowhere"})", "{}"), "json-pointer in \"file:///values.schema.json#/nowhere\" not found");
}

TEST(Schema, FollowsDynamicReferencesToTheOutermostAnchorInHelm4) {
  const std::string strict =
      R"({"$schema":"https://json-schema.org/draft/2020-12/schema","$id":"https://x.example/strict","$dynamicAnchor":"node","$ref":"tree",
          "unevaluatedProperties":false,"$defs":{"tree":{"$id":"tree","$dynamicAnchor":"node","type":"object",
          "properties":{"data":true,"children":{"type":"array","items":{"$dynamicRef":"#node"}}}}}})";
  EXPECT_EQ(helm4(strict, R"({"children":[{"data":1}]})"), "");
  EXPECT_EQ(helm4(strict, R"({"children":[{"daat":1}]})"), "- at '/children/0/daat': false schema\n- at '/children': false schema\n");
  const auto list = [](const std::string& anchor) {
    return R"({"$schema":"https://json-schema.org/draft/2020-12/schema","$id":"https://x.example/list","$ref":"any","$defs":{"item":{")" + anchor +
           R"(":"T","type":"string"},"any":{"$id":"any","additionalProperties":{"$dynamicRef":"#T"},"$defs":{"d":{"$dynamicAnchor":"T"}}}}})";
  };
  EXPECT_EQ(helm4(list("$dynamicAnchor"), R"({"a":1})"), "- at '/a': got number, want string\n");
  EXPECT_EQ(helm4(list("$anchor"), R"({"a":1})"), "");
  const auto recursive = [](const std::string& inner) {
    return R"({"$schema":"https://json-schema.org/draft/2019-09/schema","$id":"https://x.example/r","$recursiveAnchor":true,"$ref":"t",
               "unevaluatedProperties":false,"$defs":{"t":{"$id":"t","$recursiveAnchor":)" + inner +
           R"(,"properties":{"a":true,"c":{"type":"array","items":{"$recursiveRef":"#"}}}}}})";
  };
  EXPECT_EQ(helm4(recursive("true"), R"({"c":[{"b":1}]})"), "- at '/c/0/b': false schema\n- at '/c': false schema\n");
  EXPECT_EQ(helm4(recursive("false"), R"({"c":[{"b":1}]})"), "");
}

TEST(Schema, SaysWhyATextDoesNotFitItsFormatInHelm4) {
  const auto why = [](const std::string& format, const std::string& text) {
    const std::string schema = R"({"$schema":"http://json-schema.org/draft-07/schema#","properties":{"a":{"format":")" + format + "\"}}}";
    std::string found = helm4(schema, "{\"a\":\"" + text + "\"}");
    const std::string start = "- at '/a': '" + text + "' is not valid " + format + ": ";
    return found.starts_with(start) ? found.substr(start.size(), found.size() - start.size() - 1) : found;
  };
  EXPECT_EQ(why("email", "x"), "missing @");
  EXPECT_EQ(why("email", ".a@b"), "starts with dot");
  EXPECT_EQ(why("email", "a b@c"), "invalid character ' '");
  EXPECT_EQ(why("email", "a@-b"), "invalid domain: label starts with hyphen");
  EXPECT_EQ(why("email", "a@[1.2.3]"), "invalid ipv4 address: expected four decimals");
  EXPECT_EQ(why("email", "a@b.example"), "");
  EXPECT_EQ(why("hostname", "a..b"), "label must be 1 to 63 characters long");
  EXPECT_EQ(why("hostname", "é.x"), "invalid character 'é'");
  EXPECT_EQ(why("ipv4", "1.2.3.04"), "leading zeros");
  EXPECT_EQ(why("ipv4", "1.2.3.x"), "strconv.Atoi: parsing \"x\": invalid syntax");
  EXPECT_EQ(why("ipv4", "1.2.3.256"), "decimal must be between 0 and 255");
  EXPECT_EQ(why("ipv6", "x"), "missing colon");
  EXPECT_EQ(why("uuid", "2eb8aa08-aa98-11ea-b4aa-73b441d1638g"), "non-hex character 'g'");
  EXPECT_EQ(why("uuid", "x"), "must have 5 elements");
  EXPECT_EQ(why("json-pointer", "/a~2"), "~ must be followed by 0 or 1");
  EXPECT_EQ(why("relative-json-pointer", "01"), "starts with zero");
  EXPECT_EQ(why("regex", "("), "error parsing regexp: missing closing ): `(`");
  EXPECT_EQ(why("date-time", "x"), "less than 20 characters long");
}

TEST(Schema, MustMeetItsMetaschemaInHelm4) {
  const auto refusal = [](const std::string& draft, const std::string& findings) {
    return "\"file:///values.schema.json#\" is not valid against metaschema: jsonschema validation failed with '" + draft + "#'\n" + findings;
  };
  const std::string newest = "https://json-schema.org/draft/2020-12/schema";
  EXPECT_EQ(helm4(R"({"properties":{"a":{"type":"objec"}}})", "{}"),
            refusal(newest, "- at '': 'allOf' failed\n  - at '/properties/a': 'allOf' failed\n    - at '/properties/a/type': 'anyOf' failed\n"
                            "      - at '/properties/a/type': value must be one of 'array', 'boolean', 'integer', 'null', 'number', 'object', 'string'\n"
                            "      - at '/properties/a/type': got string, want array"));
  EXPECT_EQ(helm4(R"({"pattern":"["})", "{}"),
            refusal(newest, "- at '': 'allOf' failed\n  - at '/pattern': '[' is not valid regex: error parsing regexp: missing closing ]: `[`"));
  const std::string third = "https://json-schema.org/draft/2019-09/schema";
  EXPECT_EQ(helm4("{\"$schema\":\"" + third + "\",\"required\":\"a\"}", "{}"),
            refusal(third, "- at '': 'allOf' failed\n  - at '/required': got string, want array"));
  const std::string seventh = "http://json-schema.org/draft-07/schema";
  EXPECT_EQ(helm4("{\"$schema\":\"" + seventh + "#\",\"minLength\":-1}", "{}"),
            refusal(seventh, "- at '/minLength': 'allOf' failed\n  - at '/minLength': minimum: got -1, want 0"));
  const std::string fourth = "http://json-schema.org/draft-04/schema";
  EXPECT_EQ(helm4("{\"$schema\":\"" + fourth + "#\",\"exclusiveMinimum\":5}", "{}"),
            refusal(fourth, "- at '': properties 'minimum' required, if 'exclusiveMinimum' exists\n- at '/exclusiveMinimum': got number, want boolean"));
  EXPECT_EQ(helm4(R"({"$schema":"http://json-schema.org/draft-06/schema#","examples":5,"readOnly":5})", "{}"), "");
}

TEST(Schema, ShowsNoGroupAtTheRootInHelm4) {
  EXPECT_EQ(helm4(R"({"properties":{"v":{"maxItems":1,"uniqueItems":true}}})", R"({"v":[1,1]})"),
            "- at '/v': maxItems: got 2, want 1\n- at '/v': items at 0 and 1 are equal\n");
}

}  // namespace
}  // namespace sluice::chart
