#include "core/plan/field_path.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

namespace sluice::plan {

std::optional<Step> take_step(std::string_view& path) {
  if (path.starts_with('.')) path.remove_prefix(1);
  if (path.empty()) return std::nullopt;
  const char close = path[0] == '[' ? ']' : path[0] == '"' ? '"' : '\0';
  if (close == '\0') {
    const std::size_t end = std::min(path.find_first_of(".["), path.size());
    Step step{std::string(path.substr(0, end)), false};
    path.remove_prefix(end);
    return step;
  }
  const std::size_t end = std::min(path.find(close, 1), path.size());
  Step step{std::string(path.substr(1, end - 1)), close == ']'};
  path.remove_prefix(std::min(end + 1, path.size()));
  return step;
}

std::string element_key(std::initializer_list<const Json*> lists) {
  for (const char* key : {"name", "mountPath", "containerPort", "port", "key", "ip", "uid", "type", "host", "topologyKey"}) {
    const bool fits = std::all_of(lists.begin(), lists.end(), [key](const Json* list) {
      std::set<Json> seen;
      return std::all_of(list->begin(), list->end(), [&](const Json& item) {
        const Json* value = find(item, key);
        return value && value->is_primitive() && seen.insert(*value).second;
      });
    });
    if (fits) return key;
  }
  return {};
}

std::string label_of(const Json& value) { return value.is_string() ? value.get<std::string>() : value.dump(); }

const Json* find_element(const Json& list, std::string_view label) {
  if (!list.is_array()) return nullptr;
  const std::string key = element_key({&list});
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (label == (key.empty() ? std::to_string(i) : label_of(list[i].at(key)))) return &list[i];
  }
  return nullptr;
}

const Json* at_path(const Json& json, std::string_view path) {
  const Json* here = &json;
  while (here) {
    const auto step = take_step(path);
    if (!step) return here;
    here = step->is_element ? find_element(*here, step->text) : find(*here, step->text);
  }
  return nullptr;
}

}  // namespace sluice::plan
