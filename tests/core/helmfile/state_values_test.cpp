#include "core/helmfile/state_values.hpp"

#include <gtest/gtest.h>

#include "core/helmfile/dialect.hpp"

namespace sluice::helmfile {
namespace {

std::string set(std::string_view start, std::string_view argument) {
  const Value values = start.empty() ? Value::new_map() : *read_yaml(Text(start));
  auto done = set_state_values(values, argument);
  return done ? write_yaml(values).str() : "error: " + done.error().what;
}

std::string set_string(std::string_view argument) {
  const Value values = Value::new_map();
  auto done = set_state_values_string(values, argument);
  return done ? write_yaml(values).str() : "error: " + done.error().what;
}

TEST(StateValues, GetTheTypeOfTheirText) {
  EXPECT_EQ(set("", "a=TRUE,b=12,c=012,d=0,e=1.5"), "a: true\nb: 12\nc: '012'\nd: 0\ne: '1.5'\n");
}

TEST(StateValues, NestByDotsAndIndices) {
  EXPECT_EQ(set("a: {x: 1}\n", "a.v.z=2,l[1]=b"), "a:\n  v:\n    z: 2\n  x: 1\nl:\n- null\n- b\n");
  EXPECT_EQ(set("", "a\\.b=1"), "a.b: 1\n");
}

TEST(StateValues, SayWhatIsWrongWithThem) {
  EXPECT_EQ(set("", "a=1,b"), "error: state value \"b\" must have the form name=value");
  EXPECT_EQ(set("a: 1\n", "a.b=2"), "error: state value \"a.b\": \"a\" already is a single value");
  EXPECT_EQ(set("", "=2"), "error: state value without a name: \"=...\"");
}

TEST(StateValues, AsTextKeepQuotesAndStayText) {
  EXPECT_EQ(set_string("a=12"), "a: '12'\n");
  EXPECT_EQ(set_string("a=\"x,y\""), "a: '\"x,y\"'\n");
  EXPECT_EQ(set_string("k=a,b"), "k: a\n");
  EXPECT_EQ(set_string("k="), "{}\n");
}

}  // namespace
}  // namespace sluice::helmfile
