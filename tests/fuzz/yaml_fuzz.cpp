// Reads bytes as YAML; what can be read and written must read back as the same, whichever writer wrote it.

#include <cstdint>
#include <cstdlib>

#include "core/value/json.hpp"
#include "core/value/yaml.hpp"

namespace {

using namespace sluice;

void must(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::vector<YamlPosition> positions;
  (void)read_yaml_documents(text, {.rules = YamlRules::helmfile, .numbers = Numbers::typed, .positions = &positions});
  (void)read_yaml_documents(text, {.duplicate_keys = DuplicateKeys::error});
  const auto value = read_yaml(text);
  if (!value) return 0;
  const auto json = to_json(*value);
  must(json.has_value());
  if (const auto yaml = to_yaml(*value)) {
    const auto again = read_yaml(yaml->str() + "\n");
    must(again.has_value());
    const auto yaml_again = to_yaml(*again);
    must(yaml_again && deep_equal(*again, *read_yaml(yaml_again->str() + "\n")));
  }
  (void)to_yaml_pretty(*value);
  return 0;
}
