#include "core/functions/regex.hpp"

#include <gtest/gtest.h>

namespace sluice::functions {
namespace {

std::vector<std::string> parts(std::string_view text, const std::vector<Regex::Range>& ranges) {
  std::vector<std::string> out;
  for (const auto& range : ranges) out.emplace_back(text.substr(range.begin, range.end - range.begin));
  return out;
}
std::vector<std::string> found(std::string_view pattern, std::string_view text, int most = -1) {
  return parts(text, *Regex::compile(pattern)->find_all(text, most));
}
std::vector<std::string> split(std::string_view pattern, std::string_view text, int most = -1) {
  return parts(text, *Regex::compile(pattern)->split(text, most));
}
std::string replaced(std::string_view pattern, const Text& text, const Text& replacement) {
  return Regex::compile(pattern)->replace_all(text, replacement, Regex::Expand::groups)->str();
}
std::string error(std::string_view pattern) {
  auto regex = Regex::compile(pattern);
  return regex ? "no error" : regex.error().what;
}
using Texts = std::vector<std::string>;

TEST(Regex, FindsNoEmptyMatchRightBehindAnother) {
  EXPECT_EQ(found("a*", "baab"), (Texts{"", "aa", ""}));
  EXPECT_EQ(found("a", "aaa", 2), (Texts{"a", "a"}));
  EXPECT_EQ(found("^a", "aaa"), (Texts{"a"}));
  EXPECT_EQ(found("", "\xc3\xa9"), (Texts{"", ""}));
}

TEST(Regex, ExpandsGroupsInReplacements) {
  EXPECT_EQ(replaced("k(o*)l", "=kl=kool=", "${1}W"), "=W=ooW=");
  EXPECT_EQ(replaced("k(o*)l", "=kl=kool=", "$1W"), "===");
  EXPECT_EQ(replaced("(?P<n>x+)", "axxb", "<$n>"), "a<xx>b");
  EXPECT_EQ(replaced("(?<n>x+)", "axxb", "<${n}>"), "a<xx>b");
  EXPECT_EQ(replaced("x", "axb", "$$ $ ${ $0"), "a$ $ ${ xb");
  EXPECT_EQ(replaced("(a)(b)?", "ac", "[$2]"), "[]c");
}

TEST(Regex, ReplacesEmptyMatchesBetweenCharacters) {
  EXPECT_EQ(replaced("x*", "abc", "-"), "-a-b-c-");
  EXPECT_EQ(replaced("", "", "-"), "-");
}

TEST(Regex, CarriesMarksThroughReplacements) {
  const Text subject("user:hunter2!", Marks{{5, 12}});
  const Text result = *Regex::compile("user:(.*)!")->replace_all(subject, "pw=$1;", Regex::Expand::groups);
  EXPECT_EQ(result.str(), "pw=hunter2;");
  ASSERT_EQ(result.marks().size(), 1U);
  EXPECT_EQ(result.marks()[0], (Mark{3, 10}));
}

TEST(Regex, SplitsAsGoDoes) {
  EXPECT_EQ(split("a", "banana", 2), (Texts{"b", "nana"}));
  EXPECT_EQ(split("a", "banana", 0), Texts{});
  EXPECT_EQ(split("", "abc"), (Texts{"a", "b", "c"}));
  EXPECT_EQ(split("x", ""), (Texts{""}));
  EXPECT_EQ(split("a*", "baac"), (Texts{"b", "c"}));
}

TEST(Regex, TellsErrorsInGosWords) {
  EXPECT_EQ(error("["), "error parsing regexp: missing closing ]: `[`");
  EXPECT_EQ(error("a("), "error parsing regexp: missing closing ): `a(`");
  EXPECT_EQ(error("a)"), "error parsing regexp: unexpected ): `a)`");
  EXPECT_EQ(error("*a"), "error parsing regexp: missing argument to repetition operator: `*`");
  EXPECT_EQ(error("a**"), "error parsing regexp: invalid nested repetition operator: `**`");
  EXPECT_EQ(error("a{1001}"), "error parsing regexp: invalid repeat count: `{1001}`");
  EXPECT_EQ(error("\\1"), "error parsing regexp: invalid escape sequence: `\\1`");
  EXPECT_EQ(error("a\\C"), "error parsing regexp: invalid escape sequence: `\\C`");
  EXPECT_EQ(error("[b-a]"), "error parsing regexp: invalid character class range: `b-a`");
  EXPECT_EQ(error("a(?=b)"), "error parsing regexp: invalid or unsupported Perl syntax: `(?=`");
  EXPECT_EQ(error("x(?<!a)b"), "error parsing regexp: invalid named capture: `(?<!a)b`");
  EXPECT_EQ(error("a\\"), "error parsing regexp: trailing backslash at end of expression: ``");
}

TEST(Regex, LeavesClassesAndQuotedTextAlone) {
  EXPECT_EQ(found("[(?<]+", "a(?<b"), (Texts{"(?<"}));
  EXPECT_EQ(found("\\Q(?<\\E.", "a(?<b"), (Texts{"(?<b"}));
  EXPECT_EQ(found("[]a]+", "x]a"), (Texts{"]a"}));
}

TEST(Regex, RefusesWhatWouldCostTooMuch) {
  EXPECT_EQ(error("((a{100}){100}){100}"), "error parsing regexp: invalid repeat count: `{100}`");
  EXPECT_EQ(Regex::compile("a")->matches(std::string(1048577, 'b')).error().what,
            "subject of a regular expression exceeds the limit of 1048576 bytes");
}

}  // namespace
}  // namespace sluice::functions
