#include "core/value/value.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

#include "core/value/segments.hpp"

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

TEST(PendingText, IsMadeOnceWhenItIsFirstRead) {
  int made = 0;
  const Text text = Text::later(3, {}, [&made] { return Text("made " + std::to_string(++made)); });
  const Value value = Value::of_string(text);
  EXPECT_TRUE(value.is_pending());
  EXPECT_EQ(text.expected_size(), 3U);
  EXPECT_FALSE(text.has_marks());
  EXPECT_EQ(made, 0);
  EXPECT_EQ(value.str(), "made 1");
  EXPECT_EQ(text.view(), "made 1");
  EXPECT_FALSE(value.is_pending());
  EXPECT_EQ(value.size(), 6U);
}

TEST(PendingText, IsMadeAgainAfterAFailure) {
  bool is_cold = true;
  const Text text = Text::later(1, {}, [&is_cold] { return is_cold ? throw std::runtime_error("cold") : Text("warm"); });
  EXPECT_THROW(text.size(), std::runtime_error);
  is_cold = false;
  EXPECT_EQ(text.view(), "warm");
}

TEST(PendingText, KeepsItsPlaceInWhatIsBuiltOfIt) {
  TextBuilder builder;
  builder.append("<");
  builder.append_later(Text::later(5, {}, [] { return Text("one"); }));
  builder.append("|");
  builder.append_later(Text::later(1, {}, [] { return Text("second"); }));
  builder.append(">");
  EXPECT_EQ(builder.size(), 9U);
  const Text built = builder.finish();
  EXPECT_TRUE(built.is_pending());
  EXPECT_EQ(built.view(), "<one|second>");
  builder.append("again");
  EXPECT_EQ(builder.finish().view(), "again");
}

TEST(PendingText, IsMadeAtOnceBesideSecretsWhichStayMarked) {
  TextBuilder builder;
  builder.append_secret("pw");
  builder.append_later(Text::later(5, {}, [] { return Text("one"); }));
  builder.append_secret("word");
  const std::size_t begin = builder.size();
  builder.append_later(Text::later(1, {}, [] { return Text("second"); }));
  builder.append(".");
  builder.mark_from(begin);
  builder.append(".");
  const Text built = builder.text();
  EXPECT_FALSE(built.is_pending());
  EXPECT_EQ(built.view(), "pwoneword" "second..");
  EXPECT_EQ(masked(built), "(secret)one(secret).");
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
