#include "core/value/unicode.hpp"

#include <gtest/gtest.h>

namespace sluice {
namespace {

TEST(Unicode, TellsClassesOfVersion15) {
  EXPECT_TRUE(is_letter(U'é'));
  EXPECT_TRUE(is_letter(U'日'));
  EXPECT_TRUE(is_letter(0x11F04));  // Kawi, new in 15.0
  EXPECT_FALSE(is_letter(U'1'));
  EXPECT_TRUE(is_digit(0x0663));
  EXPECT_FALSE(is_digit(0x00B2));
  EXPECT_TRUE(is_number(0x00B2));
  EXPECT_TRUE(is_upper(U'Ā'));
  EXPECT_FALSE(is_upper(U'ā'));
  EXPECT_TRUE(is_lower(U'ā'));
  EXPECT_TRUE(is_title(0x01C5));
  EXPECT_TRUE(is_space(0x3000));
  EXPECT_FALSE(is_space(0x200B));
  EXPECT_TRUE(is_punct(U'!'));
  EXPECT_FALSE(is_punct(U'$'));
  EXPECT_TRUE(is_symbol(U'$'));
  EXPECT_TRUE(is_print(U'😀'));
  EXPECT_FALSE(is_print(0xA0));
  EXPECT_FALSE(is_print(0xAD));
}

TEST(Unicode, MapsCase) {
  EXPECT_EQ(to_upper(U'ß'), U'ß');
  EXPECT_EQ(to_upper(U'ā'), U'Ā');
  EXPECT_EQ(to_lower(U'Σ'), U'σ');
  EXPECT_EQ(to_upper(0x01C6), char32_t{0x01C4});
  EXPECT_EQ(to_title(0x01C6), char32_t{0x01C5});
  EXPECT_EQ(to_upper(0x1C5), char32_t{0x1C4});
  EXPECT_EQ(to_lower(0x130), U'i');
}

TEST(Utf8, DecodesABadByteAsOneReplacement) {
  EXPECT_EQ(decode_rune("é").size, 2u);
  EXPECT_FALSE(decode_rune("\xc3").valid());
  EXPECT_FALSE(decode_rune("\xed\xa0\x80").valid());  // a surrogate
  EXPECT_FALSE(decode_rune("\xc0\x80").valid());      // overlong
  EXPECT_TRUE(decode_rune("\xef\xbf\xbd").valid());
  EXPECT_EQ(count_runes("a\xff\xffé"), 4u);
  EXPECT_EQ(to_valid_utf8("h\xc3"), "h\xef\xbf\xbd");
  EXPECT_EQ(decode_last_rune("aé").value, U'é');
  EXPECT_EQ(decode_last_rune("a\xa9").value, replacement_rune);
}

}  // namespace
}  // namespace sluice
