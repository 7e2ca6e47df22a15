#include "core/value/value.hpp"

#include <gtest/gtest.h>

namespace sluice {

TEST(Value, CopiesShareTheirMapAndDeepCopiesDoNot) {
  const Value original = Value::new_map({{"a", Value::of_int(1)}});
  const Value alias = original;
  const Value copy = deep_copy(original);
  original.map()->set("a", Value::of_int(2));
  EXPECT_EQ(alias.find("a")->as_int(), 2);
  EXPECT_EQ(copy.find("a")->as_int(), 1);
}

TEST(Value, EqualityKeepsGoTypesApart) {
  EXPECT_FALSE(deep_equal(Value::of_int(1), Value::of_int64(1)));
  EXPECT_FALSE(deep_equal(Value::nil_list(), Value::new_list()));
  EXPECT_TRUE(deep_equal(Value::new_list({Value::of_string("x")}), Value::new_list({Value::of_string("x")})));
  EXPECT_EQ(type_name(Value::new_map({}, MapType::values)), "chartutil.Values");
  EXPECT_EQ(kind_name(Value::nil_list()), "slice");
}

TEST(Map, KeepsItsKeysSortedAndTheLastOfEqualOnes) {
  Map map({{"b", Value::of_int(1)}, {"a", Value::of_int(2)}, {"b", Value::of_int(3)}});
  ASSERT_EQ(map.size(), 2u);
  EXPECT_EQ(map.begin()->key.view(), "a");
  EXPECT_EQ(map.find("b")->as_int(), 3);
  map.set("aa", Value::of_bool(true));
  EXPECT_EQ(map.entries()[1].key.view(), "aa");
  EXPECT_TRUE(map.erase("a"));
  EXPECT_FALSE(map.erase("a"));
}

TEST(Marks, SurviveConcatenationAndCutting) {
  TextBuilder builder;
  builder.append("user:");
  builder.append(Text::secret("pass"));
  builder.append(Text::secret("word"));
  builder.append("@host");
  const Text text = builder.finish();
  EXPECT_EQ(text.view(), "user:password@host");
  ASSERT_EQ(text.marks().size(), 1u);
  EXPECT_EQ(text.marks()[0], (Mark{5, 13}));
  const Text cut = text.substr(7, 15);
  EXPECT_EQ(cut.view(), "ssword@h");
  EXPECT_EQ(cut.marks()[0], (Mark{0, 6}));
  EXPECT_FALSE(text.substr(13, 18).has_marks());
}

TEST(Marks, OfAnyLeafAreFoundFromTheRoot) {
  const Value plain = Value::new_map({{"list", Value::new_list({Value::of_float(2), Value::of_string("x")})}});
  EXPECT_FALSE(has_marks(plain));
  const Value secret = mark_secret(plain);
  EXPECT_TRUE(has_marks(secret));
  EXPECT_TRUE(secret.find("list")->items()[0].secret_bit());
  EXPECT_FALSE(has_marks(plain));
}

}  // namespace sluice
