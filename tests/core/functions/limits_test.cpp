// What a call may build is bounded before it is built, and an error names the bound.

#include <gtest/gtest.h>
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
#endif

#include "core/functions/decimal.hpp"
#include "core/functions/functions.hpp"
#include "core/gotemplate/gotemplate.hpp"
#include "tests/core/functions/still_world.hpp"

namespace sluice::functions {
namespace {

std::string rendered(std::string_view action) {
  gotemplate::TemplateSet set("gotpl", helm_functions(Helm::v3));
  auto parsed = set.add("t", std::string(action));
  if (!parsed) return parsed.error().what;
  const Outside outside = still_world();
  FunctionHost host;
  host.outside = &outside;
  gotemplate::Options options;
  options.host = &host;
  auto text = gotemplate::execute(set, "t", Value::new_map(), options);
  if (text) return text->str();
  const std::string marker = "error calling ";
  return text.error().what.substr(text.error().what.rfind(marker) + marker.size());
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
}

TEST(Limits, BoundKeysAndHashes) {
  EXPECT_EQ(rendered("{{ range until 51 }}{{ $_ := genPrivateKey \"ed25519\" }}{{ end }}"),
            "genPrivateKey: the number of generated keys, certificates and password hashes exceeds the limit of 50 per render");
}

TEST(Limits, StopMapsThatContainThemselves) {
#ifdef __SANITIZE_ADDRESS__
  const __lsan::ScopedDisabler a_map_in_itself_is_never_freed;
#endif
  EXPECT_EQ(rendered("{{ $d := dict }}{{ $_ := set $d \"a\" $d }}{{ $_ := deepCopy $d }}"),
            "deepCopy: the depth of a value to copy exceeds the limit of 1000 levels");
  EXPECT_EQ(rendered("{{ $d := dict }}{{ $_ := set $d \"a\" $d }}{{ $e := dict }}{{ $_ := set $e \"a\" $e }}{{ $_ := merge $d $e }}"),
            "merge: the depth of merged maps exceeds the limit of 1000 levels");
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
