#include <gtest/gtest.h>

#include "core/chart/values.hpp"
#include "core/value/json.hpp"

namespace sluice::chart {
namespace {

/// What applying `text` to the values `before` gives: their JSON, or "error: TEXT".
std::string apply(SetFlag flag, std::string_view text, std::string_view before = "{}") {
  Value values = *read_json(before, {.target = JsonTarget::map});
  const ReadFile read = [](std::string_view path) -> Result<std::string> {
    if (path == "none") return Error{Errc::not_found, "open none: no such file or directory"};
    return "<" + std::string(path) + ">\n";
  };
  auto done = apply_set(flag, text, values, read);
  if (!done) return "error: " + done.error().what;
  return to_json(values, JsonStyle::raw)->str();
}

std::string set(std::string_view text, std::string_view before = "{}") { return apply(SetFlag::set, text, before); }

TEST(Set, ReadsNestedKeysListsAndTypes) {
  EXPECT_EQ(set("a.b=1,a.c=x"), R"({"a":{"b":1,"c":"x"}})");
  EXPECT_EQ(set("a[1].b=1"), R"({"a":[null,{"b":1}]})");
  EXPECT_EQ(set("a[0][1]=x"), R"({"a":[[null,"x"]]})");
  EXPECT_EQ(set("a={x,2,true}"), R"({"a":["x",2,true]})");
  EXPECT_EQ(set("a={},b={,}"), R"({"a":[""],"b":["",""]})");
  EXPECT_EQ(set("a={x}b=1"), R"({"a":["x"],"b":1})");
  EXPECT_EQ(set("a=TRUE,b=False,c=Null,d=0,e=-5,f=+5"), R"({"a":true,"b":false,"c":null,"d":0,"e":-5,"f":5})");
}

TEST(Set, KeepsWhatIsNoIntegerAsText) {
  EXPECT_EQ(set("a=1.5,b=01,c=0x10,d=1e3,e=99999999999999999999"),
            R"({"a":"1.5","b":"01","c":"0x10","d":"1e3","e":"99999999999999999999"})");
  EXPECT_EQ(apply(SetFlag::set_string, "a=1,b=true,c=null"), R"({"a":"1","b":"true","c":"null"})");
}

TEST(Set, TakesTheCharacterAfterABackslashAsItIs) {
  EXPECT_EQ(set("a=b\\,c,d\\.e=f"), R"({"a":"b,c","d.e":"f"})");
  EXPECT_EQ(set("a=\\n\\"), R"({"a":"n"})");
}

TEST(Set, DropsEmptyKeysSilentlyAsHelmDoes) {
  EXPECT_EQ(set("=b"), "{}");
  EXPECT_EQ(set(".a=1"), "{}");
  EXPECT_EQ(set(" a =1"), R"({" a ":1})");
  EXPECT_EQ(set("a="), R"({"a":""})");
}

TEST(Set, SaysWhatIsWrongInHelmsWords) {
  EXPECT_EQ(set("a"), R"(error: key "a" has no value)");
  EXPECT_EQ(set("a,b=1"), R"(error: key "a" has no value (cannot end with ,))");
  EXPECT_EQ(set("a..b=1"), R"(error: key map "a" has no value)");
  EXPECT_EQ(set("a[x]=1"), R"(error: error parsing index: strconv.Atoi: parsing "x": invalid syntax)");
  EXPECT_EQ(set("a[]=1"), R"(error: error parsing index: strconv.Atoi: parsing "": invalid syntax)");
  EXPECT_EQ(set("a[-1]=1"), "error: negative -1 index not allowed");
  EXPECT_EQ(set("a[70000]=1"), "error: index of 70000 is greater than maximum supported index of 65536");
  EXPECT_EQ(set("a[0]b=1"), "error: unexpected data at end of array index: ['b']");
  EXPECT_EQ(set("a={x"), "error: list must terminate with '}'");
  EXPECT_EQ(set("a={{x}}"), R"(error: key "}" has no value)");
  EXPECT_EQ(set("a[0]"), R"({"a":[]})");
}

TEST(Set, RefusesToDescendIntoScalars) {
  EXPECT_EQ(set("a.b=1", R"({"a":5})"),
            "error: unable to parse key: interface conversion: interface {} is float64, not map[string]interface {}");
  EXPECT_EQ(set("a=null,a.b=1"),
            "error: unable to parse key: interface conversion: interface {} is nil, not map[string]interface {}");
  EXPECT_EQ(set("a[0]=1", R"({"a":"x"})"),
            "error: unable to parse key: interface conversion: interface {} is string, not []interface {}");
  EXPECT_EQ(set("a[0].b=1", R"({"a":[5]})"), R"({"a":[{"b":1}]})");
}

TEST(Set, NestsThirtyLevelsAndNoMore) {
  std::string path = "a";
  for (int i = 0; i < 30; ++i) path += ".a";
  EXPECT_TRUE(set(path + "=1").starts_with(R"({"a":)"));
  EXPECT_EQ(set(path + ".a=1"), "error: value name nested level is greater than maximum supported nested level of 30");
}

TEST(SetFile, PutsTheWholeContentIn) {
  EXPECT_EQ(apply(SetFlag::set_file, "a=x,b={y,z}"), "{\"a\":\"<x>\\n\",\"b\":[\"<y>\\n\",\"<z>\\n\"]}");
  EXPECT_EQ(apply(SetFlag::set_file, "a=none"), "error: open none: no such file or directory");
}

TEST(SetJson, ReadsValuesOneAfterTheOther) {
  EXPECT_EQ(apply(SetFlag::set_json, R"(a={"b":[1,"}"]},c=2)"), R"({"a":{"b":[1,"}"]},"c":2})");
  EXPECT_EQ(apply(SetFlag::set_json, "a=,b=1"), R"({"a":null,"b":1})");
  EXPECT_EQ(apply(SetFlag::set_json, "a=1 b=2"), R"({"a":1,"b":2})");
  EXPECT_EQ(apply(SetFlag::set_json, "a[1]= true"), R"({"a":[null,true]})");
  EXPECT_TRUE(apply(SetFlag::set_json, "a={").starts_with("error: "));
}

TEST(SetLiteral, TakesTheRestOfTheArgumentAsText) {
  EXPECT_EQ(apply(SetFlag::set_literal, "a=b,c={d}\\e"), R"({"a":"b,c={d}\\e"})");
  EXPECT_EQ(apply(SetFlag::set_literal, "a,b\\.c=1"), R"({"a,b\\":{"c":"1"}})");
}

TEST(ReadValues, WinsByTheClassOfTheFlagNotByItsPlace) {
  const ReadFile read = [](std::string_view path) -> Result<std::string> {
    return path == "one" ? "a: {b: 1, c: 2}\nd: 1" : "a: {b: null}\ne: [1]";
  };
  const auto values = read_values({.files = {"one", "two"}, .set_json = {"d=9"}, .set = {"d=8"}, .set_string = {"d=7"}}, read);
  ASSERT_TRUE(values);
  EXPECT_EQ(to_json(*values)->str(), R"({"a":{"b":null,"c":2},"d":"7","e":[1]})");
}

TEST(ReadValues, NamesTheFileOrTheFlag) {
  const ReadFile read = [](std::string_view) -> Result<std::string> { return "- 1"; };
  EXPECT_EQ(
      read_values({.files = {"v.yaml"}}, read).error().what,
      "failed to parse v.yaml: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array into Go value of type "
      "map[string]interface {}");
  EXPECT_EQ(read_values({.set = {"a"}}, read).error().what, R"(failed parsing --set data: key "a" has no value)");
  EXPECT_EQ(read_values({.set_json = {"a={"}}, read).error().what, "failed parsing --set-json data a={");
}

}  // namespace
}  // namespace sluice::chart
