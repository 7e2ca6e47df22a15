#include "server/store/sealer.hpp"

#include <gtest/gtest.h>

#include "server/store/sqlite.hpp"

namespace sluice::store {

static const Secret key{"0123456789abcdef0123456789abcdef"};
static constexpr Place here{"plans", "bytes", 7};
static const Error wrong{Errc::invalid, "plans 7: the sealed bytes cannot be opened: it was changed, or the key is another one"};

TEST(Sealer, OpensWhatItSealedAtTheSamePlaceOnly) {
  const Sealer sealer{key};
  for (const std::string& text : {std::string(), std::string("x"), std::string(100000, '\0')}) {
    const auto sealed = sealer.seal(text, here);
    EXPECT_EQ(*sealer.open(sealed, here), text);
    EXPECT_FALSE(sealer.open(sealed, {"plans", "bytes", 8}));
    EXPECT_FALSE(sealer.open(sealed, {"plans", "diff", 7}));
    EXPECT_FALSE(sealer.open(sealed, {"deliveries", "bytes", 7}));
  }
}

TEST(Sealer, NoticesEveryFlippedBitAndEveryCut) {
  const Sealer sealer{key};
  const auto sealed = sealer.seal("secret", here);
  for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    auto changed = sealed;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    const auto opened = sealer.open(changed, here);
    ASSERT_FALSE(opened) << bit;
    EXPECT_EQ(opened.error(), wrong);
  }
  for (std::size_t size = 0; size < sealed.size(); ++size) EXPECT_FALSE(sealer.open(sealed.substr(0, size), here));
}

TEST(Sealer, NeedsItsOwnKey) {
  const auto sealed = Sealer(key).seal("secret", here);
  EXPECT_EQ(Sealer(Secret("another key, also of thirty-two!")).open(sealed, here).error(), wrong);
  EXPECT_THROW(Sealer().seal("secret", here), StorageError);
  EXPECT_FALSE(Sealer().open(sealed, here));
}

TEST(Sealer, NeverSealsTheSameTextTwiceAlike) {
  const Sealer sealer{key};
  EXPECT_NE(sealer.seal("secret", here), sealer.seal("secret", here));
  EXPECT_EQ(sealer.fingerprint("secret"), sealer.fingerprint("secret"));
  EXPECT_NE(sealer.fingerprint("secret"), sealer.fingerprint("Secret"));
  EXPECT_NE(sealer.fingerprint("secret"), Sealer(Secret("another key, also of thirty-two!")).fingerprint("secret"));
}

}  // namespace sluice::store
