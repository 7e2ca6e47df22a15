#include "server/worker/jsonpath.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace sluice::worker {
namespace {

std::string print(std::string_view text) {
  static const plan::Json object = plan::Json::parse(
      R"({"data":{"KEY":"dmFsdWU=","tls.crt":"Y3J0","n":5,"yes":true,"nothing":null},"items":[{"metadata":{"name":"a"}},{"metadata":{"name":"b"}}]})");
  auto printed = print_jsonpath(object, text);
  return printed ? *printed : "error: " + printed.error().what;
}

TEST(JsonPath, PrintsWhatKubectlPrints) {
  EXPECT_EQ(print("{.data.KEY}"), "dmFsdWU=");
  EXPECT_EQ(print("{$.data.KEY}"), "dmFsdWU=");
  EXPECT_EQ(print("{.data.tls\\.crt}"), "Y3J0");
  EXPECT_EQ(print("{.data['tls.crt']}"), "Y3J0");
  EXPECT_EQ(print("{.data[\"tls.crt\"]}"), "Y3J0");
  EXPECT_EQ(print("{.data['tls\\.crt']}"), "Y3J0");
  EXPECT_EQ(print("{.data.none}"), "");
  EXPECT_EQ(print("{.data.nothing}"), "");
  EXPECT_EQ(print("x={.data.n}, {.data.yes}{\"\\n\"}"), "x=5, true\n");
  EXPECT_EQ(print("{.items[*].metadata.name}"), "a b");
  EXPECT_EQ(print("{.items[-1].metadata}"), "{\"name\":\"b\"}");
  EXPECT_EQ(print("{.items[7].metadata}"), "");
  EXPECT_EQ(print("{range .items[*]}{.metadata.name}{'\\t'}{end}."), "a\tb\t.");
  EXPECT_EQ(print("{range .none[*]}{.metadata.name}{end}."), ".");
  EXPECT_EQ(print(".data.KEY"), ".data.KEY");
}

TEST(JsonPath, SaysWhatItDoesNotUnderstand) {
  EXPECT_EQ(print("{..name}"), "error: jsonpath {..name}: \"..\" is not supported");
  EXPECT_EQ(print("{.items[?(@.a)]}"), "error: jsonpath {.items[?(@.a)]}: \"[?(@.a)]\" is not supported");
  EXPECT_EQ(print("{.items[0:1]}"), "error: jsonpath {.items[0:1]}: \"[0:1]\" is not supported");
  EXPECT_EQ(print("{.data"), "error: jsonpath {.data: a brace has no end");
  EXPECT_EQ(print("{}"), "error: jsonpath {}: empty braces");
  EXPECT_EQ(print("{end}"), "error: jsonpath {end}: {end} without {range}");
  EXPECT_EQ(print("{range .items[*]}x"), "error: jsonpath {range .items[*]}x: {range} without {end}");
}

}  // namespace
}  // namespace sluice::worker
