#include "server/kube/allow_list.hpp"

#include <gtest/gtest.h>

namespace sluice::kube {

namespace {
AllowList list(std::vector<std::string> entries) { return *AllowList::parse(entries); }
std::string why_not(const std::string& entry) {
  auto parsed = AllowList::parse(std::vector<std::string>{entry});
  return parsed ? "accepted" : parsed.error().what;
}
}  // namespace

TEST(AllowList, KnowsAddressesNetworksAndPorts) {
  const auto allow = list({"203.0.113.7:6443", "10.1.0.0/16:443", "[2001:db8::/32]:6443"});
  EXPECT_TRUE(allow.allows("x", "203.0.113.7", 6443));
  EXPECT_FALSE(allow.allows("x", "203.0.113.7", 443));
  EXPECT_FALSE(allow.allows("x", "203.0.113.8", 6443));
  EXPECT_TRUE(allow.allows("x", "10.1.255.1", 443));
  EXPECT_FALSE(allow.allows("x", "10.2.0.1", 443));
  EXPECT_TRUE(allow.allows("x", "2001:db8:1::1", 6443));
  EXPECT_FALSE(allow.allows("x", "2001:db9::1", 6443));
  EXPECT_FALSE(allow.allows("x", "nonsense", 6443));
}

TEST(AllowList, TakesAMappedIPv4AddressForWhatItIs) {
  EXPECT_TRUE(list({"203.0.113.7:6443"}).allows("x", "::ffff:203.0.113.7", 6443));
  EXPECT_FALSE(list({"0.0.0.0/0:6443"}).allows("x", "2001:db8::1", 6443));
}

TEST(AllowList, OfANameHoldsForThatNameOnly) {
  const auto allow = list({"api.example.org:6443"});
  EXPECT_TRUE(allow.allows("api.example.org", "198.51.100.1", 6443));
  EXPECT_FALSE(allow.allows("evil.example.org", "198.51.100.1", 6443));
}

TEST(AllowList, ThatIsEmptyAllowsEverything) { EXPECT_TRUE(AllowList().allows("x", "198.51.100.1", 1)); }

TEST(AllowList, TellsWhatIsNoEntry) {
  for (const std::string bad : {"203.0.113.7", "203.0.113.7:0", "203.0.113.7:70000", "203.0.113.0/33:1", "2001:db8::1:6443",
                                "[2001:db8::1]", "300.1.1.1:1", "a b:1", ":1"})
    EXPECT_EQ(why_not(bad), "'" + bad + "' is not ADDRESS:PORT, NETWORK/BITS:PORT (IPv6 in brackets) or name:PORT in lower case");
}

}  // namespace sluice::kube
