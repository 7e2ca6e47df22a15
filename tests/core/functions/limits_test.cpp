// What a call may build is bounded before it is built, and an error names the bound.

#include <gtest/gtest.h>

#include "core/functions/decimal.hpp"
#include "core/functions/functions.hpp"
#include "core/functions/recorder.hpp"
#include "core/gotemplate/gotemplate.hpp"
#include "core/value/fmt.hpp"
#include "tests/core/functions/still_world.hpp"

namespace sluice::functions {
namespace {

std::string rendered(std::string_view action, std::uint64_t steps = 50'000'000) {
  gotemplate::TemplateSet set("gotpl", helm_functions(Helm::v3));
  auto parsed = set.add("t", std::string(action));
  if (!parsed) return parsed.error().what;
  const Outside outside = still_world();
  FunctionHost host;
  host.outside = &outside;
  gotemplate::Options options;
  options.host = &host;
  options.budget.steps = steps;
  auto text = gotemplate::execute(set, "t", Value::new_map(), options);
  if (text) return text->str();
  const std::string& error = text.error().what;
  const std::string marker = "error calling ";
  const std::size_t called = error.rfind(marker);
  if (called != error.npos) return error.substr(called + marker.size());
  const std::size_t place = error.rfind("at <");
  return place != error.npos ? error.substr(place) : error;
}

TEST(Limits, BoundTextsBeforeTheyAreBuilt) {
  EXPECT_EQ(rendered("{{ repeat 9000000000000000000 \"ab\" }}"), "repeat: the result of repeat exceeds the limit of 1048576 bytes");
  EXPECT_EQ(rendered("{{ indent 9000000000000000000 \"ab\" }}"), "indent: the result of indent exceeds the limit of 1048576 bytes");
  EXPECT_EQ(rendered("{{ nindent 2000 (repeat 1000 \"\\n\") }}"), "nindent: the result of nindent exceeds the limit of 1048576 bytes");
  EXPECT_EQ(rendered("{{ randAlphaNum 2000000 }}"), "randAlphaNum: the result of randAlphaNum exceeds the limit of 1048576 bytes");
  EXPECT_EQ(rendered("{{ replace \"a\" (repeat 2000 \"b\") (repeat 2000 \"a\") }}"),
            "replace: the result of replace exceeds the limit of 1048576 bytes");
  EXPECT_EQ(rendered("{{ $s := repeat 600000 \"a\" }}{{ cat $s $s }}"), "cat: the result of cat exceeds the limit of 1048576 bytes");
  EXPECT_EQ(rendered("{{ $s := repeat 600000 \"a\" }}{{ join \",\" (list $s $s) }}"),
            "join: the result of join exceeds the limit of 1048576 bytes");
  EXPECT_EQ(rendered("{{ repeat 1048576 \"a\" | len }}"), "1048576");
}

TEST(Limits, BoundListsBeforeTheyAreBuilt) {
  EXPECT_EQ(rendered("{{ until 9000000000000000000 }}"), "until: the result of until exceeds the limit of 100000 elements");
  EXPECT_EQ(rendered("{{ untilStep -9000000000000000000 9000000000000000000 1 }}"),
            "untilStep: the result of untilStep exceeds the limit of 100000 elements");
  EXPECT_EQ(rendered("{{ seq 1 1000000 }}"), "seq: the result of seq exceeds the limit of 100000 elements");
  EXPECT_EQ(rendered("{{ splitList \"\" (repeat 200000 \"a\") }}"), "splitList: the result of splitList exceeds the limit of 100000 elements");
  EXPECT_EQ(rendered("{{ until 100000 | len }}"), "100000");
  EXPECT_EQ(rendered("{{ untilStep -9223372036854775808 9223372036854775807 9223372036854775807 }}"),
            "[-9223372036854775808 -1 9223372036854775806]");
}

TEST(Limits, BoundKeysAndHashes) {
  EXPECT_EQ(rendered("{{ range until 51 }}{{ $_ := genPrivateKey \"ed25519\" }}{{ end }}"),
            "genPrivateKey: the number of generated keys, certificates and password hashes exceeds the limit of 50 in one plan");
}

TEST(Limits, CountTheDerivedPasswordsOfOneUserOnce) {
  EXPECT_EQ(rendered("{{ range until 200 }}{{ $last := derivePassword 1 \"pin\" \"p\" \"u\" (print .) }}{{ end }}{{ derivePassword 1 \"pin\" \"p\" \"u\" \"s\" }}"), "2461");
  EXPECT_EQ(rendered("{{ derivePassword 1 \"pin\" \"p\" \"u\" \"s\" }} {{ derivePassword 1 \"pin\" \"pu\" \"\" \"s\" }} {{ derivePassword 1 \"nope\" \"p\" \"u\" \"s\" }}"),
            "2461 4050 cannot find password template nope");
}

TEST(Limits, CountKeysAndHashesOfAllRendersOfAPlan) {
  const Outside outside = still_world();
  Recorder recorder;
  const Outside recorded = recorder.through(outside);
  const auto render = [](const Outside& world, int keys) {
    gotemplate::TemplateSet set("gotpl", helm_functions(Helm::v3));
    EXPECT_TRUE(set.add("t", "{{ range until " + std::to_string(keys) + " }}{{ $_ := genPrivateKey \"ed25519\" }}{{ end }}"));
    FunctionHost host;
    host.outside = &world;
    return gotemplate::execute(set, "t", Value::new_map(), {.host = &host}).has_value();
  };
  EXPECT_TRUE(render(outside, 30));
  EXPECT_TRUE(render(recorded, 20));
  EXPECT_FALSE(render(recorded, 1));
}

/// A list of lists of lists ..., 2^60 elements in all, of which 60 are made.
constexpr std::string_view bomb = "{{ $d := list }}{{ range until 60 }}{{ $d = list $d $d }}{{ end }}";
/// The same as a map.
constexpr std::string_view map_bomb = "{{ $d := dict }}{{ range until 60 }}{{ $d = dict \"a\" $d \"b\" $d }}{{ end }}";
constexpr std::string_view loop = "{{ $d := dict }}{{ $_ := set $d \"a\" $d }}";

std::string after(std::string_view before, std::string_view action) { return rendered(std::string(before) + std::string(action)); }

TEST(Limits, StopWalksThroughMapsThatContainThemselves) {
  const std::string too_deep = "a value nests deeper than 1000 levels";
  EXPECT_EQ(after(loop, "{{ $_ := deepCopy $d }}"), "at <$d>: " + too_deep);
  EXPECT_EQ(after(loop, "{{ $e := dict }}{{ $_ := set $e \"a\" $e }}{{ $_ := merge $d $e }}"), "at <$e>: " + too_deep);
  EXPECT_EQ(after(loop, "{{ $d }}"), "at <{{$d}}>: " + too_deep);
  EXPECT_EQ(after(loop, "{{ printf \"%v\" $d }}"), "at <$d>: " + too_deep);
  EXPECT_EQ(after(loop, "{{ toYamlPretty $d }}"), "at <$d>: " + too_deep);
}

TEST(Limits, StopWalksThroughValuesThatContainOthersTooOften) {
  const std::string too_many = "a value has more than 2000000 elements";
  const std::pair<const char*, const char*> calls[] = {{"toJson", "toJson"}, {"quote", "quote"}, {"deepCopy", "deepCopy"},
                                                       {"join \",\"", "\",\""}, {"print", "print"}, {"html", "html"}};
  for (const auto& [call, place] : calls)
    EXPECT_EQ(after(bomb, "{{ $d | " + std::string(call) + " | len }}"), "at <" + std::string(place) + ">: " + too_many) << call;
  EXPECT_EQ(after(map_bomb, "{{ merge $d (deepCopy $d) }}"), "at <$d>: " + too_many);
  EXPECT_EQ(after(map_bomb, "{{ $d | toYaml }}"), "at <toYaml>: the text of a value has more than 67108864 bytes");
  EXPECT_EQ(after(map_bomb, "{{ $d | toToml }}"), "at <toToml>: the text of a value has more than 67108864 bytes");
}

TEST(Limits, CountWhatRegularExpressionsScan) {
  EXPECT_EQ(rendered("{{ regexFindAll \"a*?b|a\" (repeat 20000 \"a\") -1 }}", 10'000),
            "regexFindAll: template-too-many-steps: more than 10000 steps");
  EXPECT_EQ(rendered("{{ regexReplaceAll \"\\n\" (repeat 20000 \"some line of a text, no more\\n\") \"\" | len }}"), "560000");
}

TEST(Limits, AreNotNeededToCompare) {
  EXPECT_EQ(after(loop, "{{ $e := dict }}{{ $_ := set $e \"a\" $e }}{{ deepEqual $d $e }}"), "true");
  EXPECT_EQ(after(bomb, "{{ $e := list }}{{ range until 60 }}{{ $e = list $e $e }}{{ end }}{{ deepEqual $d $e }}"), "true");
  EXPECT_EQ(after(bomb, "{{ $e := list 1 }}{{ range until 60 }}{{ $e = list $e $e }}{{ end }}{{ deepEqual $d $e }}"), "false");
}

TEST(Limits, DoNotKeepDeepValuesFromBeingFreed) {
  EXPECT_EQ(rendered("{{ $d := dict }}{{ range until 500 }}{{ range until 1000 }}{{ $d = dict \"a\" (list $d) }}{{ end }}{{ end }}{{ len $d }}"),
            "1");
}

/// What the leak detector of the address sanitizer looks at in the end.
TEST(Loops, AreOpenedWhenTheRenderIsOver) {
  EXPECT_EQ(after(loop, "{{ len $d.a.a.a }}"), "1");
  EXPECT_EQ(rendered("{{ $a := dict }}{{ $b := dict \"l\" (list 1 (dict \"a\" $a)) }}{{ $_ := set $a \"b\" $b }}{{ len $a.b.l }}"), "2");
  EXPECT_EQ(rendered("{{ $a := dict \"x\" (dict) }}{{ $_ := merge $a.x (dict \"a\" $a) }}{{ len $a.x.a.x }}"), "1");
  EXPECT_EQ(rendered("{{ $_ := set . \"top\" (dict \"root\" $) }}{{ len .top.root.top }}"), "1");
  EXPECT_EQ(rendered("{{ $d := dict }}{{ range $i, $_ := until 50 }}{{ $_ := set $d (print $i) (dict \"up\" $d \"l\" (list $d)) }}{{ end }}{{ len $d }}"),
            "50");
  EXPECT_EQ(after(loop, "{{ fail \"now\" }}"), "execution error at (t:1:44): now");
}

TEST(Loops, AreCutWhereTheyLeadBack) {
  const Value inner = Value::new_map({{"x", Value::of_int(1)}});
  const Value outer = Value::new_map({{"a", inner}, {"b", inner}});
  {
    Loops loops;
    const Value list = Value::new_list({outer, outer});
    loops.add(inner, list);
    inner.map()->set("up", list);
  }
  EXPECT_EQ(to_text(inner).str(), "map[up:[map[a:<nil> b:<nil>] map[a:<nil> b:<nil>]] x:1]");
  EXPECT_EQ(to_text(outer).str(), "map[a:<nil> b:<nil>]");
}

TEST(Limits, BoundExactDecimals) {
  EXPECT_EQ(*combine_decimals(DecimalOp::add, std::vector<double>{0.1, 0.2}), 0.3);
  EXPECT_EQ(combine_decimals(DecimalOp::multiply, std::vector<double>(100, 1e300)).error().what,
            "exact decimal result exceeds the limit of 10000 digits");
}

TEST(Outside, IsMissedWithAnError) {
  gotemplate::TemplateSet set("gotpl", helm_functions(Helm::v3));
  ASSERT_TRUE(set.add("t", "{{ now }}"));
  EXPECT_EQ(gotemplate::execute(set, "t", Value::new_map()).error().what,
            "template: t:1:3: executing \"t\" at <now>: error calling now: there is no clock here");
}

}  // namespace
}  // namespace sluice::functions
