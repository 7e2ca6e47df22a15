// Reads bytes as resources, a JSON patch, strategic merge patches and transformers, with lines of `===` between them. What comes out must be
// the same the second time, and objects that can be read again and stay as they are.

#include <array>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/helmfile/name_space.hpp"
#include "core/kustomize/kustomize.hpp"

namespace {

using namespace sluice;

void must(bool holds) {
  if (!holds) std::abort();
}

std::array<Text, 4> split(std::string_view text) {
  constexpr std::string_view line = "\n===\n";
  std::array<Text, 4> parts;
  for (Text& part : parts) {
    const std::size_t end = text.find(line);
    part = Text(text.substr(0, end));
    text = end == text.npos ? std::string_view() : text.substr(end + line.size());
  }
  return parts;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto parts = split({reinterpret_cast<const char*>(data), size});
  const std::vector<kustomize::Source> resources = {{"resources", parts[0]}};
  kustomize::Customization customization;
  if (!parts[1].empty()) customization.json_patches.push_back({"json", parts[1]});
  if (!parts[2].empty()) customization.strategic_merge_patches.push_back({"merge", parts[2]});
  if (!parts[3].empty()) customization.transformers.push_back({"transformer", parts[3]});
  const auto first = kustomize::build(resources, customization);
  const auto second = kustomize::build(resources, customization);
  must(first.has_value() == second.has_value());
  static_cast<void>(helmfile::with_namespace(parts[0], "shop"));
  if (!first) return 0;
  must(*first == *second);
  std::vector<kustomize::Source> again;
  for (const Text& object : *first) again.push_back({"again", object});
  const auto unchanged = kustomize::build(again, {});
  must(!unchanged || *unchanged == *first);
  return 0;
}
