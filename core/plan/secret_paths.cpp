#include "core/plan/secret_paths.hpp"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

namespace sluice::plan {

namespace {

std::string escape(std::string_view key) {
  std::string out;
  for (const char c : key) {
    if (c == '~') out += "~0";
    if (c == '/') out += "~1";
    if (c != '~' && c != '/') out += c;
  }
  return out;
}

}  // namespace

std::string to_pointer(const Json& json, std::string_view path) {
  if (path.starts_with('.')) path.remove_prefix(1);
  if (path.empty()) return {};
  if (path.starts_with('[') && json.is_array()) {
    const auto end = path.find(']');
    std::size_t index = 0;
    const auto [rest, failed] = std::from_chars(path.data() + 1, path.data() + std::min(end, path.size()), index);
    if (failed != std::errc{} || index >= json.size()) return {};
    const auto tail = path.substr(end + 1);
    const std::string here = "/" + std::to_string(index);
    if (tail.empty()) return here;
    const auto inner = to_pointer(json[index], tail);
    return inner.empty() ? inner : here + inner;
  }
  if (!json.is_object()) return {};
  for (const auto& [key, value] : json.items()) {
    if (!path.starts_with(key)) continue;
    const auto tail = path.substr(key.size());
    if (!tail.empty() && tail[0] != '.' && tail[0] != '[') continue;
    const std::string here = "/" + escape(key);
    if (tail.empty()) return here;
    if (const auto inner = to_pointer(value, tail); !inner.empty()) return here + inner;
  }
  return {};
}

std::vector<std::string> secret_paths(const Text& text, std::span<const YamlPosition> positions, const Json& json) {
  std::vector<std::string> out;
  if (!text.has_marks() || positions.empty()) return out;
  for (std::size_t i = 0; i < positions.size(); ++i) {
    const auto begin = positions[i].offset;
    const auto end = i + 1 < positions.size() ? positions[i + 1].offset : text.size();
    const auto marks = text.marks();
    const bool touched =
        std::any_of(marks.begin(), marks.end(), [&](const Mark& mark) { return mark.begin < end && mark.end > begin; });
    if (!touched) continue;
    if (auto pointer = to_pointer(json, positions[i].path); !pointer.empty()) out.push_back(std::move(pointer));
  }
  return out;
}

}  // namespace sluice::plan
