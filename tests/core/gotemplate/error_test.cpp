#include <gtest/gtest.h>

#include "tests/core/gotemplate/rendering.hpp"

namespace sluice::gotemplate {
namespace {

TEST(ErrorPlaces, CountBytesAndPointAtTheSecondPart) {
  EXPECT_EQ(render("\té{{ .x.y }}", sample()), "template: t:1:8: executing \"t\" at <.x.y>: nil pointer evaluating interface {}.y");
  EXPECT_EQ(render("a\n  {{ $v := . }}{{ $v.x.y }}", sample()),
            "template: t:2:20: executing \"t\" at <$v.x.y>: nil pointer evaluating interface {}.y");
}

TEST(ErrorPlaces, AreWhereTheEngineWasLast) {
  EXPECT_EQ(render("{{ upper (add 1 2) }}"), "template: t:1:16: executing \"t\" at <2>: wrong type for value; expected string; got int64");
  EXPECT_EQ(render("{{ 5 | upper }}"), "template: t:1:7: executing \"t\" at <upper>: wrong type for value; expected string; got int");
  EXPECT_EQ(render("{{ 1 | (add 2) }}"), "template: t:1:3: executing \"t\" at <1>: can't give argument to non-function add 2");
  EXPECT_EQ(render("{{   eq    1     \"a\"   |   not   }}"),
            "template: t:1:5: executing \"t\" at <eq 1 \"a\">: error calling eq: incompatible types for comparison: int and string");
  EXPECT_EQ(render("{{ (dict \"a\" 1).a.b }}"), "template: t:1:13: executing \"t\" at <1>: can't evaluate field b in type interface {}");
}

TEST(ErrorTexts, DependOnWhetherAValueIsStillWrapped) {
  EXPECT_EQ(render("{{ upper .nul }}", sample()), "template: t:1:9: executing \"t\" at <.nul>: wrong type for value; expected string; got interface {}");
  EXPECT_EQ(render("{{ upper (.nul) }}", sample()), "template: t:1:10: executing \"t\" at <.nul>: invalid value; expected string");
  EXPECT_EQ(render("{{ .s.x }}", sample()), "template: t:1:5: executing \"t\" at <.s.x>: can't evaluate field x in type interface {}");
  EXPECT_EQ(render("{{ (.s).x }}", sample()), "template: t:1:4: executing \"t\" at <.s>: can't evaluate field x in type string");
  EXPECT_EQ(render("{{ hasKey (.nul) \"a\" }} {{ hasKey nil \"a\" }}", sample()), "false false");
  EXPECT_EQ(render("{{ range .l }}{{ .x }}{{ end }}", sample()), "template: t:1:17: executing \"t\" at <.x>: can't evaluate field x in type interface {}");
}

TEST(ErrorTexts, SayWhatAParameterWants) {
  EXPECT_EQ(render("{{ upper 5 }}"), "template: t:1:9: executing \"t\" at <5>: expected string; found 5");
  EXPECT_EQ(render("{{ upper nil }}"), "template: t:1:9: executing \"t\" at <nil>: cannot assign nil to string");
  EXPECT_EQ(render("{{ repeat 2.5 \"a\" }}"), "template: t:1:10: executing \"t\" at <2.5>: expected integer; found 2.5");
  EXPECT_EQ(render("{{ repeat 2.0 \"a\" }}{{ repeat 1e0 \"b\" }}{{ round 3 1 }}"), "aab3");
  EXPECT_EQ(render("{{ unsigned -1 }}"), "template: t:1:12: executing \"t\" at <-1>: expected unsigned integer; found -1");
  EXPECT_EQ(render("{{ hasKey \"x\" \"a\" }}"), "template: t:1:10: executing \"t\" at <\"x\">: can't handle \"x\" for arg of type map[string]interface {}");
  EXPECT_EQ(render("{{ upper }}"), "template: t:1:3: executing \"t\" at <upper>: wrong number of args for upper: want 1 got 0");
  EXPECT_EQ(render("{{ \"a\" | upper \"b\" }}"), "template: t:1:9: executing \"t\" at <upper>: wrong number of args for upper: want 1 got 2");
  EXPECT_EQ(render("{{ 1 | round }}"), "template: t:1:7: executing \"t\" at <round>: wrong number of args for round: want at least 2 got 0");
}

TEST(ErrorTexts, InStrictModeNameTheMissingKey) {
  const Options strict{.missing_key = MissingKey::error};
  EXPECT_EQ(render("{{ .nope }}", sample(), strict), "template: t:1:3: executing \"t\" at <.nope>: map has no entry for key \"nope\"");
  EXPECT_EQ(render("{{ (.nul).x }}", sample(), strict), "template: t:1:4: executing \"t\" at <.nul>: nil data; no entry for key \"x\"");
  EXPECT_EQ(render("[{{ index . \"nope\" }}]", sample(), strict), "[<no value>]");
}

constexpr const char* nested = "{{ define \"x\" }}{{ .a.b }}{{ end }}\n{{ include \"x\" (dict \"a\" nil) }}";

TEST(ErrorForms, ChainTheFramesOfIncludes) {
  EXPECT_EQ(render(nested),
            "template: t:2:3: executing \"t\" at <include \"x\" (dict \"a\" nil)>: error calling include: template: t:1:21: executing "
            "\"x\" at <.a.b>: nil pointer evaluating interface {}.b");
  EXPECT_EQ(render(nested, {}, {.errors = ErrorForm::helm4}),
            "t:2:3\n  executing \"t\" at <include \"x\" (dict \"a\" nil)>:\n    error calling include:\nt:1:21\n  executing \"x\" at "
            "<.a.b>:\n    nil pointer evaluating interface {}.b");
  EXPECT_EQ(render("{{ include \"nope\" . }}", {}, {.errors = ErrorForm::helm4}),
            "t:1:3\n  executing \"t\" at <include \"nope\" .>:\n    error calling include:\ntemplate: no template \"nope\" associated "
            "with template \"gotpl\"");
}

TEST(ErrorForms, KeepOneLineWhereAFunctionFailed) {
  const std::string text = "template: t:1:3: executing \"t\" at <eq 1>: error calling eq: missing argument for comparison";
  EXPECT_EQ(render("{{ eq 1 }}"), text);
  EXPECT_EQ(render("{{ eq 1 }}", {}, {.errors = ErrorForm::helm4}), text);
}

TEST(ErrorForms, ShowTheAuthorsMessageAtTheOutermostPlace) {
  const char* text = "{{ define \"x\" }}{{ fail \"do: this\\nor that\" }}{{ end }}a {{ include \"x\" . }}";
  EXPECT_EQ(render(text), "execution error at (t:1:60): do: this\nor that");
  EXPECT_EQ(render(text, {}, {.errors = ErrorForm::helm4}), "execution error at (t:1:60): do: this\nor that");
  EXPECT_EQ(render("{{ fail \"m\" }}", {}, {.errors = ErrorForm::go}),
            "template: t:1:3: executing \"t\" at <fail \"m\">: error calling fail: HELM_ERR_STARTmHELM_ERR_END");
}

TEST(ErrorForms, OfParsingKeepTheLastPartOnly) {
  EXPECT_EQ(helm_parse_error("template: a/b.yaml:3: bad number syntax: \"1a\"", "a/b.yaml"), "parse error at (a/b.yaml:3): \"1a\"");
  EXPECT_EQ(helm_parse_error("odd", "a.yaml"), "parse error in (a.yaml): odd");
}

TEST(ErrorForms, OfTplQuoteItsText) {
  EXPECT_EQ(render("{{ tpl \"{{ nosuch }}\" . }}"),
            "template: t:1:3: executing \"t\" at <tpl \"{{ nosuch }}\" .>: error calling tpl: cannot parse template \"{{ nosuch }}\": "
            "template: gotpl:1: function \"nosuch\" not defined");
  EXPECT_EQ(render("{{ tpl \"{{ .a.b }}\" (dict) }}"),
            "template: t:1:3: executing \"t\" at <tpl \"{{ .a.b }}\" (dict)>: error calling tpl: error during tpl function execution for "
            "\"{{ .a.b }}\": template: gotpl:1:5: executing \"gotpl\" at <.a.b>: nil pointer evaluating interface {}.b");
}

}  // namespace
}  // namespace sluice::gotemplate
