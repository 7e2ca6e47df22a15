// Reads bytes as what the flags for values take: the first byte says which flag, the rest is its text. Values that come out must be
// the same the second time, and data that can be written and read again.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/chart/values.hpp"
#include "core/value/json.hpp"

namespace {

using namespace sluice;

void must(bool holds) {
  if (!holds) std::abort();
}

/// Into values that are there already: of a file, or of flags before.
Result<Value> read(unsigned kind, std::string_view text) {
  const auto file = [text](std::string_view name) -> Result<std::string> {
    return name == "before" ? std::string("a: {b: [1, {c: 2}], d: null}\ns: str\n") : std::string(text);
  };
  chart::ValueFlags flags{.files = {"before"}};
  const std::string value(text);
  switch (kind % 6) {
    case 0: flags.files.push_back("input"); break;
    case 1: flags.set.push_back(value); break;
    case 2: flags.set_string.push_back(value); break;
    case 3: flags.set_json.push_back(value); break;
    case 4: flags.set_file.push_back(value); break;
    default: flags.set_literal.push_back(value); break;
  }
  return chart::read_values(flags, file, kind % 12 < 6 ? chart::HelmVersion::v3 : chart::HelmVersion::v4);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto first = read(data[0], text);
  const auto second = read(data[0], text);
  must(first.has_value() == second.has_value());
  if (!first) {
    must(first.error().what == second.error().what);
    return 0;
  }
  must(deep_equal(*first, *second));
  if (const auto json = to_json(*first)) must(read_json(json->view()).has_value());  // what is not a number cannot be written
  return 0;
}
