// Reads bytes as TOML; what can be read must be written without harm.

#include <cstdint>

#include "core/value/toml.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sluice;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto value = read_toml(text)) (void)to_toml(*value);
  (void)read_toml(text, {.rules = TomlRules::helm4});
  return 0;
}
