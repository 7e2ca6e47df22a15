#include <gtest/gtest.h>

#include "tests/core/gotemplate/rendering.hpp"

namespace sluice::gotemplate {
namespace {

TEST(Execution, PrintsValuesAsGoDoes) {
  EXPECT_EQ(render("{{ .s }} {{ .a }} {{ .t }} {{ .nul }} {{ .nope }} {{ .l }} {{ .m }}", sample()),
            "str 1 true <no value> <no value> [x 2 <nil>] map[k:v n:map[deep:3]]");
  EXPECT_EQ(render("{{ . }}"), "<no value>");
  EXPECT_EQ(render("{{ 1 | }}"), "1");
}

TEST(Execution, FollowsFieldsThroughMaps) {
  EXPECT_EQ(render("{{ .m.n.deep }} {{ $.m.k }} {{ (.m).n.deep }} {{ (dict \"a\" 7).a }} [{{ dict.a }}]", sample()),
            "3 v 3 7 [<no value>]");
  EXPECT_EQ(render("[{{ (.nope).x.y }}] {{ $v := .nope }}[{{ $v.x }}]", sample()), "[<no value>] [<no value>]");
  EXPECT_EQ(render("{{ (split \",\" \"a,b\")._1 }}[{{ (split \",\" \"a,b\")._9 }}]"), "b[]");
}

TEST(Execution, ScopesVariables) {
  EXPECT_EQ(render("{{ $x := 1 }}{{ if true }}{{ $x := 2 }}{{ $x }}{{ end }}{{ $x }}"), "21");
  EXPECT_EQ(render("{{ $x := 1 }}{{ if true }}{{ $x = 2 }}{{ end }}{{ $x }}"), "2");
  EXPECT_EQ(render("{{ if $x := 0 }}a{{ else }}[{{ $x }}]{{ end }}"), "[0]");
  EXPECT_EQ(render("{{ if true }}{{ $y := 1 }}{{ end }}{{ $y }}"), "template: t:1: undefined variable \"$y\"");
  EXPECT_EQ(render("{{ $x := 1 }}{{ define \"d\" }}{{ $x }}{{ end }}"), "template: t:1: undefined variable \"$x\"");
  EXPECT_EQ(render("{{ $x = 2 }}"), "template: t:1:8: executing \"t\" at <2>: undefined variable: $x");
  EXPECT_EQ(render("{{ if false }}{{ $y := 1 }}{{ else }}{{ $y }}{{ end }}"),
            "template: t:1:40: executing \"t\" at <$y>: undefined variable: $y");
  EXPECT_EQ(render("{{ $x := 3 }}{{ $x := add $x 1 }}{{ $x }}"), "4");
  EXPECT_EQ(render("{{ ($x := 5) }}{{ $x }}{{ $été := 4 }}{{ $été }}{{ $ := 9 }}{{ $ }}"), "5549");
}

TEST(Execution, SeesADeclarationInParenthesesOnlyOnceItHasHappened) {
  EXPECT_EQ(render("{{ $x := 1 }}{{ $_ := and false ($x := 5) }}{{ $x }}"), "1");
  EXPECT_EQ(render("{{ $x := 1 }}{{ $_ := and true ($x := 5) }}{{ $x }}"), "5");
  EXPECT_EQ(render("{{ $_ := and false ($y := 5) }}{{ $y }}"), "template: t:1:34: executing \"t\" at <$y>: undefined variable: $y");
}

TEST(Execution, RangesOverEverythingThatGoRangesOver) {
  EXPECT_EQ(render("{{ range $i, $e := .l }}{{ $i }}={{ $e }};{{ end }}", sample()), "0=x;1=2;2=<no value>;");
  EXPECT_EQ(render("{{ range $k, $v := .m }}{{ $k }};{{ end }}{{ range $v := .m }}{{ $v }};{{ end }}", sample()),
            "k;n;v;map[deep:3];");
  EXPECT_EQ(render("{{ range 3 }}{{ . }}{{ end }}{{ range 0 }}x{{ else }}none{{ end }}{{ range .nope }}x{{ else }}none{{ end }}", sample()),
            "012nonenone");
  EXPECT_EQ(render("{{ range .a }}{{ end }}", sample()), "template: t:1:9: executing \"t\" at <.a>: range can't iterate over 1");
  EXPECT_EQ(render("{{ range \"ab\" }}{{ end }}"), "template: t:1:9: executing \"t\" at <\"ab\">: range can't iterate over ab");
  EXPECT_EQ(render("{{ range $i, $v := 3 }}{{ end }}"),
            "template: t:1:19: executing \"t\" at <3>: can't use 3 to iterate over more than one variable");
  EXPECT_EQ(render("{{ range $i, $v := list }}{{ else }}[{{ $i }}|{{ $v }}]{{ end }}"), "[[]|[]]");
  EXPECT_EQ(render("{{ $k := 0 }}{{ $v := 0 }}{{ range $k, $v = .m }}{{ end }}{{ $k }}{{ $v.deep }}", sample()), "n3");
}

TEST(Execution, LeavesRangesFromInsideOtherBlocks) {
  EXPECT_EQ(render("{{ range list 1 2 3 }}{{ with . }}{{ if eq . 2 }}{{ break }}{{ end }}{{ . }}{{ end }}{{ end }}|{{ . }}", Value::of_int(7)),
            "1|7");
  EXPECT_EQ(render("{{ range list 1 2 3 }}{{ with . }}{{ if eq . 2 }}{{ continue }}{{ end }}{{ . }}{{ end }}{{ end }}|{{ . }}", Value::of_int(7)),
            "13|7");
  EXPECT_EQ(render("{{ range list 1 2 }}{{ range list 3 4 }}{{ break }}{{ end }}{{ . }}{{ else }}x{{ end }}"), "12");
}

TEST(Execution, WalksAMapAsItWasWhenTheRangeBegan) {
  EXPECT_EQ(render("{{ range $k, $v := .em }}x{{ end }}{{ range $k, $v := .m }}{{ $_ := set $.m (print \"z\" $k) 1 }}{{ $k }}{{ end }}", sample()),
            "kn");
}

TEST(Execution, InvokesTemplates) {
  EXPECT_EQ(render("{{ define \"x\" }}<{{ . }}>{{ end }}{{ template \"x\" 1 }}{{ template \"x\" }}"), "<1><<no value>>");
  EXPECT_EQ(render("{{ block \"b\" (list 1 2) }}{{ . }}{{ end }}"), "[1 2]");
  EXPECT_EQ(render("{{ define \"x\" }}{{ $ }}{{ end }}{{ with 1 }}{{ template \"x\" 5 }}{{ . }}{{ end }}"), "51");
  EXPECT_EQ(render("{{ template \"nope\" . }}"),
            "template: t:1:12: executing \"t\" at <{{template \"nope\" .}}>: template \"nope\" not defined");
  EXPECT_EQ(render("{{ define \"r\" }}{{ template \"r\" . }}{{ end }}{{ template \"r\" . }}"),
            "template: t:1:28: executing \"r\" at <{{template \"r\" .}}>: exceeded maximum template depth (100000)");
}

TEST(Execution, KeepsTheDefinitionThatSaysSomething) {
  EXPECT_EQ(render("{{ define \"x\" }}1{{ end }}{{ define \"x\" }} {{/* c */}}\n{{ end }}{{ template \"x\" }}"), "1");
  EXPECT_EQ(render("{{ define \"x\" }} {{ end }}{{ define \"x\" }}2{{ end }}{{ template \"x\" }}"), "2");
  EXPECT_EQ(render("{{ define \"x\" }}1{{ end }}{{ define \"x\" }}2{{ end }}"), "template: t:1: template: multiple definition of template \"x\"");
  TemplateSet set("gotpl", test_functions());
  ASSERT_TRUE(set.add("a", "{{ define \"p\" }}from a{{ end }}"));
  ASSERT_TRUE(set.add("b", "{{ define \"p\" }}from b{{ end }}{{ template \"p\" }}"));
  ASSERT_TRUE(set.add("c", "{{ define \"p\" }} {{ end }}"));
  EXPECT_EQ(execute(set, "b", {})->str(), "from b");
}

TEST(Execution, ShortCircuitsAndOr) {
  EXPECT_EQ(render("{{ and 1 0 2 }} {{ and 1 2 }} {{ or 0 \"\" 3 }} {{ and false (fail \"x\") }} {{ or true (fail \"x\") }}"),
            "0 2 3 false true");
  EXPECT_EQ(render("{{ 5 | and 1 }} {{ 5 | and 0 }} {{ 0 | or 0 }} {{ 7 | or 3 }}"), "5 0 0 3");
}

TEST(Execution, ComparesWithinClassesOnly) {
  EXPECT_EQ(render("{{ eq 1 1 }} {{ eq 1 2 1 }} {{ ne \"a\" \"b\" }} {{ lt 1 2 }} {{ ge 2 3 }} {{ gt \"b\" \"B\" }} {{ eq (add 1) 1 }}"),
            "true true true true false true true");
  EXPECT_EQ(render("{{ eq .nope nil }} {{ eq .nope 1 }} {{ eq .m nil }}", sample()), "true false false");
  EXPECT_EQ(render("{{ eq 1 1.0 }}"),
            "template: t:1:3: executing \"t\" at <eq 1 1.0>: error calling eq: incompatible types for comparison: int and float64");
  EXPECT_EQ(render("{{ lt true false }}"), "template: t:1:3: executing \"t\" at <lt true false>: error calling lt: invalid type for comparison");
  EXPECT_EQ(render("{{ eq (list 1) (list 1) }}"),
            "template: t:1:3: executing \"t\" at <eq (list 1) (list 1)>: error calling eq: non-comparable type [%!s(int=1)]: []interface {}");
}

TEST(Execution, IndexesAndMeasures) {
  EXPECT_EQ(render("{{ index .l 1 }} {{ index .m \"n\" \"deep\" }} {{ index \"abc\" 1 }} {{ len \"hé\" }} {{ len .m }} {{ slice \"abcd\" 1 3 }}", sample()),
            "2 3 98 3 2 bc");
  EXPECT_EQ(render("{{ index .l 3 }}", sample()), "template: t:1:3: executing \"t\" at <index .l 3>: error calling index: reflect: slice index out of range");
  EXPECT_EQ(render("{{ index .l 9 }}", sample()), "template: t:1:3: executing \"t\" at <index .l 9>: error calling index: index out of range: 9");
  EXPECT_EQ(render("{{ len .nope }}", sample()), "template: t:1:3: executing \"t\" at <len .nope>: error calling len: len of nil pointer");
  EXPECT_EQ(render("{{ len nil }}"), "template: t:1:3: executing \"t\" at <len nil>: error calling len: reflect: call of reflect.Value.Type on zero Value");
}

TEST(Execution, EscapesForHtmlScriptsAndUrls) {
  EXPECT_EQ(render("{{ html \"<a b='c'>&\\\"\" }} {{ html nil }} {{ html 1 \"<\" }}"), "&lt;a b=&#39;c&#39;&gt;&amp;&#34; &lt;no value&gt; 1&lt;");
  EXPECT_EQ(render("{{ js \"it's <b>=\\n\\u2028é\" }}"), "it\\'s \\u003Cb\\u003E\\u003D\\u000A\\u2028é");
  EXPECT_EQ(render("{{ urlquery \"a b&é~\" }}"), "a+b%26%C3%A9~");
}

TEST(Execution, ReflectsWhatSliceAndCallAreGiven) {
  EXPECT_EQ(render("{{ slice .s .nope }}", sample()),
            "template: t:1:3: executing \"t\" at <slice .s .nope>: error calling slice: cannot index slice/array with type interface {}");
  EXPECT_EQ(render("{{ 5 | call }}"), "template: t:1:7: executing \"t\" at <call>: error calling call: non-function <int Value> of type int");
  EXPECT_EQ(render("{{ call .s }}", sample()), "template: t:1:3: executing \"t\" at <call .s>: error calling call: non-function .s of type string");
}

TEST(Execution, CallsTheMethodsOfValues) {
  const Value values = sample().with_type(MapType::values);
  EXPECT_EQ(render("{{ .PathValue \"m.k\" }} {{ (.Table \"m\").k }} {{ len .AsMap }} {{ \"m.k\" | .PathValue }} {{ (.Table \"m.n\").YAML }}", values), "v v 8 v deep: 3\n");
  EXPECT_EQ(render("{{ .Table \"zz\" }}", values), "template: t:1:3: executing \"t\" at <.Table>: error calling Table: \"zz\" is not a table");
  EXPECT_EQ(render("{{ .YAML 1 }}", values), "template: t:1:3: executing \"t\" at <.YAML>: wrong number of args for YAML: want 0 got 1");
}

TEST(Execution, RunsTplInASetOfItsOwn) {
  EXPECT_EQ(render("{{ define \"x\" }}X{{ end }}{{ tpl \"{{ . }}-{{ include \\\"x\\\" . }}\" 1 }}"), "1-X");
  EXPECT_EQ(render("{{ tpl \"{{ define \\\"q\\\" }}Q{{ end }}{{ include \\\"q\\\" . }}\" . }}[{{ tpl \"{{/* c */}}\" . }}]"), "Q[]");
  EXPECT_EQ(render("{{ tpl \"{{ define \\\"q\\\" }}Q{{ end }}\" . }}{{ include \"q\" . }}"),
            "template: t:1:45: executing \"t\" at <include \"q\" .>: error calling include: template: no template \"q\" associated with template \"gotpl\"");
  EXPECT_EQ(render("{{ define \"x\" }}old{{ end }}{{ tpl \"{{ define \\\"x\\\" }}new{{ end }}{{ include \\\"x\\\" . }}\" . }} {{ include \"x\" . }}"),
            "new old");
}

}  // namespace
}  // namespace sluice::gotemplate
