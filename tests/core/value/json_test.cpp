#include "core/value/json.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace sluice {
namespace {

std::string problem(std::string_view text, const JsonOptions& options = {}) {
  const auto value = read_json(text, options);
  return value ? "" : value.error().what;
}

std::string again(std::string_view text, const JsonOptions& options = {}) {
  const auto value = read_json(text, options);
  return value ? to_json(*value)->str() : value.error().what;
}

TEST(JsonReader, SaysWhatGoSaysAboutBadText) {
  EXPECT_EQ(problem("{"), "unexpected end of JSON input");
  EXPECT_EQ(problem(""), "unexpected end of JSON input");
  EXPECT_EQ(problem("[nul"), "invalid character ' ' in literal null (expecting 'l')");
  EXPECT_EQ(problem("[1."), "invalid character ' ' after decimal point in numeric literal");
  EXPECT_EQ(problem("\"\\"), "invalid character ' ' in string escape code");
  EXPECT_EQ(problem("{} x"), "invalid character 'x' after top-level value");
  EXPECT_EQ(problem("{a:1}"), "invalid character 'a' looking for beginning of object key string");
  EXPECT_EQ(problem("{\"a\":1,}"), "invalid character '}' looking for beginning of object key string");
  EXPECT_EQ(problem("{\"a\":tru}"), "invalid character '}' in literal true (expecting 'e')");
  EXPECT_EQ(problem("{\"a\":01}"), "invalid character '1' after object key:value pair");
  EXPECT_EQ(problem("{\"a\" 1}"), "invalid character '1' after object key");
  EXPECT_EQ(problem("[1 2]"), "invalid character '2' after array element");
  EXPECT_EQ(problem("[1,]"), "invalid character ']' looking for beginning of value");
  EXPECT_EQ(problem("\"\\x\""), "invalid character 'x' in string escape code");
  EXPECT_EQ(problem("\"\\u12g4\""), "invalid character 'g' in \\u hexadecimal character escape");
  EXPECT_EQ(problem("\"a\nb\""), "invalid character '\\n' in string literal");
  EXPECT_EQ(problem("-x"), "invalid character 'x' in numeric literal");
  EXPECT_EQ(problem("1.x"), "invalid character 'x' after decimal point in numeric literal");
  EXPECT_EQ(problem("1ex"), "invalid character 'x' in exponent of numeric literal");
  EXPECT_EQ(problem("{'a':1}"), "invalid character '\\'' looking for beginning of object key string");
  EXPECT_EQ(problem("\xff"), "invalid character 'ÿ' looking for beginning of value");
}

TEST(JsonReader, TellsWhatItGotInsteadOfAMap) {
  EXPECT_EQ(problem("[1]", {.target = JsonTarget::map}),
            "json: cannot unmarshal array into Go value of type map[string]interface {}");
  EXPECT_EQ(problem("{}", {.target = JsonTarget::list}), "json: cannot unmarshal object into Go value of type []interface {}");
  EXPECT_EQ(again("null", {.target = JsonTarget::map}), "null");
}

TEST(JsonReader, KeepsWhatItReadBesideANumberThatDoesNotFit) {
  const JsonRead read = read_json_leniently("{\"a\":1e400,\"b\":2}", {.target = JsonTarget::map});
  EXPECT_EQ(read.error->what, "json: cannot unmarshal number 1e400 into Go value of type float64");
  EXPECT_EQ(to_json(read.value)->str(), "{\"a\":null,\"b\":2}");
}

TEST(JsonReader, JoinsSurrogatesAndReplacesLoneOnes) {
  EXPECT_EQ(read_json(R"("\ud83d\ude00 \ud83d x \/ \ud83d\u0041")")->str(),
            "😀 \xef\xbf\xbd x / \xef\xbf\xbd"
            "A");
}

TEST(JsonReader, KeepsIntegersWhenAskedForTypes) {
  EXPECT_EQ(again("[9007199254740993]"), "[9007199254740992]");
  const JsonOptions typed{.numbers = Numbers::typed};
  EXPECT_EQ(again("[9007199254740993, 18446744073709551615, -1, 1.0]", typed), "[9007199254740993,18446744073709551615,-1,1]");
}

TEST(JsonReader, BoundsDepthAndCanRefuseEqualKeys) {
  EXPECT_EQ(problem(std::string(2000, '[')), "exceeded max depth");
  EXPECT_EQ(again("{\"a\":1,\"a\":2}"), "{\"a\":2}");
  EXPECT_EQ(problem("{\"a\":1,\"a\":2}", {.refuse_duplicate_keys = true}), "json: an object has the same key twice");
}

TEST(JsonWriter, EscapesAsGoDoes) {
  const Value text = Value::of_string(Text(std::string_view("<a>&\"\\/\t\n\b\f\x00\x1f\x7f é \u2028 h\xc3", 24)));
  EXPECT_EQ(to_json(text)->str(), "\"\\u003ca\\u003e\\u0026\\\"\\\\/\\t\\n\\b\\f\\u0000\\u001f\x7f é \\u2028 h\\ufffd\"");
  EXPECT_EQ(to_json(Value::of_string(Text("<&>\u2029")), JsonStyle::raw)->str(), "\"<&>\\u2029\"");
}

TEST(JsonWriter, WritesTypedNilsAsNullAndBytesInBase64) {
  const Value value = Value::new_map({{"n", Value::nil_list()}, {"e", Value::new_list()}, {"b", Value::of_bytes(Text("hi"))}});
  EXPECT_EQ(to_json(value)->str(), R"({"b":"aGk=","e":[],"n":null})");
}

TEST(JsonWriter, IndentsPrettyByTwo) {
  const Value value = Value::new_map(
      {{"a", Value::of_int(1)}, {"b", Value::new_list({Value::of_int(1), Value::new_map()})}, {"e", Value::new_list()}});
  EXPECT_EQ(to_json(value, JsonStyle::pretty)->str(), "{\n  \"a\": 1,\n  \"b\": [\n    1,\n    {}\n  ],\n  \"e\": []\n}");
}

TEST(JsonWriter, RefusesWhatJsonCannotSay) {
  EXPECT_EQ(to_json(Value::of_float(INFINITY)).error().what, "json: unsupported value: +Inf");
  Value map = Value::new_map();
  map.map()->set("self", map);
  EXPECT_EQ(to_json(map).error().what, "json: unsupported value: encountered a cycle via map[string]interface {}");
  map.map()->erase("self");
}

TEST(JsonWriter, KeepsTheMarksOfSecrets) {
  TextBuilder builder;
  builder.append("a<");
  builder.append_secret("p<w");
  Value number = Value::of_int(42);
  number.set_secret_bit(true);
  const Text json = *to_json(Value::new_list({Value::of_string(builder.finish()), number}));
  EXPECT_EQ(json.str(), R"(["a\u003cp\u003cw",42])");
  EXPECT_EQ(std::vector<Mark>(json.marks().begin(), json.marks().end()), (std::vector<Mark>{{9, 17}, {19, 21}}));
}

}  // namespace
}  // namespace sluice
