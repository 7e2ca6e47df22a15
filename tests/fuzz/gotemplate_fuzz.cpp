// Parses bytes as a template and executes it, with Helm's and with strict rules, with and without a secret among the values.
// Rendering twice must give the same, and the secret must not be in an error or in unmarked bytes of the output.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "tests/core/gotemplate/rendering.hpp"

namespace sluice::gotemplate {
namespace {

constexpr std::string_view canary = "Zq7-canary-Zq7";

Value values() {
  const Value all = sample();
  all.map()->set("pw", Value::of_string(Text::secret(canary)));
  all.map()->find("m")->map()->set("pw", Value::of_string(Text::secret(canary)));
  return all.with_type(MapType::values);
}

std::string unmarked(const Text& text) {
  std::string rest;
  std::size_t from = 0;
  for (const Mark& mark : text.marks()) {
    rest.append(text.view().substr(from, mark.begin - from));
    rest += '|';
    from = mark.end;
  }
  return rest.append(text.view().substr(from));
}

void check(const TemplateSet& set, const Options& options) {
  const auto first = execute(set, "t", values(), options);
  const auto second = execute(set, "t", values(), options);
  if (first.has_value() != second.has_value()) std::abort();
  if (!first) {
    if (first.error().what != second.error().what || first.error().what.find(canary) != std::string::npos) std::abort();
    return;
  }
  if (first->view() != second->view() || unmarked(*first).find(canary) != std::string::npos) std::abort();
}

}  // namespace
}  // namespace sluice::gotemplate

/// The set of the test's functions makes loops that nobody opens; fuzz_executor, which has the real one, looks for leaks.
extern "C" const char* __asan_default_options() { return "detect_leaks=0"; }

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sluice::gotemplate;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (text.find(canary) != std::string_view::npos) return 0;
  TemplateSet set("gotpl", test_functions());
  if (!set.add("t", std::string(text))) return 0;
  const Budget small{.steps = 20'000, .output = 1U << 16};
  check(set, {.errors = ErrorForm::helm3, .has_secrets = true, .budget = small});
  check(set, {.missing_key = MissingKey::error, .errors = ErrorForm::helm4, .has_secrets = true, .wants_source_map = true, .budget = small});
  return 0;
}
