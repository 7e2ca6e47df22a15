#include <gtest/gtest.h>

#include "tests/core/gotemplate/rendering.hpp"

namespace sluice::gotemplate {
namespace {

/// {pw: "hunter2" (secret), n: 42 (secret), user: "ann", m: {pw: the same}}
Value secrets() {
  const Value password = Value::of_string(Text::secret("hunter2"));
  return Value::new_map(
      {{"pw", password}, {"n", mark_secret(Value::of_int(42))}, {"user", Value::of_string("ann")}, {"m", Value::new_map({{"pw", password}})}});
}

/// The output with its marked parts in brackets; an error's text as it is.
std::string marked(std::string_view text, const Options& options = {.has_secrets = true}, const Value& dot = secrets()) {
  TemplateSet set("gotpl", test_functions());
  if (auto added = set.add("t", std::string(text)); !added) return added.error().what;
  const auto output = execute(set, "t", dot, options);
  if (!output) return output.error().what;
  std::string shown;
  std::size_t from = 0;
  for (const Mark& mark : output->marks()) {
    shown += std::string(output->view().substr(from, mark.begin - from)) + "[";
    shown += std::string(output->view().substr(mark.begin, mark.end - mark.begin)) + "]";
    from = mark.end;
  }
  return shown + std::string(output->view().substr(from));
}

TEST(Secrets, AreMarkedWhereTheyArePrinted) {
  EXPECT_EQ(marked("a: {{ .user }} {{ .pw }}!"), "a: ann [hunter2]!");
  EXPECT_EQ(marked("{{ .n }} {{ .m }}"), "[42] map[pw:[hunter2]]");
  EXPECT_EQ(marked("{{ with .pw }}{{ . }}{{ end }} {{ $x := .pw }}{{ $x }} {{ range list 1 .pw }}{{ . }}{{ end }}"),
            "[hunter2] [hunter2] 1[hunter2]");
}

TEST(Secrets, MarkTheWholeResultOfAFunctionThatDoesNotFollowThem) {
  EXPECT_EQ(marked("{{ upper .pw }} {{ upper .user }}"), "[HUNTER2] ANN");
  EXPECT_EQ(marked("{{ repeat 2 (print .user .pw) }}"), "[annhunter2annhunter2]");
  EXPECT_EQ(marked("{{ add 1 .n }} {{ html \"<\" .pw }} {{ len .pw }} {{ eq .pw \"x\" }}"), "[43] [&lt;hunter2] [7] [false]");
}

TEST(Secrets, StayExactInFunctionsThatFollowThem) {
  EXPECT_EQ(marked("{{ printf \"%s:%s\" .user .pw }} {{ print .user .pw }} {{ index .m \"pw\" }}"),
            "ann:[hunter2] ann[hunter2] [hunter2]");
  EXPECT_EQ(marked("{{ define \"x\" }}u={{ .user }} p={{ .pw }}{{ end }}{{ include \"x\" . }}"), "u=ann p=[hunter2]");
  EXPECT_EQ(marked("{{ tpl \"u={{ .user }} p={{ .pw }}\" . }}{{ tpl .pw . }}"), "u=ann p=[hunter2hunter2]");
}

TEST(Secrets, MarkWhatATextMadeOfThemRenders) {
  EXPECT_EQ(marked("{{ tpl (print \"{{ .user }}\" .pw) . }}"), "[annhunter2]");
}

TEST(Secrets, DoNotAppearInErrors) {
  EXPECT_EQ(marked("{{ fail (print \"no: \" .pw) }}"), "execution error at (t:1:3): no: (secret)");
  EXPECT_EQ(marked("{{ range .pw }}{{ end }}"), "template: t:1:9: executing \"t\" at <.pw>: range can't iterate over (secret)");
  EXPECT_EQ(marked("{{ define \"x\" }}{{ fail .pw }}{{ end }}{{ include \"x\" . }}"), "execution error at (t:1:42): (secret)");
}

TEST(Secrets, DoNotAppearInErrorsAsNames) {
  EXPECT_EQ(marked("{{ include .pw . }}"),
            "template: t:1:3: executing \"t\" at <include .pw .>: error calling include: template: no template \"(secret)\" associated with "
            "template \"gotpl\"");
}

TEST(Secrets, DoNotAppearInErrorsAsParts) {
  EXPECT_EQ(marked("{{ $l := list 1 .pw }}{{ eq $l $l }}"),
            "template: t:1:25: executing \"t\" at <eq $l $l>: error calling eq: non-comparable type [%!s(int=1) (secret)]: []interface {}");
  EXPECT_EQ(marked("{{ $l := list .pw }}{{ ne $l .m }}"),
            "template: t:1:23: executing \"t\" at <ne $l .m>: error calling ne: non-comparable types [(secret)]: []interface {}, "
            "map[string]interface {}: map[pw:(secret)]");
}

TEST(Secrets, AreLookedForInAMapThatContainsItself) {
  const Value dot = secrets();
  const char* text = "{{ $_ := set .m \"self\" .m }}{{ $_ = set .m \"again\" .m }}{{ hasKey .m \"k\" }}";
  EXPECT_EQ(marked(text, {.has_secrets = true}, dot), "[false]");
  for (const char* key : {"self", "again"}) dot.find("m")->map()->erase(key);  // nothing else would ever free it
}

TEST(Secrets, CostNothingWhereThereAreNone) {
  EXPECT_EQ(marked("{{ upper .pw }}", {.has_secrets = false}), "HUNTER2");
}

}  // namespace
}  // namespace sluice::gotemplate
