#include "core/plan/raw_json.hpp"

#include <gtest/gtest.h>

#include <string>

namespace sluice::plan {
namespace {

std::string members(std::string_view object) {
  std::string out;
  const bool good = for_each_member(
      object, [&](std::string_view key, std::string_view value) { out += std::string(key) + "=" + std::string(value) + ";"; });
  return good ? out : "no";
}

TEST(RawJson, CutsAnObjectIntoItsMembers) {
  EXPECT_EQ(members("{}"), "");
  EXPECT_EQ(members(" { } "), "");
  EXPECT_EQ(members(R"({"a":1,"b":"x,}\"\\","c":{"d":["}",{"e":null}]},"f":[]})"),
            R"(a=1;b="x,}\"\\";c={"d":["}",{"e":null}]};f=[];)");
  EXPECT_EQ(members("{ \"a\" : true ,\n\"b\"\t: -1.5e3 }"), "a=true;b=-1.5e3;");
}

TEST(RawJson, SaysWhatIsNoObject) {
  for (const std::string bad : {"", "[]", "1", "{", "{\"a\"}", "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":\"x}", "{\"a\":[1}", "{\"a\":1 2}", "{,}"})
    EXPECT_EQ(members(bad), "no") << bad;
}

TEST(RawJson, FindsAPath) {
  const std::string object = R"({"data":{"release":"SDRz","x":"data"},"release":1})";
  EXPECT_EQ(raw_at(object, "data/release"), "\"SDRz\"");
  EXPECT_EQ(raw_at(object, "release"), "1");
  EXPECT_EQ(raw_at(object, "data/release/x"), "");
  EXPECT_EQ(raw_at(object, "none"), "");
}

}  // namespace
}  // namespace sluice::plan
