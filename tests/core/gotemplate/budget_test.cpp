#include <gtest/gtest.h>
#include <pthread.h>

#include <atomic>
#include <functional>

#include "tests/core/gotemplate/rendering.hpp"

namespace sluice::gotemplate {
namespace {

/// On a thread whose stack is large enough also for the frames of a sanitized build.
void with_large_stack(std::function<void()> work) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, std::size_t{64} << 20);
  pthread_t thread{};
  const auto run = [](void* given) -> void* {
    (*static_cast<std::function<void()>*>(given))();
    return nullptr;
  };
  ASSERT_EQ(pthread_create(&thread, &attributes, run, &work), 0);
  pthread_join(thread, nullptr);
  pthread_attr_destroy(&attributes);
}

TEST(Budget, EndsALoopThatDoesTooMuch) {
  EXPECT_EQ(render("{{ range 1000000 }}{{ $x := . }}{{ end }}", {}, {.budget = {.steps = 1000}}).substr(0, 11), "template: t");
  EXPECT_EQ(render("a\n{{ range 1000 }}{{ upper \"x\" }}{{ end }}", {}, {.budget = {.steps = 1000}}),
            "template: t:2:19: executing \"t\" at <{{upper \"x\"}}>: template-too-many-steps: more than 1000 steps");
}

TEST(Budget, CountsBytesWritten) {
  const std::string text = "{{ range 100 }}" + std::string(3200, 'x') + "{{ end }}";
  EXPECT_TRUE(render(text, {}, {.budget = {.steps = 11000}}).starts_with("xxx"));
  EXPECT_TRUE(render(text, {}, {.budget = {.steps = 9000}}).ends_with("template-too-many-steps: more than 9000 steps"));
}

TEST(Budget, EndsOutputThatGrowsTooLarge) {
  EXPECT_EQ(render("{{ range 100 }}{{ repeat 10 \"x\" }}{{ end }}", {}, {.budget = {.output = 995}}),
            "template: t:1:18: executing \"t\" at <{{repeat 10 \"x\"}}>: template-output-too-large: more than 995 bytes");
}

TEST(Budget, IsSharedByTheExecutionsOfARenderer) {
  TemplateSet set("gotpl", test_functions());
  ASSERT_TRUE(set.add("t", "{{ repeat 10 \"x\" }}"));
  Renderer renderer(set, {.budget = {.output = 15}});
  EXPECT_TRUE(renderer.execute("t", {}));
  EXPECT_EQ(renderer.execute("t", {}).error().what,
            "template: t:1:3: executing \"t\" at <{{repeat 10 \"x\"}}>: template-output-too-large: more than 15 bytes");
}

TEST(Budget, EndsAnIncludeOfItself) {
  std::string error;
  with_large_stack([&] { error = render("{{ define \"r\" }}{{ include \"r\" . }}{{ end }}{{ include \"r\" . }}"); });
  EXPECT_TRUE(error.ends_with("error calling include: rendering template has a nested reference name: r: unable to execute template"));
  std::size_t frames = 0;
  for (std::size_t at = error.find("error calling include"); at != std::string::npos; at = error.find("error calling include", at + 1)) ++frames;
  EXPECT_EQ(frames, 1002U);
}

TEST(Budget, GuardsTheStackAgainstIncludesUnderManyNames) {
  std::string text;
  for (int i = 0; i < 200; ++i) {
    const std::string name = std::to_string(i);
    text += "{{ define \"" + name + "\" }}{{ include \"" + std::to_string((i + 1) % 200) + "\" (dict \"x\" (list .)) }}{{ end }}";
  }
  const std::string error = render(text + "{{ include \"0\" . }}");
  EXPECT_TRUE(error.ends_with("nested deeper than the thread's stack allows") || error.ends_with("unable to execute template"));
}

TEST(Budget, StopsWhenTold) {
  const std::atomic<bool> stop = true;
  EXPECT_TRUE(render("{{ range 100000 }}{{ end }}", {}, {.budget = {.stop = &stop}}).ends_with("stopped"));
}

TEST(Budget, LetsARendererGoOnAfterAnError) {
  TemplateSet set("gotpl", test_functions());
  ASSERT_TRUE(set.add("t", "{{ range list 1 2 }}{{ with . }}{{ include \"u\" . }}{{ end }}{{ end }}"));
  ASSERT_TRUE(set.add("u", "{{ range list 1 2 }}{{ $x := . }}{{ template \"v\" . }}{{ end }}"));
  ASSERT_TRUE(set.add("v", "{{ with 1 }}{{ upper . }}{{ end }}"));
  ASSERT_TRUE(set.add("w", "{{ $a := 1 }}{{ with 2 }}{{ include \"x\" . }}{{ $a }}{{ . }}{{ end }}"));
  ASSERT_TRUE(set.add("x", "{{ $b := 3 }}{{ $b }}"));
  Renderer renderer(set);
  EXPECT_FALSE(renderer.execute("t", {}));
  EXPECT_EQ(renderer.execute("w", {})->str(), "312");
}

}  // namespace
}  // namespace sluice::gotemplate
