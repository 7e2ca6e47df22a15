#include "core/helmfile/selector.hpp"

#include <gtest/gtest.h>

namespace sluice::helmfile {
namespace {

bool selects(const std::vector<std::string>& arguments, const Labels& labels) {
  std::vector<Selector> selectors;
  for (const std::string& argument : arguments) selectors.push_back(*parse_selector(argument));
  return any_selects(selectors, labels);
}

TEST(Selector, JoinsItsTermsByAndAndItselfByOr) {
  const Labels web = {{"tier", "front"}, {"name", "web"}};
  EXPECT_TRUE(selects({}, web));
  EXPECT_TRUE(selects({"tier=front,name=web"}, web));
  EXPECT_FALSE(selects({"tier=front,name!=web"}, web));
  EXPECT_TRUE(selects({"tier=back", "name=web"}, web));
}

TEST(Selector, WithNotEqualTakesReleasesWithoutTheLabel) { EXPECT_TRUE(selects({"tier!=back"}, {{"name", "web"}})); }

TEST(Selector, ComparesWholeValues) {
  EXPECT_TRUE(selects({"ver=1.2.3+9"}, {{"ver", "1.2.3+9"}}));
  EXPECT_FALSE(selects({"ver=1.2"}, {{"ver", "1.2.3+9"}}));
}

TEST(Selector, RefusesWhatIsNoTerm) {
  for (const char* text : {"type", "type==a", "", "a=b,", "a=b c", "!=a"}) {
    const std::string term = std::string(text) == "a=b," ? "" : text;
    EXPECT_EQ(parse_selector(text).error().what, "malformed label: " + term + ". Expected label in form k=v or k!=v") << text;
  }
}

}  // namespace
}  // namespace sluice::helmfile
