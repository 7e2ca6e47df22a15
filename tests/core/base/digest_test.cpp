#include "core/base/digest.hpp"

#include <gtest/gtest.h>

namespace sluice {

TEST(Digest, Sha256OfTheStandardVectorIsTheOneOfFips180) {
  EXPECT_EQ(to_hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Digest, HmacIsTheOneOfRfc4231) {
  EXPECT_EQ(to_hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(Hex, RefusesOddLengthAndOtherLetters) {
  EXPECT_EQ(from_hex("00fF"), std::string("\0\xff", 2));
  EXPECT_EQ(from_hex("abc"), std::nullopt);
  EXPECT_EQ(from_hex("zz"), std::nullopt);
}

TEST(Base64, RoundTripsEveryLengthModuloThree) {
  for (const std::string text : {"", "f", "fo", "foo", "foob", "fooba", "foobar"}) EXPECT_EQ(from_base64(to_base64(text)), text);
  EXPECT_EQ(to_base64("fooba"), "Zm9vYmE=");
}

TEST(Base64, RefusesBadPaddingAndTextAfterIt) {
  EXPECT_EQ(from_base64("Zg="), std::nullopt);
  EXPECT_EQ(from_base64("Z==="), std::nullopt);
  EXPECT_EQ(from_base64("Zg==Zg=="), std::nullopt);
  EXPECT_EQ(from_base64("Zm9v\nYmE=\n"), "fooba");
}

}  // namespace sluice
