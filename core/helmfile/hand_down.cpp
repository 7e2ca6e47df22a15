#include "core/helmfile/hand_down.hpp"

#include <algorithm>
#include <array>

#include "core/helmfile/record.hpp"
#include "core/helmfile/schema.hpp"

namespace sluice::helmfile {

namespace {

constexpr std::array<std::string_view, 6> parts_of_a_file = {"repositories", "helmDefaults", "commonLabels", "apiVersions", "kubeVersion", "templates"};

/// What makes two items of a list one.
std::string key_of(const Value& item) { return item.is_map() ? text_of(item, "name") : std::string(item.str()); }

/// Both lists, each key once: a repository where it stands last, a text where it stands first.
Value joined(const Value& first, const Value& second) {
  std::vector<Value> items(first.items().begin(), first.items().end());
  for (const Value& item : second.items()) {
    const auto there = std::find_if(items.begin(), items.end(), [&item](const Value& one) { return key_of(one) == key_of(item); });
    if (there != items.end() && !item.is_map()) continue;
    if (there != items.end()) items.erase(there);
    items.push_back(item);
  }
  return Value::new_list(std::move(items));
}

}  // namespace

bool can_be_handed_down(std::string_view part) {
  return std::find(parts_of_a_file.begin(), parts_of_a_file.end(), part) != parts_of_a_file.end();
}

void hand_down(const Value& child, const Value& parent, const std::vector<std::string>& parts) {
  for (const std::string& part : parts) {
    const Value* given = can_be_handed_down(part) ? parent.find(part) : nullptr;
    if (given == nullptr || is_zero(*given)) continue;
    Value& own = child.map()->at_or_add(part);
    if (is_zero(own)) {
      own = deep_copy(*given);
    } else if (own.is_list()) {
      own = joined(*given, own);
    } else if (own.is_map()) {
      own = deep_copy(own);
      for (const Map::Entry& entry : *given->map()) {
        Value& inner = own.map()->at_or_add(entry.key);
        const bool fills = inner.is_nil() || (part == "helmDefaults" && is_zero(inner));
        if (fills) inner = deep_copy(entry.value);
      }
    }
  }
}

}  // namespace sluice::helmfile
