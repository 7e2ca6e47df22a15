#include <gtest/gtest.h>

#include <cmath>

#include "core/value/json.hpp"
#include "core/value/yaml.hpp"
#include "core/value/yaml_key_order.hpp"

namespace sluice {
namespace {

/// Writes what the JSON text says.
std::string from_json(std::string_view json) {
  const auto text = to_yaml(*read_json(json));
  return text ? text->str() : text.error().what;
}

std::string pretty_from_json(std::string_view json) { return to_yaml_pretty(*read_json(json))->str(); }

std::string text(std::string_view bytes) {
  const auto yaml = to_yaml(Value::of_string(Text(bytes)));
  return yaml ? yaml->str() : yaml.error().what;
}

std::string pretty_text(std::string_view bytes) { return to_yaml_pretty(Value::of_string(Text(bytes)))->str(); }

TEST(YamlWriter, PutsListsAtTheIndentOfTheirKey) {
  EXPECT_EQ(from_json(R"({"b":{"c":[1,{"x":1,"w":["a","b"]},["p",["q"]],[]],"a":{"k":"v"}},"e":{},"z":null})"),
            "b:\n  a:\n    k: v\n  c:\n  - 1\n  - w:\n    - a\n    - b\n    x: 1\n  - - p\n    - - q\n  - []\ne: {}\nz: null");
  EXPECT_EQ(from_json(R"([{"a":1,"b":2},[[1],2],{"c":[1]},[{"x":1,"y":2}]])"),
            "- a: 1\n  b: 2\n- - - 1\n  - 2\n- c:\n  - 1\n- - x: 1\n    \"y\": 2");
}

TEST(YamlWriter, OrdersKeysNaturally) {
  EXPECT_EQ(
      from_json(
          R"({"v1.10":1,"v1.9":2,"b":3,"A":4,"_":5,"-x":6,"a1":7,"a10":8,"a2":9,"10":0,"2":0,"é":0,"a-b":0,"aB":0,"ab":0})"),
      "-x: 6\n_: 5\n\"2\": 0\n\"10\": 0\nA: 4\na-b: 0\na1: 7\na2: 9\na10: 8\naB: 0\nab: 0\nb: 3\nv1.9: 2\nv1.10: 1\né: 0");
}

TEST(YamlWriter, SurvivesKeysThatHaveNoOrder) {
  EXPECT_TRUE(yaml::key_less("a10", "a1b", yaml::Writer::v2));
  EXPECT_TRUE(yaml::key_less("a1b", "a2", yaml::Writer::v2));
  EXPECT_TRUE(yaml::key_less("a2", "a10", yaml::Writer::v2));
  std::vector<Map::Entry> entries;
  for (int i = 0; i < 200; ++i)
    entries.push_back({Text("a" + std::to_string(i % 50) + (i % 3 == 0 ? "b" : "") + std::to_string(i)), {}});
  EXPECT_TRUE(to_yaml(Value::of_map(make_ref<Map>(std::move(entries)))));
}

TEST(YamlWriter, QuotesDoubleWhatWouldReadAsSomethingElse) {
  for (const char* word : {"",         "~",
                           "null",     "y",
                           "Yes",      "off",
                           "TRUE",     "1",
                           "-1",       "007",
                           "0x1F",     "0o17",
                           "1_000",    "1.5",
                           "5.",       "1e3",
                           ".inf",     "1:20",
                           "-1:30",    "2001-12-14",
                           "2001-1-1", "2001-12-14 21:59:43",
                           "08",       "12345678901234567890"}) {
    EXPECT_EQ(text(word), "\"" + std::string(word) + "\"");
  }
  for (const char* word :
       {"nan", "TrUe", "nULL", "e3", "1e", "1e400", "0x",  "0b2",        "_1", "1:60", "2001-13-01", "2001-02-30", "1.2.3",
        "<<",  "=",    ".",    "+",  "-.", "a:b",   "a#b", "http://x/y", "-a", "?a",   "é",          "a\xC2\xA0"}) {
    EXPECT_EQ(text(word), word);
  }
}

TEST(YamlWriter, QuotesSingleWhatWouldBreakTheSyntax) {
  for (const char* word : {"a: b", "a #b", "# a", "- a", "-",  "? a", ": a", "a:", "[a", "{a",  ",a",  "&a",
                           "*a",   "!a",   "|a",  ">a",  "%a", "@a",  "`a",  " a", "a ", "---", "...a"}) {
    EXPECT_EQ(text(word), "'" + std::string(word) + "'");
  }
  EXPECT_EQ(text("'a'"), "'''a'''");
}

TEST(YamlWriter, EscapesWhatItThinksNotPrintable) {
  EXPECT_EQ(text("a\tb"), "\"a\\tb\"");
  EXPECT_EQ(text("😀"), "\"\\U0001F600\"");
  EXPECT_EQ(text("a\rb"), "\"a\\rb\"");
  EXPECT_EQ(text(std::string_view("\0", 1)), "\"\\0\"");
  EXPECT_EQ(text("\ufeffab"), "\"\\uFEFF\\x61\\x62\"");
  EXPECT_EQ(text("h\xc3"), "h\xef\xbf\xbd");
  EXPECT_EQ(text("a \xC2\x85 b"), "a b");
}

TEST(YamlWriter, RefusesWhatItsOwnReaderRefuses) {
  EXPECT_EQ(text("\x7f"), "yaml: control characters are not allowed");
  EXPECT_EQ(from_json("{\"" + std::string(1023, 'k') + "\":1}"), "yaml: did not find expected ',' or '}'");
  EXPECT_EQ(to_yaml(Value::of_float(INFINITY)).error().what, "error marshaling into JSON: json: unsupported value: +Inf");
}

TEST(YamlWriter, WritesLinesAsLiteralBlocks) {
  EXPECT_EQ(text("a\nb"), "|-\n  a\n  b");
  EXPECT_EQ(text("a\n"), "|\n  a");
  EXPECT_EQ(text("a\n\n"), "|+\n  a\n");
  EXPECT_EQ(text("\n"), "|2+\n");
  EXPECT_EQ(text(" a\n\nb"), "|2-\n   a\n\n  b");
  EXPECT_EQ(text("a \nb"), "\"a \\nb\"");
  EXPECT_EQ(text("a\n\tb"), "\"a\\n\\tb\"");
  EXPECT_EQ(from_json(R"({"a":{"b":"x\ny\n"},"l":["p\nq",{"r":"s\n\n","t":1}]})"),
            "a:\n  b: |\n    x\n    y\nl:\n- |-\n  p\n  q\n- r: |+\n    s\n\n  t: 1");
}

TEST(YamlWriter, WritesLongAndMultilineKeysWithAQuestionMark) {
  EXPECT_EQ(from_json(R"({"a\nb":[1,2],"c":3})"), "? |-\n  a\n  b\n: - 1\n  - 2\nc: 3");
  const std::string key(129, 'k');
  EXPECT_EQ(from_json("{\"" + key + "\":{\"x\":1,\"z\":[3]}}"), "? " + key + "\n: x: 1\n  z:\n  - 3");
}

TEST(YamlWriter, FoldsValuesBehindColumn80) {
  std::string words = "word";
  for (int i = 0; i < 19; ++i) words += " word";
  EXPECT_EQ(text(words),
            "word word word word word word word word word word word word word word word word word\n  word word word");
  EXPECT_EQ(text("\t" + std::string(80, 'x') + "  tail"), "\"\\t" + std::string(80, 'x') + "\n  \\ tail\"");
  EXPECT_EQ(text("a: " + std::string(80, 'x') + " tail"), "'a: " + std::string(80, 'x') + "\n  tail'");
  EXPECT_EQ(text(std::string(100, 'x')), std::string(100, 'x'));
  EXPECT_EQ(pretty_text(words), words);
}

TEST(YamlWriter, WritesFloatsAsTheirJsonFormReadsBack) {
  EXPECT_EQ(from_json("[1000000, 1e15, 1e20, 1e21, 123456789.5, 0.00001, -0.0, 12345678901234567890, 3.0]"),
            "- 1000000\n- 1000000000000000\n- 1e+20\n- 1e+21\n- 1.234567895e+08\n- 1e-05\n- 0\n- 12345678901234567000\n- 3");
  EXPECT_EQ(to_yaml(Value::of_int64(9007199254740993))->str(), "9007199254740993");
}

TEST(YamlWriter, WritesTypedNilsAndBytesAsJsonDoes) {
  EXPECT_EQ(to_yaml(Value::new_list({Value::nil_list(), Value::nil_map(), Value::of_bytes(Text("hi"))}))->str(),
            "- null\n- null\n- aGk=");
}

TEST(YamlWriter, KeepsTheMarksOfSecrets) {
  TextBuilder builder;
  builder.append("a\t");
  builder.append_secret("p\tw");
  const Value map = Value::new_map({{"k", Value::of_string(Text::secret("pw"))}, {"q", Value::of_string(builder.finish())}});
  const Text yaml = *to_yaml(map);
  EXPECT_EQ(yaml.str(), "k: pw\nq: \"a\\tp\\tw\"");
  EXPECT_EQ(std::vector<Mark>(yaml.marks().begin(), yaml.marks().end()), (std::vector<Mark>{{3, 5}, {13, 17}}));
}

TEST(YamlWriter, KeepsTheMarksOfSecretLines) {
  const Text yaml = *to_yaml(Value::new_map({{"k", Value::of_string(Text::secret("a\nb\n"))}}));
  EXPECT_EQ(yaml.str(), "k: |\n  a\n  b");
  EXPECT_EQ(std::vector<Mark>(yaml.marks().begin(), yaml.marks().end()), (std::vector<Mark>{{5, 12}}));
}

TEST(YamlPretty, IndentsListsUnderTheirKey) {
  EXPECT_EQ(pretty_from_json(R"({"c":[1,{"w":["a"],"x":1},["p",["q"]],[]],"e":{}})"),
            "c:\n  - 1\n  - w:\n      - a\n    x: 1\n  - - p\n    - - q\n  - []\ne: {}");
  EXPECT_EQ(pretty_from_json("{\"" + std::string(129, 'j') + "\":[1]}"), "? " + std::string(129, 'j') + "\n: - 1");
}

TEST(YamlPretty, WritesFloatsAsTheyPrint) {
  EXPECT_EQ(pretty_from_json("[1000000, 1e21, 0.1]"), "- 1e+06\n- 1e+21\n- 0.1");
  EXPECT_EQ(to_yaml_pretty(Value::new_list({Value::of_float(INFINITY), Value::of_float(NAN)}))->str(), "- .inf\n- .nan");
}

TEST(YamlPretty, PutsLettersFirstAfterADigit) {
  EXPECT_EQ(pretty_from_json(R"({"a1b":1,"a10":2,"a1-":3,"a1":4,"a2":5,"a":6})"), "a: 6\na1: 4\na1b: 1\na1-: 3\na2: 5\na10: 2");
}

TEST(YamlPretty, KeepsTabsInLiteralsAndBytesInBase64) {
  EXPECT_EQ(pretty_text("a\tb\nc"), "|-\n  a\tb\n  c");
  EXPECT_EQ(pretty_text("a\tb"), "\"a\\tb\"");
  EXPECT_EQ(pretty_text("h\xc3"), "!!binary aMM=");
  EXPECT_EQ(pretty_text("yes"), "\"yes\"");
  EXPECT_EQ(to_yaml_pretty(Value::nil_list())->str(), "[]");
}

}  // namespace
}  // namespace sluice
