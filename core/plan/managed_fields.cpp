#include "core/plan/managed_fields.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/plan/field_path.hpp"

namespace sluice::plan {

namespace {

bool has_all_of(const Json& element, const Json& keys) {
  if (!keys.is_object() || !element.is_object()) return false;
  return std::all_of(keys.items().begin(), keys.items().end(), [&element](const auto& key) {
    const auto found = element.find(key.key());
    return found != element.end() && *found == key.value();
  });
}

/// The entry of a list's fields for one of its elements; null if there is none.
const Json* entry_for(const Json& fields, const Json& list, const Json& element) {
  for (const auto& [key, below] : fields.items()) {
    const std::string_view name = key;
    if (name.starts_with("i:") && name.substr(2) == std::to_string(&element - &list[0])) return &below;
    if (!name.starts_with("k:") && !name.starts_with("v:")) continue;
    const auto said = parse_json(name.substr(2));
    if (said && (name[0] == 'k' ? has_all_of(element, *said) : element == *said)) return &below;
  }
  return nullptr;
}

/// Whether `fields` (fieldsV1) have what stands at `path` in `live`, or a part of it, or all that it is in.
bool owns(const Json* fields, const Json* live, std::string_view path) {
  for (bool is_root = true;; is_root = false) {
    const auto step = take_step(path);
    if (!step) return true;
    if (!is_root && fields->empty()) return true;  // owned as a whole, with all below
    const Json* below = nullptr;
    const Json* fields_below = nullptr;
    if (step->is_element) {
      below = find_element(*live, step->text);
      if (below) fields_below = entry_for(*fields, *live, *below);
    } else {
      below = find(*live, step->text);
      const auto found = fields->find("f:" + step->text);
      if (found != fields->end()) fields_below = &*found;
    }
    if (!below || !fields_below || !fields_below->is_object()) return false;
    live = below;
    fields = fields_below;
  }
}

}  // namespace

std::optional<FieldManager> manager_of(const Json& live, std::string_view path) {
  const Json* entries = find_path(live, "metadata/managedFields");
  if (!entries || !entries->is_array() || !at_path(live, path)) return std::nullopt;
  std::optional<FieldManager> last;
  for (const Json& entry : *entries) {
    const Json* fields = find(entry, "fieldsV1");
    if (!fields || !fields->is_object() || !owns(fields, &live, path)) continue;
    FieldManager manager{text_at(entry, "manager"), text_at(entry, "time")};
    if (const auto subresource = text_at(entry, "subresource"); !subresource.empty()) manager.name += "/" + subresource;
    if (!last || last->time < manager.time) last = std::move(manager);
  }
  return last;
}

}  // namespace sluice::plan
