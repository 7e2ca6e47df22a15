#include "core/functions/words.hpp"

#include <gtest/gtest.h>

namespace sluice::functions {
namespace {

TEST(Words, AreSeparatedAsXstringsDoes) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"OneTwo", "one_two"},        {"XMLFile", "xml_file"},       {"FOO BAR", "foo_bar"},     {"abc4de", "abc_4de"},
      {"XY30zPQ", "xy_30z_pq"},     {"Wait5m6s", "wait_5m6s"},     {"8080port", "8080port"},   {"a--b  c", "a__b__c"},
      {"x+y=Zz", "x_+_y_=_zz"},     {"a1B2", "a1_b2"},             {"foo1bar2", "foo_1bar2"},  {"x2", "x2"},
      {"port8080Open", "port8080_open"}, {"\xc3\x89t\xc3\xa9" "Abc", "\xc3\xa9t\xc3\xa9_abc"}, {"", ""}, {"_x__y", "_x__y"}};
  for (const auto& [text, expected] : cases) EXPECT_EQ(to_separated(text, '_'), expected) << text;
  EXPECT_EQ(to_separated("fooBar.bazQux", '-'), "foo-bar.baz-qux");
}

TEST(Words, AreJoinedAsXstringsDoes) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"blue_sky", "BlueSky"}, {"_deep__water_", "_Deep_Water_"}, {"LOUD_AND_CLEAR", "LoudAndClear"}, {"-", "--"},
      {"XMLFile", "Xmlfile"},  {"fooBAR", "FooBAR"},              {"x_1y", "X1y"},                    {"", ""}};
  for (const auto& [text, expected] : cases) EXPECT_EQ(to_camel_case(text), expected) << text;
}

TEST(Words, AreWrappedAtBlanks) {
  EXPECT_EQ(wrap("aaa bbb ccc", 5, "\n", LongWords::keep), "aaa\nbbb\nccc");
  EXPECT_EQ(wrap("aaaaaaaaaa bb", 5, "\n", LongWords::keep), "aaaaaaaaaa\nbb");
  EXPECT_EQ(wrap("Green Apple marvellous", 5, "|", LongWords::split), "Green|Apple|marve|llous");
  EXPECT_EQ(wrap("a  b   c", 3, "\n", LongWords::keep), "a \nb  \nc");
}

TEST(Words, AreAbbreviatedByBytes) {
  EXPECT_EQ(abbreviate("hello world", 5), "he...");
  EXPECT_EQ(abbreviate("hello", 3), "hello");
  EXPECT_EQ(abbreviate_both("alpha beta gamma delta", 6, 10), "...beta...");
  EXPECT_EQ(abbreviate_both("abcdefghijklmnop", 50, 8), "...lmnop");
}

TEST(Words, ChangeCaseWordByWord) {
  EXPECT_EQ(to_title_words("it's a_b foo-bar"), "It'S A_b Foo-Bar");
  EXPECT_EQ(to_untitled("Hello WORLD\tFoo"), "hello wORLD\tfoo");
  EXPECT_EQ(swap_case("Mixed Case"), "mIXED cASE");
}

TEST(Words, TakeBytesForLatin1WhereGoutilsDoes) {
  EXPECT_EQ(initials("Quick brown  Fox"), "QbF");
  EXPECT_EQ(without_spaces("h\xc3\xa9llo"), "h\xc3\xa9llo");
  EXPECT_EQ(without_spaces("\xc3\xa9 "), "\xc3\x83\xc2\xa9");
}

}  // namespace
}  // namespace sluice::functions
