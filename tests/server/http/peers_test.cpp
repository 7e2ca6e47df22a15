#include "server/http/peers.hpp"

#include <gtest/gtest.h>

namespace sluice::http {
namespace {

TrustedProxies proxies() { return *TrustedProxies::parse({"127.0.0.1", "10.0.0.0/8", "fd00::/8"}); }

TEST(TrustedProxies, BelievesNobodyElse) { EXPECT_EQ(proxies().client("192.0.2.1", "203.0.113.9"), "192.0.2.1"); }

TEST(TrustedProxies, TakesTheNearestAddressThatIsNoProxy) {
  EXPECT_EQ(proxies().client("127.0.0.1", "1.1.1.1, 203.0.113.9, 10.2.3.4"), "203.0.113.9");
  EXPECT_EQ(proxies().client("::ffff:127.0.0.1", "203.0.113.9"), "203.0.113.9");
  EXPECT_EQ(proxies().client("fd12::1", "2001:db8::7"), "2001:db8::7");
}

TEST(TrustedProxies, StopsAtWhatIsNoAddress) {
  EXPECT_EQ(proxies().client("127.0.0.1", "203.0.113.9, nonsense"), "127.0.0.1");
  EXPECT_EQ(proxies().client("127.0.0.1", ""), "127.0.0.1");
  EXPECT_EQ(proxies().client("127.0.0.1", "203.0.113.9, nonsense, 10.0.0.1"), "10.0.0.1");
}

TEST(TrustedProxies, RefusesEntriesThatAreNoBlock) {
  for (const char* entry : {"localhost", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/8x", "::/129", ""}) {
    const auto parsed = TrustedProxies::parse({entry});
    ASSERT_FALSE(parsed) << entry;
    EXPECT_EQ(parsed.error().what,
              std::string("trusted proxy \"") + entry + "\": expected an address or a block such as 10.0.0.0/8");
  }
}

TEST(PeerCounts, CountsEachAddressByItself) {
  PeerCounts counts;
  EXPECT_TRUE(counts.enter("a", 2));
  EXPECT_TRUE(counts.enter("a", 2));
  EXPECT_FALSE(counts.enter("a", 2));
  EXPECT_TRUE(counts.enter("b", 2));
  counts.leave("a");
  EXPECT_TRUE(counts.enter("a", 2));
}

}  // namespace
}  // namespace sluice::http
