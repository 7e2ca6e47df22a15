#include <gmock/gmock.h>

#include <algorithm>

#include "core/chart/chart.hpp"

namespace sluice::chart {
namespace {

using testing::ElementsAre;

std::vector<std::string> sorted(std::vector<std::string> kinds, bool (*before)(std::string_view, std::string_view, HelmVersion),
                                HelmVersion helm = HelmVersion::v3) {
  std::stable_sort(kinds.begin(), kinds.end(), [&](const auto& a, const auto& b) { return before(a, b, helm); });
  return kinds;
}

TEST(Kinds, AreInstalledInHelmsOrderThenByName) {
  EXPECT_THAT(sorted({"Zebra", "Deployment", "", "Service", "Apple", "Namespace", "PriorityClass"}, installs_before),
              ElementsAre("PriorityClass", "Namespace", "Service", "Deployment", "", "Apple", "Zebra"));
}

TEST(Kinds, AreRemovedInAnOrderOfTheirOwn) {
  EXPECT_THAT(sorted({"Namespace", "Service", "Deployment", "Other", "APIService"}, uninstalls_before),
              ElementsAre("APIService", "Service", "Deployment", "Namespace", "Other"));
}

TEST(Kinds, IncludeWebhookConfigurationsOnlyInHelm4) {
  const std::vector<std::string> kinds = {"Zebra", "ValidatingWebhookConfiguration", "APIService"};
  EXPECT_THAT(sorted(kinds, installs_before), ElementsAre("APIService", "ValidatingWebhookConfiguration", "Zebra"));
  EXPECT_FALSE(installs_before("ValidatingWebhookConfiguration", "Apple"));
  EXPECT_TRUE(installs_before("ValidatingWebhookConfiguration", "Apple", HelmVersion::v4));
}

}  // namespace
}  // namespace sluice::chart
