#include <gtest/gtest.h>

#include "tests/core/gotemplate/rendering.hpp"

namespace sluice::gotemplate {
namespace {

TEST(Lexing, LeavesTextAloneAndTrimsOnlyFourBlanks) {
  EXPECT_EQ(render("a { } }} b\n"), "a { } }} b\n");
  EXPECT_EQ(render("a \t\r\n {{- 1 -}} \t\r\n b"), "a1b");
  EXPECT_EQ(render("a\v{{- 1 -}}\fb"), "a\v1\fb");
  EXPECT_EQ(render("x {{-3}} {{-3 -}} y"), "x -3 -3y");
  EXPECT_EQ(render("x{{ 1 }}}"), "x1}");
}

TEST(Lexing, DropsCommentsThatTouchTheirDelimiters) {
  EXPECT_EQ(render("a{{/* c }} {{ \n */}}b"), "ab");
  EXPECT_EQ(render("a\n{{- /* c */ -}}\nb"), "ab");
  EXPECT_EQ(render("a {{ /* c */}}"), "template: t:1: unexpected \"/\" in command");
  EXPECT_EQ(render("a {{/* c */ }}"), "template: t:1: comment ends before closing delimiter");
  EXPECT_EQ(render("a {{/* c"), "template: t:1: unclosed comment");
}

TEST(Lexing, ReadsStringsAsGoDoes) {
  EXPECT_EQ(render(R"({{ "\t\x41é\U0001F600\101\\\"" }})"), "\tA\u00e9\U0001F600A\\\"");
  EXPECT_EQ(render("{{ `a\\n\"\r\nb` }}"), "a\\n\"\nb");
  EXPECT_EQ(render(R"({{ "\q" }})"), "template: t:1: invalid syntax");
  EXPECT_EQ(render(R"({{ "\ud800" }})"), "template: t:1: invalid syntax");
  EXPECT_EQ(render("{{ \"abc\n\" }}"), "template: t:1: unterminated quoted string");
  EXPECT_EQ(render("{{ `abc }}"), "template: t:1: unterminated raw quoted string");
}

TEST(Lexing, ReadsNumbersAsGoDoes) {
  EXPECT_EQ(render("{{ 017 }} {{ 0x_fF }} {{ 0b101 }} {{ 0o17 }} {{ 1_000 }} {{ 5. }} {{ .5 }} {{ 1e3 }} {{ 0x1p4 }}"),
            "15 255 5 15 1000 5 0.5 1000 16");
  EXPECT_EQ(render(R"({{ 'a' }} {{ '\n' }} {{ '\'' }} {{ 'é' }} {{ '\x41' }})"), "97 10 39 233 65");
  EXPECT_EQ(render("{{ 2i }} {{ 1+2i }} {{ 1e3-2i }}"), "(0+2i) (1+2i) (1000-2i)");
  EXPECT_EQ(render("{{ 089 }}"), "template: t:1: integer overflow: \"089\"");
  EXPECT_EQ(render("{{ 1__0 }}"), "template: t:1: illegal number syntax: \"1__0\"");
  EXPECT_EQ(render("{{ 1a }}"), "template: t:1: bad number syntax: \"1a\"");
  EXPECT_EQ(render("{{ 3-1 }}"), "template: t:1: bad number syntax: \"3-1\"");
  EXPECT_EQ(render("{{ 99999999999999999999 }}"), "template: t:1: integer overflow: \"99999999999999999999\"");
  EXPECT_EQ(render("{{ 18446744073709551615 }}"),
            "template: t:1:3: executing \"t\" at <18446744073709551615>: 18446744073709551615 overflows int");
  EXPECT_EQ(render("{{ 'ab' }}"), "template: t:1: malformed character constant: 'ab'");
  EXPECT_EQ(render("{{ 'a }}"), "template: t:1: unterminated character constant");
}

TEST(Lexing, NamesTheCharacterThatDoesNotBelong) {
  EXPECT_EQ(render("{{ a?b }}"), "template: t:1: bad character U+003F '?'");
  EXPECT_EQ(render("{{ .a-b }}"), "template: t:1: bad character U+002D '-'");
  EXPECT_EQ(render("{{ ¿ }}"), "template: t:1: unrecognized character in action: U+00BF '¿'");
  EXPECT_EQ(render("{{ $x : 1 }}"), "template: t:1: undefined variable \"$x\"");
  EXPECT_EQ(render("{{ $x := 1 }}{{$x= 2}}"), "template: t:1: bad character U+003D '='");
}

TEST(Parsing, NamesTheLineOfTheNewestToken) {
  EXPECT_EQ(render("a\n{{ 1\n\n"), "template: t:4: unclosed action started at t:2");
  EXPECT_EQ(render("{{ add\n  \"x\n }}"), "template: t:2: unterminated quoted string in action started at t:1");
  EXPECT_EQ(render("{{ add\n 1\n nosuch }}"), "template: t:3: function \"nosuch\" not defined");
  EXPECT_EQ(render("x\n{{ range . }}\na\n"), "template: t:4: unexpected EOF");
  EXPECT_EQ(render("{{ define \"p\" }}\n"), "template: t:2: unexpected EOF");
}

TEST(Parsing, RefusesWhatGoRefuses) {
  EXPECT_EQ(render("{{ }}"), "template: t:1: missing value for command");
  EXPECT_EQ(render("{{ add () }}"), "template: t:1: missing value for parenthesized pipeline");
  EXPECT_EQ(render("{{ (add 1 }}"), "template: t:1: unclosed left paren");
  EXPECT_EQ(render("{{ add 1) }}"), "template: t:1: unexpected right paren");
  EXPECT_EQ(render("{{ add(1) 2 }}"), "template: t:1: unexpected \"(\" in operand");
  EXPECT_EQ(render("{{ \"a\"\"b\" }}"), "template: t:1: unexpected \"\\\"b\\\"\" in operand");
  EXPECT_EQ(render("{{ 1 | 2 }}"), "template: t:1: non executable command in pipeline stage 2");
  EXPECT_EQ(render("{{ \"a\".b }}"), "template: t:1: unexpected . after term \"\\\"a\\\"\"");
  EXPECT_EQ(render("{{ ..a }}"), "template: t:1: unexpected . after term \".\"");
  EXPECT_EQ(render("{{ .a. }}"), "template: t:1: unexpected <.> in operand");
  EXPECT_EQ(render("{{ template \"a-long-name-here\" \"x\" \"y\" | }}{{ template .abcdefghijkl }}"),
            "template: t:1: unexpected \".abcdefghi\"... in template clause");
  EXPECT_EQ(render("{{ $a, $b := 1 }}"), "template: t:1: too many declarations in command");
  EXPECT_EQ(render("{{ range $a, $b, $c := . }}{{ end }}"), "template: t:1: too many declarations in range");
  EXPECT_EQ(render("{{ range $a, 1 := . }}{{ end }}"), "template: t:1: range can only initialize variables");
}

TEST(Parsing, ChecksHowBlocksBeginAndEnd) {
  EXPECT_EQ(render("{{ if 1 }}a"), "template: t:1: unexpected EOF");
  EXPECT_EQ(render("a{{ end }}"), "template: t:1: unexpected {{end}}");
  EXPECT_EQ(render("a{{ else }}"), "template: t:1: unexpected {{else}}");
  EXPECT_EQ(render("{{ if 1 }}a{{ else }}b{{ else }}c{{ end }}"), "template: t:1: expected end; found {{else}}");
  EXPECT_EQ(render("{{ if 1 }}{{ else with 1 }}{{ end }}"), "template: t:1: unexpected <with> in input");
  EXPECT_EQ(render("{{ range . }}{{ else if 1 }}{{ end }}"), "template: t:1: unexpected <if> in input");
  EXPECT_EQ(render("{{ break }}"), "template: t:1: {{break}} outside {{range}}");
  EXPECT_EQ(render("{{ range . }}{{ block \"b\" . }}{{ continue }}{{ end }}{{ end }}"),
            "template: t:1: {{continue}} outside {{range}}");
  EXPECT_EQ(render("{{ range . }}{{ break 1 }}{{ end }}"), "template: t:1: unexpected \"1\" in {{break}}");
  EXPECT_EQ(render("{{ if 1 }}{{ define \"x\" }}{{ end }}{{ end }}"), "template: t:1: unexpected <define> in command");
  EXPECT_EQ(render("{{ define \"x\" }}{{ else }}{{ end }}"), "template: t:1: unexpected {{else}} in define clause");
  EXPECT_EQ(render("{{ define x }}{{ end }}"), "template: t:1: unexpected \"x\" in define clause");
  EXPECT_EQ(render("{{ block \"b\" }}x{{ end }}"), "template: t:1: missing value for block clause");
}

TEST(Parsing, StopsAtItsLimits) {
  EXPECT_EQ(render("{{ " + std::string(1001, '(') + "1" + std::string(1001, ')') + " }}"),
            "template: t:1: max expression depth exceeded");
  TemplateSet set("gotpl", test_functions());
  EXPECT_EQ(set.add("t", std::string(11, 'x'), {.source = 10}).error().what,
            "template: t:1: template-too-large: 11 bytes, limit 10");
}

}  // namespace
}  // namespace sluice::gotemplate
