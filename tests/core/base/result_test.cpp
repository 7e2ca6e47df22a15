#include "core/base/result.hpp"

#include <gtest/gtest.h>

#include "core/base/secret.hpp"

namespace sluice {

TEST(Result, TellsTheOutermostStepFirst) {
  const Error inner{Errc::not_found, "no such file"};
  EXPECT_EQ(Error(inner).during("values.yaml").during("rendering web").what, "rendering web: values.yaml: no such file");
}

TEST(Result, HoldsAValueOrAnError) {
  const Result<int> good = 3;
  const Result<int> bad = Error{Errc::timeout, "late"};
  EXPECT_EQ(*good, 3);
  EXPECT_FALSE(bad);
  EXPECT_EQ(bad.error().code, Errc::timeout);
  EXPECT_EQ(bad.value_or(7), 7);
}

TEST(Secret, ComparesByContent) {
  const Secret secret{"hunter2"};
  EXPECT_TRUE(secret.equals("hunter2"));
  EXPECT_FALSE(secret.equals("hunter3"));
  EXPECT_FALSE(secret.equals("hunter"));
}

}  // namespace sluice
