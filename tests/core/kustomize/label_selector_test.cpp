#include "core/kustomize/label_selector.hpp"

#include <gtest/gtest.h>

namespace sluice::kustomize {
namespace {

bool matches(const std::string& selector) {
  const Value labels =
      Value::new_map({{"app", Value::of_string("web")}, {"env", Value::of_string("prod")}, {"size", Value::of_string("12")}});
  const auto parsed = LabelSelector::parse(selector);
  EXPECT_TRUE(parsed) << selector;
  return parsed && parsed->matches(&labels);
}

TEST(LabelSelector, MatchesWhatKubernetesMatches) {
  for (const char* selector :
       {"", "app", "app=web", "app==web", "app = web", "app!=db", "none!=x", "!none", "env in (test, prod)", "env notin (test)",
        "app=web,env=prod", "size>9", "size<20", "none notin (a)"}) {
    EXPECT_TRUE(matches(selector)) << selector;
  }
  for (const char* selector :
       {"none", "app=db", "app!=web", "!app", "env in (test)", "env notin (prod,x)", "app=web,env=test", "size>12", "app>1"}) {
    EXPECT_FALSE(matches(selector)) << selector;
  }
}

TEST(LabelSelector, RefusesWhatIsNone) {
  const auto error = [](const std::string& selector) {
    const auto parsed = LabelSelector::parse(selector);
    return parsed ? "none" : parsed.error().what;
  };
  EXPECT_EQ(error("a b"), "selector \"a b\": found \"a b\", expected a requirement such as app=web");
  EXPECT_EQ(error("env in (a"), "selector \"env in (a\": found \"env in (a\", expected a requirement such as app=web");
  EXPECT_EQ(error("=x"), "selector \"=x\": found \"=x\", expected a requirement such as app=web");
}

}  // namespace
}  // namespace sluice::kustomize
