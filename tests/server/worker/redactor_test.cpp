#include "server/worker/redactor.hpp"

#include <gtest/gtest.h>

#include "core/base/digest.hpp"

namespace sluice::worker {
namespace {

std::string hidden(std::string_view secret, std::string_view text) {
  Redactor redactor;
  redactor.add(secret);
  return redactor.hide(text);
}

TEST(Redactor, HidesASecretHoweverItIsQuoted) {
  const std::string_view secret = "a\"b/zwR6GfyjIJ4exm&\xc3\xa9 +";
  EXPECT_EQ(hidden(secret, "no: a\"b/zwR6GfyjIJ4exm&\xc3\xa9 + is wrong"), "no: (secret) is wrong");
  EXPECT_EQ(hidden(secret, R"(parsing "a\"b/zwR6GfyjIJ4exm&\xc3\xa9 +" as)"), R"(parsing "a\"(secret)&\xc3\xa9 +" as)");
  EXPECT_EQ(hidden(secret, "a&quot;b/zwR6GfyjIJ4exm&amp;"), "a&quot;(secret)&amp;");
  EXPECT_EQ(hidden(secret, "a%22b%2FzwR6GfyjIJ4exm%26"), "a%22b%2F(secret)%26");
  EXPECT_EQ(hidden(secret, "B/ZWR6GFYJIJ4EXM and b/zwr6gfyjij4exm"), "(secret) and (secret)");
}

TEST(Redactor, HidesItInBase64AtAnyOffsetAndInHex) {
  const std::string secret = "zwR6GfyjIJ4exmkUTaED";
  for (const char* before : {"", "x", "xy", "xyz"}) {
    const std::string encoded = to_base64(before + secret + "#");
    const auto shown = hidden(secret, "data: " + encoded);
    EXPECT_NE(shown.find("(secret)"), std::string::npos) << shown;
    EXPECT_LE(shown.size(), std::string("data: ").size() + 8 + 12) << shown;
  }
  EXPECT_EQ(hidden(secret, to_hex(secret)), "(secret)");
}

TEST(Redactor, KnowsEachLineAndWordOfWhatAProgramPrints) {
  const std::string_view printed = "user: postgres\npassword: s3cret-of-ann\nurl=https://ann:hunter2@db:5432/x\n";
  EXPECT_EQ(hidden(printed, "no key s3cret-of-ann"), "no key (secret)");
  EXPECT_EQ(hidden(printed, "cannot reach https://ann:hunter2@db:5432/x"), "cannot reach https://ann:(secret)@db:5432/x");
  EXPECT_EQ(hidden(printed, "hunter2"), "(secret)");
}

TEST(Redactor, LeavesWordsThatCouldBeAnybodys) {
  EXPECT_EQ(hidden("postgres", "release db/postgres: Deployment db/postgres"), "release db/postgres: Deployment db/postgres");
  EXPECT_EQ(hidden("true", "true"), "true");
  EXPECT_EQ(hidden("", "as it was"), "as it was");
  EXPECT_EQ(hidden("db.example.org", "cannot reach db.example.org"), "cannot reach db.example.org");
}

TEST(Redactor, JoinsWhatOverlaps) {
  Redactor redactor;
  redactor.add("first-1234567");
  redactor.add("1234567-second");
  EXPECT_EQ(redactor.hide("first-1234567-second, first-1234567"), "(secret), (secret)");
}

}  // namespace
}  // namespace sluice::worker
