#include "server/worker/shell_line.hpp"

#include <gtest/gtest.h>

namespace sluice::worker {
namespace {

using Words = std::vector<std::string>;

std::vector<Words> words_of(std::string_view line) {
  auto commands = parse_pipeline(line);
  EXPECT_TRUE(commands) << (commands ? "" : commands.error().what);
  std::vector<Words> all;
  if (!commands) return all;
  for (const ShellCommand& command : *commands) all.push_back(command.words);
  return all;
}

std::string refusal(std::string_view line) {
  auto commands = parse_pipeline(line);
  return commands ? "understood" : commands.error().what;
}

TEST(ShellLine, QuotesAndBackslashesMakeWords) {
  EXPECT_EQ(words_of("kubectl get secret -o jsonpath='{.data.A}' | base64 -d"),
            (std::vector<Words>{{"kubectl", "get", "secret", "-o", "jsonpath={.data.A}"}, {"base64", "-d"}}));
  EXPECT_EQ(words_of("jq -r \".a[\\\"b\\\"]\" x\\ y ''"), (std::vector<Words>{{"jq", "-r", ".a[\"b\"]", "x y", ""}}));
  EXPECT_EQ(words_of("  a \\\n b|c  \n"), (std::vector<Words>{{"a", "b"}, {"c"}}));
  EXPECT_EQ(words_of("jq '.data | keys[] | select(. > 1)'"), (std::vector<Words>{{"jq", ".data | keys[] | select(. > 1)"}}));
}

TEST(ShellLine, ErrorsMayGoNowhere) {
  auto commands = parse_pipeline("kubectl get x 2>/dev/null | base64 -d 2> /dev/null|tr a b");
  ASSERT_TRUE(commands);
  EXPECT_EQ(commands->size(), 3u);
  EXPECT_TRUE((*commands)[0].drop_errors && (*commands)[1].drop_errors && !(*commands)[2].drop_errors);
  EXPECT_EQ((*commands)[1].words, (Words{"base64", "-d"}));
}

TEST(ShellLine, WhatMeansMoreToAShellIsRefusedWhereItStands) {
  EXPECT_EQ(refusal("a; b"), "column 2: `;` is not understood here");
  EXPECT_EQ(refusal("a && b"), "column 3: `&` is not understood here");
  EXPECT_EQ(refusal("a || b"), "column 3: `||` is not understood here");
  EXPECT_EQ(refusal("a $(b)"), "column 3: `$` is not understood here");
  EXPECT_EQ(refusal("a \"$b\""), "column 4: `$` is not understood here");
  EXPECT_EQ(refusal("a \"`b`\""), "column 4: ``` is not understood here");
  EXPECT_EQ(refusal("a > /etc/passwd"), "column 3: `>` is not understood here");
  EXPECT_EQ(refusal("a 2>/dev/nullx"), "column 3: `2>` is not understood here");
  EXPECT_EQ(refusal("a 2>&1"), "column 3: `2>` is not understood here");
  EXPECT_EQ(refusal("a < b"), "column 3: `<` is not understood here");
  EXPECT_EQ(refusal("a *"), "column 3: `*` is not understood here");
  EXPECT_EQ(refusal("a ~"), "column 3: `~` is not understood here");
  EXPECT_EQ(refusal("a #b"), "column 3: `#` is not understood here");
  EXPECT_EQ(refusal("a\nb"), "column 2: a line break is not understood here");
  EXPECT_EQ(refusal("| b"), "column 1: `|` is not understood here");
  EXPECT_EQ(refusal("a |"), "a program is missing at the end");
  EXPECT_EQ(refusal(""), "a program is missing at the end");
  EXPECT_EQ(refusal("a 'b"), "column 3: the quote has no end");
  EXPECT_EQ(refusal("a \"b"), "column 3: the quote has no end");
}

}  // namespace
}  // namespace sluice::worker
