#include <gtest/gtest.h>

#include "tests/core/gotemplate/rendering.hpp"

namespace sluice::gotemplate {
namespace {

/// Each span as "text@file:line", with "=expression" where it has one.
std::string traced(const TemplateSet& set, std::string_view name) {
  Renderer renderer(set, {.wants_source_map = true});
  const auto text = renderer.execute(name, sample());
  if (!text) return text.error().what;
  std::string shown;
  for (const SourceSpan& span : renderer.source_map()) {
    shown += "<" + std::string(text->view().substr(span.begin, span.end - span.begin)) + ">@" + span.file + ":" + std::to_string(span.line);
    if (!span.expression.empty()) shown += "=" + span.expression;
    shown += " ";
  }
  return shown;
}

TEST(SourceMap, NamesTheLineThatWroteEachByte) {
  TemplateSet set("gotpl", test_functions());
  ASSERT_TRUE(set.add("t", "a: {{ .s }}\nb: {{ upper .s }}{{ template \"p\" . }}"));
  ASSERT_TRUE(set.add("_p", "\n{{- define \"p\" }}\nc: {{ .m.k }}{{ end }}"));
  EXPECT_EQ(traced(set, "t"), "<a: >@t:1 <str>@t:1=.s <\nb: >@t:1 <STR>@t:2 <\nc: >@_p:2 <v>@_p:3=.m.k ");
}

TEST(SourceMap, FollowsLinesThroughIncludeAndIndentation) {
  TemplateSet set("gotpl", test_functions());
  ASSERT_TRUE(set.add("t", "x:\n{{- include \"p\" . | nindent 2 }}\ny"));
  ASSERT_TRUE(set.add("_p", "{{- define \"p\" -}}\na: 1\nb: {{ .s }}\nc: 2\n{{- end }}"));
  EXPECT_EQ(traced(set, "t"), "<x:>@t:1 <\n>@t:2 <  a: 1\n>@_p:2 <  b: str\n>@_p:3 <  c: 2>@_p:4 <\ny>@t:2 ");
}

TEST(SourceMap, KnowsAnIncludedTextOnlyIfItIsPrintedAsItIs) {
  TemplateSet set("gotpl", test_functions());
  ASSERT_TRUE(set.add("t", "{{ include \"p\" . | upper }}{{ $x := include \"p\" . }}\n{{ .s }}"));
  ASSERT_TRUE(set.add("_p", "{{- define \"p\" -}}\nb: {{ .s }}{{ end }}"));
  EXPECT_EQ(traced(set, "t"), "<B: STR>@t:1 <\n>@t:1 <str>@t:2=.s ");
}

TEST(SourceMap, CountsNoLinesOfAComputedText) {
  TemplateSet set("gotpl", test_functions());
  ASSERT_TRUE(set.add("t", "{{ include \"p\" . }}"));
  ASSERT_TRUE(set.add("_p", "{{- define \"p\" -}}\n{{ \"x\\ny\" | upper }}{{ end }}"));
  EXPECT_EQ(traced(set, "t"), "<X\n>@_p:2 <Y>@_p:2 ");
}

TEST(SourceMap, ListsWhatAnActionLookedUp) {
  TemplateSet set("gotpl", test_functions());
  ASSERT_TRUE(set.add("t", "{{ with .m }}{{ upper .k }}{{ end }}{{ printf \"%v%v\" .s $.m.n.deep }}"));
  Renderer renderer(set, {.wants_source_map = true});
  const Value dot = sample();
  ASSERT_TRUE(renderer.execute("t", dot));
  const SourceMap& map = renderer.source_map();
  ASSERT_EQ(map.size(), 2U);
  ASSERT_EQ(map[0].reads.size(), 1U);
  EXPECT_EQ(map[0].reads[0].holder.identity(), dot.find("m")->identity());
  EXPECT_EQ(map[0].reads[0].key, "k");
  ASSERT_EQ(map[1].reads.size(), 2U);
  EXPECT_EQ(map[1].reads[0].key, "s");
  EXPECT_EQ(map[1].reads[1].key, "deep");
}

TEST(SourceMap, KnowsTheElementsOfARange) {
  TemplateSet set("gotpl", test_functions());
  ASSERT_TRUE(set.add("t", "{{ range .l }}{{ . }}{{ end }}{{ range $k, $v := .m.n }}{{ print $v $k }}{{ end }}"));
  Renderer renderer(set, {.wants_source_map = true});
  const Value dot = sample();
  ASSERT_TRUE(renderer.execute("t", dot));
  std::string shown;
  for (const SourceSpan& span : renderer.source_map())
    for (const ValueRead& read : span.reads) {
      shown += read.holder.identity() == dot.find("l")->identity() ? "l" : read.holder.identity() == dot.find("m")->find("n")->identity() ? "n." : "?";
      shown += read.key + (read.is_printed ? "! " : " ");
    }
  EXPECT_EQ(shown, "l[0]! l[1]! l[2]! n.deep ");
}

TEST(SourceMap, MovesWhenNoValueIsRemoved) {
  SourceMap map;
  map.push_back({.begin = 0, .end = 10, .file = "t", .line = 1, .expression = {}});
  map.push_back({.begin = 10, .end = 13, .file = "t", .line = 2, .expression = {}});
  EXPECT_EQ(without_no_value(Text("<no value>abc"), map).str(), "abc");
  ASSERT_EQ(map.size(), 1U);
  EXPECT_EQ(map[0].begin, 0U);
  EXPECT_EQ(map[0].end, 3U);
}

}  // namespace
}  // namespace sluice::gotemplate
