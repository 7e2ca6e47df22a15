#include <gtest/gtest.h>

#include "core/value/json.hpp"
#include "core/value/yaml.hpp"

namespace sluice {
namespace {

/// The document as JSON, or the error's text.
std::string read(std::string_view text, const YamlOptions& options = {}) {
  const auto value = read_yaml(text, options);
  if (!value) return value.error().what;
  const auto json = to_json(*value);
  return json ? json->str() : json.error().what;
}

/// The error that Go prefixes as sigs.k8s.io/yaml does.
std::string go(std::string_view problem) { return "error converting YAML to JSON: yaml: " + std::string(problem); }

TEST(YamlReader, ReadsYaml11WordsAsBools) {
  EXPECT_EQ(read("[y, Yes, ON, true, n, no, OFF, False, tRue, yEs, t, 'yes', nULL, ~, Null]"),
            R"([true,true,true,true,false,false,false,false,"tRue","yEs","t","yes","nULL",null,null])");
}

TEST(YamlReader, ReadsEveryFormOfNumber) {
  EXPECT_EQ(read("[+1, 010, 0o10, 0x1F, -0b11, 1_000, 08, 1__0, _1, 0o8, 1.5, .5, 5., 1e3, 1.e3, e3, 1e400, 0x1p4, 1:20]"),
            R"([1,8,8,31,-3,1000,8,10,"_1","0o8",1.5,0.5,5,1000,1000,"e3","1e400","0x1p4","1:20"])");
  EXPECT_EQ(read("[12345678901234567890, 9007199254740993, 2001-12-14]"),
            R"([12345678901234567000,9007199254740992,"2001-12-14"])");
  EXPECT_EQ(read("a: .inf"), "error converting YAML to JSON: json: unsupported value: +Inf");
  EXPECT_EQ(read("a: .nan\na: 1"), R"({"a":1})");
}

TEST(YamlReader, MakesEveryNumberAFloatUnlessAskedForTypes) {
  EXPECT_EQ(read_yaml("a: 1")->find("a")->kind(), Kind::float64);
  const YamlOptions typed{.numbers = Numbers::typed};
  EXPECT_EQ(read_yaml("a: 1", typed)->find("a")->kind(), Kind::int64);
  EXPECT_EQ(read_yaml("a: 1.0", typed)->find("a")->kind(), Kind::float64);
  EXPECT_EQ(read("[9007199254740993, 12345678901234567890]", typed), "[9007199254740993,12345678901234567890]");
}

TEST(YamlReader, MakesTextsOfKeys) {
  EXPECT_EQ(read("1: a\n1.5: b\ny: c\nn: d\n0x10: e\n1e3: f\n010: g\n16777217.5: h\n2001-01-01: i\n"),
            R"({"1":"a","1.5":"b","1.6777218e+07":"h","1000":"f","16":"e","2001-01-01":"i","8":"g","false":"d","true":"c"})");
  EXPECT_EQ(read("~: a"), R"(error converting YAML to JSON: unsupported map key of type: %!s(<nil>), key: <nil>, value: "a")");
  EXPECT_EQ(
      read("12345678901234567890: [1]"),
      "error converting YAML to JSON: unsupported map key of type: uint64, key: 0xab54a98ceb1f0ad2, value: []interface {}{1}");
  EXPECT_EQ(read("{a: 1}: b"), go(R"(invalid map key: map[interface {}]interface {}{"a":1})"));
}

TEST(YamlReader, LetsTheLastOfEqualKeysWin) { EXPECT_EQ(read("a: 1\nb: 2\na: 3\n"), R"({"a":3,"b":2})"); }

TEST(YamlReader, NamesEveryKeyThatIsThereTwiceWhenAsked) {
  EXPECT_EQ(read("a: 1\nb: 2\na: 3\nb: 4\n", {.duplicate_keys = DuplicateKeys::error}),
            go("unmarshal errors:\n  line 3: key \"a\" already set in map\n  line 4: key \"b\" already set in map"));
}

TEST(YamlReader, MergesWhereTheMergeKeyStands) {
  EXPECT_EQ(read("b: &b {x: 1, z: 2}\nfirst: {<<: *b, x: 9}\nlast: {x: 9, <<: *b}\n"),
            R"({"b":{"x":1,"z":2},"first":{"x":9,"z":2},"last":{"x":1,"z":2}})");
  EXPECT_EQ(read("p: &p {x: 1}\nq: &q {x: 2, w: 3}\na: {<<: [*p, *q]}\n"),
            R"({"a":{"w":3,"x":1},"p":{"x":1},"q":{"w":3,"x":2}})");
  EXPECT_EQ(read("'<<': {x: 1}"), R"({"\u003c\u003c":{"x":1}})");
  EXPECT_EQ(read("<<: 5"), go("map merge requires map or sequence of maps as the value"));
}

TEST(YamlReader, FollowsAnchors) {
  EXPECT_EQ(read("a: &x 1\nb: *x\nc: &x 2\nd: *x\n"), R"({"a":1,"b":1,"c":2,"d":2})");
  EXPECT_EQ(read("a: *x"), go("unknown anchor 'x' referenced"));
  EXPECT_EQ(read("a: &x [*x]"), go("anchor 'x' value contains itself"));
}

TEST(YamlReader, ObeysTags) {
  EXPECT_EQ(read("[!!str 1, !!int \"12\", !!float 1, !!bool yes, !!binary aGk=, !foo bar, !!null '', !!str , "
                 "!<tag:yaml.org,2002:str> 5]"),
            R"(["1",12,1,true,"hi","bar",null,"","5"])");
  EXPECT_EQ(read("a: !!int x"), go("cannot decode !!str `x` as a !!int"));
  EXPECT_EQ(read("a: !x!y 5"), go("found undefined tag handle"));
  EXPECT_EQ(read("%TAG !x! tag:yaml.org,2002:\n---\na: !x!str 5"), R"({"a":"5"})");
}

TEST(YamlReader, ReadsBlockScalars) {
  EXPECT_EQ(read("a: |\n  x\n   y\n\n  z\n\nb: |-\n  x\nc: |+\n  x\n\nd: >\n  a\n  b\n\n  c\n   d\n  e\nf: |2\n   x\n"),
            R"({"a":"x\n y\n\nz\n","b":"x","c":"x\n\n","d":"a b\nc\n d\ne\n","f":" x\n"})");
  EXPECT_EQ(read("a: |\n  x"), R"({"a":"x"})");
  EXPECT_EQ(read("a: |\n\tx\n"), go("line 2: found a tab character where an indentation space is expected"));
  EXPECT_EQ(read("a: |x\n  z\n"), go("did not find expected comment or line break"));
}

TEST(YamlReader, FoldsScalarsOverLines) {
  EXPECT_EQ(read("a: x\n  y\n\n  z\nb: \"x\n  y\n\n  z \\\n  w\"\nc: 'it''s\n  y'\n"),
            R"({"a":"x y\nz","b":"x y\nz w","c":"it's y"})");
}

TEST(YamlReader, KnowsOnlyTheEscapesOfGo) {
  EXPECT_EQ(read(R"("\x41\u00e9\U0001F600\t\_\'")"), "\"Aé😀\\t\u00a0'\"");
  EXPECT_EQ(read(R"("x\/y")"), go("found unknown escape character"));
  EXPECT_EQ(read(R"("\ud83d\ude00")"), go("found invalid Unicode character escape code"));
}

TEST(YamlReader, ReadsFlowCollections) {
  EXPECT_EQ(read("{b: 1, c: [1, {d: 3}], f: \"x\", \"i\":j, k, e:1, u: http://x,}"),
            R"({"b":1,"c":[1,{"d":3}],"e:1":null,"f":"x","i":"j","k":null,"u":"http://x"})");
  EXPECT_EQ(read("[a, d: 1, -b,\n]"), R"(["a",{"d":1},"-b"])");
  EXPECT_EQ(read("a: {u: x?y}"), go("did not find expected ',' or '}'"));
}

TEST(YamlReader, CountsLinesInErrorsAsGoDoes) {
  EXPECT_EQ(read("a: b: c\n"), go("mapping values are not allowed in this context"));
  EXPECT_EQ(read("x: 1\nz: 2\na: b: c\n"), go("line 3: mapping values are not allowed in this context"));
  EXPECT_EQ(read("a:\n  b: 1\n c: 2\n"), go("line 2: did not find expected key"));
  EXPECT_EQ(read("a: 1\nb\nc: 2\n"), go("line 3: could not find expected ':'"));
  EXPECT_EQ(read("a: \"x\n"), go("line 2: found unexpected end of stream"));
  EXPECT_EQ(read("a: [1, 2\n"), go("line 1: did not find expected ',' or ']'"));
  EXPECT_EQ(read("a:\n\tb: 1\n"), go("line 2: found character that cannot start any token"));
  EXPECT_EQ(read("a: *.txt\n"), go("did not find expected alphabetic or numeric character"));
}

TEST(YamlReader, RefusesControlCharacters) {
  EXPECT_EQ(read("a: \x01"), go("control characters are not allowed"));
  EXPECT_EQ(read("a: \x7f"), go("control characters are not allowed"));
  EXPECT_EQ(read("a: \xc2\x80"), go("control characters are not allowed"));
  EXPECT_EQ(read("a: \xff"), go("invalid leading UTF-8 octet"));
  EXPECT_EQ(read("a: \xc3"), go("incomplete UTF-8 octet sequence"));
}

TEST(YamlReader, ReportsABadCharacterOnlyWhenItGetsThere) {
  EXPECT_EQ(read("a: b: c\n#" + std::string(600, 'x') + "\x01"), go("mapping values are not allowed in this context"));
  EXPECT_EQ(read("a: b\n#" + std::string(600, 'x') + "\x01"), go("control characters are not allowed"));
}

TEST(YamlReader, ReadsOnlyTheFirstDocument) {
  EXPECT_EQ(read("a: 1\n---\nb: c: d\n"), R"({"a":1})");
  EXPECT_EQ(read("# nothing\n"), "null");
  EXPECT_EQ(read(""), "null");
  EXPECT_EQ(read("%YAML 1.2\n---\na: 1\n"), go("found incompatible YAML document"));
  EXPECT_EQ(read("\xef\xbb\xbf%YAML 1.1\n--- {a: 1}\n...\n"), R"({"a":1})");
}

TEST(YamlReader, ReadsAllDocumentsOfAStream) {
  const auto documents = read_yaml_documents("a: 1\n---\n---\n- b\n...\n---\nc: 2\n");
  ASSERT_TRUE(documents);
  ASSERT_EQ(documents->size(), 4u);
  EXPECT_TRUE((*documents)[1].is_nil());
  EXPECT_EQ((*documents)[2].items()[0].str(), "b");
  EXPECT_EQ((*documents)[3].find("c")->as_float(), 2);
  EXPECT_EQ(read_yaml_documents("a: 1\n---\nb: c: d\n").error().what,
            go("line 3: mapping values are not allowed in this context"));
}

TEST(YamlReader, TellsWhatItGotInsteadOfAMap) {
  EXPECT_EQ(
      read_yaml_map("- a").error().what,
      "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array into Go value of type map[string]interface {}");
  EXPECT_EQ(read_yaml_list("abc").error().what,
            "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal string into Go value of type []interface {}");
  EXPECT_EQ(to_json(*read_yaml_map("~"))->str(), "{}");
  EXPECT_EQ(to_json(*read_yaml_list(""))->str(), "[]");
}

TEST(YamlReader, StopsAtItsLimitsAndNamesThem) {
  EXPECT_EQ(read(std::string(200, '[')), "yaml-too-deep: more than 100 levels, limit 100 (limits.yaml_depth)");
  EXPECT_EQ(read("[1, 2, 3]", {.max_nodes = 3}), "yaml-too-many-nodes: more than 3 nodes, limit 3");
  EXPECT_EQ(read("a: 1\n", {.max_bytes = 4}), "yaml-too-large: 5 bytes, limit 4 (limits.yaml_bytes)");
}

TEST(YamlReader, CountsNodesThroughAliases) {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 8; ++i) {
    const std::string alias = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + alias;
    for (int j = 0; j < 9; ++j) bomb += ", " + alias;
    bomb += "]\n";
  }
  EXPECT_EQ(read(bomb), go("document contains excessive aliasing"));
}

TEST(YamlReader, KnowsWhereKeysAndItemsStand) {
  std::vector<YamlPosition> positions;
  ASSERT_TRUE(read_yaml("\xEF\xBB\xBF" "a:\n  b: [é, x]\r\nc: 2\n", {.positions = &positions}));
  std::string text;
  for (const auto& [path, line, column, offset] : positions) {
    text += path + "@" + std::to_string(line) + ":" + std::to_string(column) + "=" + std::to_string(offset) + " ";
  }
  EXPECT_EQ(text, "a@1:1=3 a.b@2:3=8 a.b[0]@2:7=12 a.b[1]@2:10=16 c@3:1=20 ");
}

TEST(YamlReader, ReadsStateFilesByTheRulesOfHelmfile) {
  const YamlOptions helmfile{.rules = YamlRules::helmfile, .numbers = Numbers::typed};
  EXPECT_EQ(read("[yes, on, true, 1e3, 1.5e3, 010, 12:30, 1_000, 0x1F]", helmfile),
            R"(["yes","on",true,"1e3",1500,8,"12:30",1000,31])");
  EXPECT_EQ(read("a: b: c", helmfile), "yaml: mapping values are not allowed in this context");
}

TEST(YamlReader, ReadsManifestsByTheRulesOfKustomize) {
  const YamlOptions kustomize{.rules = YamlRules::kustomize, .numbers = Numbers::typed};
  EXPECT_EQ(read("[y, on, true, 1e3, 010, 0o10, 1_000, 12:30, ~]", kustomize), R"(["y","on",true,1000,8,8,1000,"12:30",null])");
  EXPECT_EQ(read("1: a\n1.10: b\ny: c\n", kustomize), R"({"1":"a","1.10":"b","y":"c"})");
  EXPECT_EQ(read("b: &b {x: 1, z: 2}\nlast: {x: 9, <<: *b}\n", kustomize), R"({"b":{"x":1,"z":2},"last":{"x":9,"z":2}})");
}

TEST(YamlReader, TellsAValueThatIsNotWrittenFromNullForKustomize) {
  const auto value = read_yaml("a:\nb: null\n", {.rules = YamlRules::kustomize});
  ASSERT_TRUE(value);
  EXPECT_TRUE(value->find("a")->is_typed_nil());
  EXPECT_TRUE(value->find("b")->is_nil());
}

TEST(YamlReader, FindsKeysThatAreThereTwiceBesideMergedOnes) {
  const YamlOptions options{.rules = YamlRules::kustomize, .duplicate_keys = DuplicateKeys::error};
  EXPECT_EQ(read("b: &b {x: 1}\nc: {x: 2, <<: *b}\n", options), R"({"b":{"x":1},"c":{"x":2}})");
  EXPECT_EQ(read("b: &b {x: 1}\nc: {x: 2, <<: *b, x: 3}\n", options), "yaml: unmarshal errors:\n  line 2: key \"x\" already set in map");
}

TEST(YamlReader, KnowsWhichTextsAreInQuotes) {
  std::unordered_set<const void*> quoted;
  const auto list = read_yaml("- plain\n- 'plain'\n- \"b\"\n- c\n- |-\n  d\n", {.quoted = &quoted});
  ASSERT_TRUE(list);
  std::string text;
  for (const Value& item : list->items()) text += quoted.contains(item.identity()) ? "quoted " : "plain ";
  EXPECT_EQ(text, "plain quoted quoted plain quoted ");
}

/// "before", secret, "after" in one text.
Text with_secret(std::string_view before, std::string_view secret, std::string_view after) {
  TextBuilder out;
  out.append(before);
  out.append_secret(secret);
  out.append(after);
  return out.finish();
}

TEST(YamlReader, CarriesMarksOver) {
  const auto part = read_marked_yaml(with_secret("a: x\nurl: db://", "pw", "@host\nb: y\n"));
  ASSERT_TRUE(part);
  EXPECT_FALSE(has_marks(*part->find("a")));
  EXPECT_FALSE(has_marks(*part->find("b")));
  const Text url = part->find("url")->text();
  ASSERT_EQ(url.marks().size(), 1u);
  EXPECT_EQ(url.marks().front(), (Mark{5, 7}));
  const auto number = read_marked_yaml(with_secret("pin: ", "4711", "\n"));
  EXPECT_TRUE(number->find("pin")->secret_bit());
}

TEST(YamlReader, CarriesMarksOverBehindCharactersOfSeveralBytesAndOtherLineEnds) {
  const auto flow = read_marked_yaml(with_secret("{a: éééééééé, b: ", "pw", ", c: x}\n"));
  ASSERT_TRUE(flow);
  EXPECT_TRUE(has_marks(*flow->find("b")));
  EXPECT_FALSE(has_marks(*flow->find("c")));
  const auto lines = read_marked_yaml(with_secret("a: x\r\rb: ", "pw", "\rc: x\r\n"));
  ASSERT_TRUE(lines);
  EXPECT_TRUE(has_marks(*lines->find("b")));
  EXPECT_FALSE(has_marks(*lines->find("c")));
}

TEST(YamlReader, MarksAllOfATextThatItCannotFollowToTheByte) {
  const auto block = read_marked_yaml(with_secret("a: |\n  one\n  ", "pw", "\n  two\nb: c\n"));
  ASSERT_TRUE(block);
  EXPECT_EQ(block->find("a")->text().marks().front(), (Mark{0, 11}));
  EXPECT_FALSE(has_marks(*block->find("b")));
  const auto escaped = read_marked_yaml(with_secret("a: \"x\\t", "pw", "\"\n"));
  EXPECT_EQ(escaped->find("a")->text().marks().front(), (Mark{0, 4}));
  const auto key = read_marked_yaml(with_secret("", "pw", ": x\n"));
  EXPECT_TRUE(key->map()->begin()->key.has_marks());
}

}  // namespace
}  // namespace sluice
