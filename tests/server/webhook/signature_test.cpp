#include "server/webhook/signature.hpp"

#include <gtest/gtest.h>

namespace sluice::webhook {
namespace {

bool fits(const std::string& secret, const std::string& body, const std::string& digest) {
  const Secret key(secret);
  SignatureHook hook({&key});
  const std::size_t half = body.size() / 2;
  hook.piece(std::string_view(body).substr(0, half));
  hook.piece(std::string_view(body).substr(half));
  const auto signature = parse_signature("sha256=" + digest);
  return signature && hook.check(*signature)[0];
}

const std::string push = R"({"ref":"refs/heads/main","after":"1111111111111111111111111111111111111111"})";

TEST(Signature, FitsGitHubsExamples) {
  EXPECT_TRUE(
      fits("It's a Secret to Everybody", "Hello, World!", "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"));
  EXPECT_TRUE(fits("sluice-test-secret", push, "a44287d4b804b985cff028c39807dc0c37b38f64e44a7debeaaaaa26c8745575"));
  EXPECT_TRUE(fits("sluice-test-secret", push + "\n", "38698ea71105f4b97e0f99b7865ec26ec35679b982a00990aaea4f6ea70db82e"));
  EXPECT_TRUE(fits("sluice-test-secret", R"({"pusher":{"name":"Zoë"},"note":"✓"})",
                   "98b3f12c9202305e8a6437d58f00af06819b2d26e06314b7f96bc32f0bd5364b"));
  EXPECT_TRUE(fits("sluice-test-secret", "", "43a3e756578b0312287731532df192ccd707f40948a98926c01f867393ea10e0"));
}

TEST(Signature, DoesNotFitAChangedBodyOrSecret) {
  const std::string digest = "a44287d4b804b985cff028c39807dc0c37b38f64e44a7debeaaaaa26c8745575";
  EXPECT_FALSE(fits("sluice-test-secret", push + " ", digest));
  EXPECT_FALSE(fits("sluice-test-secreT", push, digest));
}

TEST(Signature, DoesNotFitWithAnyBitFlipped) {
  const Secret key("k");
  const auto right = hmac_sha256("k", "body");
  for (std::size_t bit = 0; bit < 256; ++bit) {
    SignatureHook hook({&key});
    hook.piece("body");
    auto wrong = right;
    wrong[bit / 8] = static_cast<std::uint8_t>(wrong[bit / 8] ^ (1U << (bit % 8)));
    EXPECT_FALSE(hook.check(wrong)[0]) << bit;
  }
}

TEST(Signature, IsReadInItsOneForm) {
  const std::string digest = "a44287d4b804b985cff028c39807dc0c37b38f64e44a7debeaaaaa26c8745575";
  EXPECT_TRUE(parse_signature("sha256=" + digest));
  for (const std::string& wrong :
       {digest, "sha1=" + digest.substr(0, 40), "SHA256=" + digest, "sha256=" + digest + "0", "sha256=" + digest.substr(1),
        "sha256= " + digest.substr(1), std::string("sha256=A") + digest.substr(1), std::string(), std::string("sha256="),
        "sha256=" + digest.substr(0, 63) + "g"})
    EXPECT_FALSE(parse_signature(wrong)) << wrong;
}

TEST(Signature, SaysWhichOfSeveralSecretsItIs) {
  const Secret one("one");
  const Secret two("two");
  SignatureHook hook({&one, &two});
  hook.piece("body");
  EXPECT_EQ(hook.check(hmac_sha256("two", "body")), (std::vector<bool>{false, true}));
}

}  // namespace
}  // namespace sluice::webhook
