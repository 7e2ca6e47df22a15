// Reads bytes as JSON; what can be read must be written, and read back as the same.

#include <cstdint>
#include <cstdlib>

#include "core/value/json.hpp"
#include "core/value/yaml.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sluice;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const Numbers numbers : {Numbers::float64, Numbers::typed}) {
    const auto value = read_json(text, {.numbers = numbers});
    if (!value) continue;
    const auto json = to_json(*value, JsonStyle::pretty);
    if (!json) std::abort();
    auto again = read_json(*json, {.numbers = numbers});
    if (!again) std::abort();
    auto before = *to_json(*value);
    if (numbers == Numbers::typed) {  // as in Go, the float -0 is written as -0, which reads as the integer 0
      before = *to_json(*again);
      again = read_json(before, {.numbers = numbers});
    }
    if (!again || to_json(*again)->view() != before.view()) std::abort();
    (void)to_yaml(*value);
    (void)to_yaml_pretty(*value);
  }
  return 0;
}
