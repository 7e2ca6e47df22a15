#include "core/value/toml.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "core/value/json.hpp"

namespace sluice {
namespace {

std::string read(std::string_view text, const TomlOptions& options = {}) {
  const auto value = read_toml(text, options);
  return value ? to_json(*value)->str() : value.error().what;
}

std::string write(const Value& value, TomlRules rules = TomlRules::helm3) {
  const auto text = to_toml(value, rules);
  return text ? text->str() : text.error().what;
}

Value from_json(std::string_view json, Numbers numbers = Numbers::typed) { return *read_json(json, {.numbers = numbers}); }

TEST(TomlReader, ReadsTablesArraysAndEverySortOfValue) {
  EXPECT_EQ(read("a = 1\nb = 'x'\n[c]\nd = [1, 2, # two\n]\n[[e]]\nf = 1.5\n[[e]]\nf = true\n[c.d2]\nn = {x = 1, y.z = 2}\n"),
            R"({"a":1,"b":"x","c":{"d":[1,2],"d2":{"n":{"x":1,"y":{"z":2}}}},"e":[{"f":1.5},{"f":true}]})");
  EXPECT_EQ(read("i = 1_000\nh = 0xff\no = 0o17\nb = 0b11\nf = 1e3\nneg = -5\nk.z = 1\n\"q r\" = 2\n"),
            R"({"b":3,"f":1000,"h":255,"i":1000,"k":{"z":1},"neg":-5,"o":15,"q r":2})");
  EXPECT_EQ(read("s = \"\"\"\na\\\n   b\"\"\"\nl = '''\nc\\d'''\ne = \"\\u00e9\\t\"\n"), R"({"e":"é\t","l":"c\\d","s":"ab"})");
  EXPECT_EQ(read_toml("a = 1")->find("a")->kind(), Kind::int64);
  EXPECT_EQ(read_toml("a = 1.0")->find("a")->kind(), Kind::float64);
}

TEST(TomlReader, ReadsTimes) {
  EXPECT_EQ(
      read("d = 2020-01-02T03:04:05Z\nld = 2020-01-02\nlt = 03:04:05.50\nldt = 2020-01-02 03:04:05\nz = "
           "2020-01-02t03:04:05-07:00\n"),
      R"({"d":"2020-01-02T03:04:05Z","ld":"2020-01-02T00:00:00Z","ldt":"2020-01-02T03:04:05Z","lt":"0000-01-01T03:04:05.5Z","z":"2020-01-02T03:04:05-07:00"})");
  const TomlOptions seconds{.make_time = [](const TomlTime& time) { return Value::of_int64(time.seconds); }};
  EXPECT_EQ(read("a = 1970-01-02\nb = 1970-01-01T01:00:00+01:00\n", seconds), R"({"a":86400,"b":0})");
  EXPECT_EQ(read("a = 2020-02-30"), "toml: line 1 (last key \"a\"): invalid datetime: \"2020-02-30\"");
}

TEST(TomlReader, SaysWhatTheOriginalSaysAboutBadText) {
  EXPECT_EQ(read("a = "), "toml: line 0 (last key \"a\"): unexpected EOF; expected value");
  EXPECT_EQ(read("a = ", {.rules = TomlRules::helm4}), "toml: line 1 (last key \"a\"): unexpected EOF; expected value");
  EXPECT_EQ(read("a"), "toml: line 0: unexpected EOF; expected key separator '='");
  EXPECT_EQ(read("a = 1\na = 2"), "toml: line 2 (last key \"a\"): Key 'a' has already been defined.");
  EXPECT_EQ(read("a = x"), "toml: line 1 (last key \"a\"): expected value but found \"x\" instead");
  EXPECT_EQ(read("[a\n"), "toml: line 2: expected '.' or ']' to end table name, but got '\\n' instead");
  EXPECT_EQ(read("a = \"x"), "toml: line 0 (last key \"a\"): unexpected EOF; expected '\"'");
  EXPECT_EQ(read("a = 01"), "toml: line 1 (last key \"a\"): Invalid integer \"01\": cannot have leading zeroes");
  EXPECT_EQ(read("a = [1 2]"), "toml: line 1 (last key \"a\"): expected a comma (',') or array terminator (']'), but got '2'");
  EXPECT_EQ(read("a = {b = 1, b = 2}"), "toml: line 1 (last key \"a.b\"): Key 'a.b' has already been defined.");
  EXPECT_EQ(read("a = \"\x01\""), "toml: line 1 (last key \"a\"): TOML files cannot contain control characters: '0x01'");
  std::string long_key = "a";
  for (int i = 0; i < 600; ++i) long_key += ".b";
  EXPECT_EQ(read(long_key + " = 1"), "toml: line 1: a key has more than 500 parts");
  EXPECT_EQ(read("[" + long_key + "]"), "toml: line 1: a key has more than 500 parts");
  EXPECT_EQ(read("a = " + std::string(300, '[')), "toml: line 1 (last key \"a\"): values nest deeper than 100 levels");
}

TEST(TomlWriter, WritesValuesBeforeTables) {
  EXPECT_EQ(write(from_json(R"({"x":{"z":{"w":1},"a":2},"b":1,"y":{}})")), "b = 1\n\n[x]\n  a = 2\n  [x.z]\n    w = 1\n\n[y]\n");
  EXPECT_EQ(write(from_json(R"({"t":[{"a":1},{"a":2,"s":{"q":1}}],"z":1})")),
            "z = 1\n\n[[t]]\n  a = 1\n\n[[t]]\n  a = 2\n  [t.s]\n    q = 1\n");
  EXPECT_EQ(write(from_json(R"({"l":[1,"a",{"k":1,"m":[1]},[2]],"e":[]})")), "e = []\nl = [1, \"a\", {k = 1, m = [1]}, [2]]\n");
}

TEST(TomlWriter, QuotesKeysAndTexts) {
  EXPECT_EQ(write(from_json(R"({"a b":{"c.d":{"e":"q\"\\\n\t\u0001\u007fé"}},"":3,"a-b_1":4})")),
            "\"\" = 3\na-b_1 = 4\n\n[\"a b\"]\n  [\"a b\".\"c.d\"]\n    e = \"q\\\"\\\\\\n\\t\\u0001\\u007fé\"\n");
}

TEST(TomlWriter, WritesFloatsWithAPoint) {
  const Value floats = from_json(R"({"a":1,"b":1.5,"d":1000000,"e":1e30,"f":1e-7})", Numbers::float64);
  EXPECT_EQ(write(floats), "a = 1.0\nb = 1.5\nd = 1000000.0\ne = 1000000000000000000000000000000.0\nf = 0.0000001\n");
  EXPECT_EQ(write(floats, TomlRules::helm4), "a = 1.0\nb = 1.5\nd = 1e+06\ne = 1e+30\nf = 1e-07\n");
  EXPECT_EQ(write(Value::new_map({{"a", Value::of_float(-INFINITY)}, {"b", Value::of_float(NAN)}})), "a = -inf\nb = nan\n");
}

TEST(TomlWriter, RefusesWhatTomlCannotSay) {
  EXPECT_EQ(write(from_json(R"({"a":null,"b":1})")), "b = 1\n");
  EXPECT_EQ(write(from_json(R"({"a":[1,null]})")), "toml: cannot encode array with nil element");
  EXPECT_EQ(write(from_json(R"([{"a":1}])")), "toml: top-level values must be Go maps or structs");
  EXPECT_EQ(write(Value()), "reflect: call of reflect.Value.Type on zero Value");
  EXPECT_EQ(write(from_json("[1, 2]")), "[1, 2]");
}

TEST(TomlWriter, KeepsTheMarksOfSecrets) {
  const Text text = *to_toml(Value::new_map({{"a", Value::of_string(Text::secret("p\"w"))}, {"b", Value::of_int(1)}}));
  EXPECT_EQ(text.str(), "a = \"p\\\"w\"\nb = 1\n");
  EXPECT_EQ(std::vector<Mark>(text.marks().begin(), text.marks().end()), (std::vector<Mark>{{4, 10}}));
}

}  // namespace
}  // namespace sluice
