#include "core/intake/json.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace sluice::intake {
namespace {

std::string nested(int levels) {
  return std::string(static_cast<std::size_t>(levels), '[') + std::string(static_cast<std::size_t>(levels), ']');
}

std::string problem(const std::string& text) {
  const auto read = read_json(text);
  return read ? "read" : read.error().what;
}

TEST(Json, IsReadDownToItsDeepestAllowedLevel) {
  EXPECT_EQ(problem(nested(64)), "read");
  EXPECT_EQ(problem(nested(65)), "json-too-deep: nested deeper than 64 levels");
  EXPECT_EQ(problem(nested(200'000)), "json-too-deep: nested deeper than 64 levels");
}

TEST(Json, MayNotHaveAKeyTwiceInOneObject) {
  EXPECT_EQ(problem(R"({"a":1,"b":{"a":2}})"), "read");
  EXPECT_EQ(problem(R"({"a":1,"a":1})"), "a key appears twice in one object");
  EXPECT_EQ(problem(R"([{"b":{"a":1,"\u0061":1}}])"), "a key appears twice in one object");
}

TEST(Json, SaysWhereItEndsBeingJson) {
  EXPECT_EQ(problem(""), "not JSON from byte 1 on");
  EXPECT_EQ(problem("{\"a\":}"), "not JSON from byte 6 on");
  EXPECT_EQ(problem("{} {}"), "not JSON from byte 4 on");
  EXPECT_EQ(problem("\"\xff\""), "not JSON from byte 2 on");
}

}  // namespace
}  // namespace sluice::intake
