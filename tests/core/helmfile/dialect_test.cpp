#include "core/helmfile/dialect.hpp"

#include <gtest/gtest.h>

namespace sluice::helmfile {
namespace {

std::string types(std::string_view yaml) {
  std::string out;
  const Value list = *read_yaml(Text(yaml));
  for (const Value& item : list.items()) {
    out += std::string(type_name(item)) + " " + scalar_text(item).str() + "\n";
  }
  return out;
}

std::string rewritten(std::string_view yaml) { return write_yaml(*read_yaml(Text(yaml))).str(); }

TEST(Dialect, GivesScalarsTheTypesOfYaml12) {
  EXPECT_EQ(types("[yes, off, true, 010, 0o10, 1_000, 0x1F, -3, 12:30, 1e3, 1.5e3, 2001-01-01, 99999999999999999999, 1.10, 08]"),
            "string yes\nstring off\nbool true\nuint64 8\nuint64 8\nuint64 1000\nuint64 31\nint64 -3\nstring 12:30\nstring 1e3\n"
            "float64 1500\nstring 2001-01-01\nstring 99999999999999999999\nfloat64 1.1\nstring 08\n");
}

TEST(Dialect, ReadsNothingFromNothing) {
  EXPECT_TRUE(read_yaml(Text())->is_nil());
  EXPECT_TRUE(read_yaml(TextBuilder().finish())->is_nil());
  EXPECT_TRUE(read_yaml(Text("# nothing\n"))->is_nil());
}

TEST(Dialect, LetsAMergeKeyOverrideWhatStandsBeforeIt) {
  EXPECT_EQ(rewritten("base: &b {a: 1, c: 2}\nfirst: {<<: *b, a: 3}\nlast: {a: 3, <<: *b}\n"),
            "base:\n  a: 1\n  c: 2\nfirst:\n  a: 3\n  c: 2\nlast:\n  a: 1\n  c: 2\n");
}

TEST(Dialect, WritesBlocksWithoutIndentingLists) {
  EXPECT_EQ(rewritten("b: [1, {x: v, z: [q]}, [a, [b]]]\na: {}\nc: []\n"),
            "a: {}\nb:\n- 1\n- x: v\n  z:\n  - q\n- - a\n  - - b\nc: []\n");
}

TEST(Dialect, QuotesWhatWouldReadAsSomethingElse) {
  EXPECT_EQ(rewritten("['', 'yes', 'true', '010', '1e3', 'a: b', '#x', '-x', \"it's\", '- x', '12:30', 'x y', 'null']"),
            "- ''\n- 'yes'\n- 'true'\n- '010'\n- 1e3\n- 'a: b'\n- '#x'\n- -x\n- it's\n- '- x'\n- '12:30'\n- x y\n- 'null'\n");
}

TEST(Dialect, QuotesNumbersAndTimesAndNothingThatOnlyBeginsLikeThem) {
  EXPECT_EQ(rewritten("['./x', '.5', '.a', '-5', '-', '?a', ':a', 'a?', '1.2.3', '5m', '24:00', '1:5', '1:02:03', '2026-11-25', '2026-13-25', "
                      "'2026-11-25 08:30:00', '2026-11-25T08:30:00.5+01:00', '2026-11-25T08:30']"),
            "- ./x\n- '.5'\n- .a\n- '-5'\n- '-'\n- ?a\n- :a\n- a?\n- 1.2.3\n- 5m\n- 24:00\n- '1:5'\n- 1:02:03\n- '2026-11-25'\n- 2026-13-25\n"
            "- '2026-11-25 08:30:00'\n- '2026-11-25T08:30:00.5+01:00'\n- 2026-11-25T08:30\n");
}

TEST(Dialect, WritesSeveralLinesAsALiteralBlock) {
  EXPECT_EQ(rewritten("a: \"x\\ny\\n\"\nb: \"x\\ny\"\nc: \"x\\n\\n\"\n"), "a: |\n  x\n  y\nb: |-\n  x\n  y\nc: |+\n  x\n\n");
}

TEST(Dialect, RefusesAKeyGivenTwiceUnlessToldOtherwise) {
  EXPECT_EQ(read_yaml(Text("a: 1\nb: 2\na: 3\n")).error().what, "line 3: mapping key \"a\" already defined");
  EXPECT_EQ(write_yaml(*read_yaml(Text("a: 1\na: 3\n"), {.duplicate_keys = true})).str(), "a: 3\n");
}

TEST(Dialect, StopsAtBombs) {
  std::string bomb = "a: &a [x, x, x, x, x, x, x, x, x, x]\n";
  for (char c = 'b'; c < 'i'; ++c) {
    bomb += std::string(1, c) + ": &" + c + " [";
    for (int i = 0; i < 10; ++i) bomb += std::string(i > 0 ? "," : "") + "*" + static_cast<char>(c - 1);
    bomb += "]\n";
  }
  EXPECT_EQ(read_yaml(Text(bomb)).error().what, "line 6: more than 500000 values, counted through aliases");
  EXPECT_EQ(read_yaml(Text(std::string(200, '['))).error().what, "line 1: more than 100 levels");
}

TEST(Dialect, NamesTheLineOfAnError) {
  EXPECT_EQ(read_yaml(Text("a: 1\nb: [\n")).error().what,
            "line 3: while parsing a flow node: did not find expected node content");
  EXPECT_EQ(read_yaml(Text("a: *x\n")).error().what, "line 1: unknown anchor *x");
}

TEST(Dialect, KeepsMarksOnWhatCameFromSecrets) {
  const std::string yaml = "a: pass-word\nb: \"x\"\nc: |\n  one\n  key = pass;\n";
  const std::size_t first = yaml.find("word");
  const std::size_t second = yaml.find("pass;");
  const Text text(yaml, {{static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(first + 4)},
                         {static_cast<std::uint32_t>(second), static_cast<std::uint32_t>(second + 4)}});
  const Value value = *read_yaml(text);
  ASSERT_EQ(value.find("a")->text().marks().size(), 1u);
  EXPECT_EQ(value.find("a")->text().marks()[0], (Mark{5, 9}));
  EXPECT_FALSE(value.find("b")->text().has_marks());
  ASSERT_EQ(value.find("c")->text().marks().size(), 1u);
  EXPECT_EQ(value.find("c")->text().marks()[0], (Mark{10, 14}));
  EXPECT_TRUE(write_yaml(value).has_marks());
}

TEST(Dialect, MarksANumberThatCameFromASecretAsAWhole) {
  const Value value = *read_yaml(Text("a: 1234\n", {{3, 7}}));
  EXPECT_TRUE(value.find("a")->secret_bit());
}

}  // namespace
}  // namespace sluice::helmfile
