#include "server/sandbox/merge.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace sluice::sandbox {

using Json = nlohmann::json;

namespace {

struct ListKey {
  std::string_view list;
  std::string_view key;
};

/// The field that tells the elements of a list apart; the first of a list that its elements have counts.
constexpr std::array<ListKey, 15> list_keys{{
    {"containers", "name"},
    {"initContainers", "name"},
    {"ephemeralContainers", "name"},
    {"volumes", "name"},
    {"env", "name"},
    {"imagePullSecrets", "name"},
    {"secrets", "name"},
    {"ports", "containerPort"},
    {"ports", "port"},
    {"volumeMounts", "mountPath"},
    {"volumeDevices", "devicePath"},
    {"hostAliases", "ip"},
    {"topologySpreadConstraints", "topologyKey"},
    {"conditions", "type"},
    {"ownerReferences", "uid"},
}};

/// The merge key of `list` under the name `field`, or nothing for a list that is replaced as a whole.
std::string_view merge_key(std::string_view field, const Json& list) {
  if (!list.is_array() || list.empty()) return {};
  for (const auto& [name, key] : list_keys) {
    if (name != field) continue;
    if (std::all_of(list.begin(), list.end(),
                    [key = key](const Json& e) { return e.is_object() && e.contains(std::string(key)); }))
      return key;
  }
  return {};
}

Json::iterator find_element(Json& list, std::string_view key, const Json& wanted) {
  const std::string name(key);
  return std::find_if(list.begin(), list.end(), [&](const Json& element) {
    return element.is_object() && element.contains(name) && element[name] == wanted;
  });
}

void put(Json& live, const Json& now, std::string_view field);

void put_list(Json& live, const Json& now, std::string_view key) {
  for (const Json& element : now) {
    const auto at = find_element(live, key, element[std::string(key)]);
    if (at == live.end()) {
      live.push_back(element);
    } else {
      put(*at, element, {});
    }
  }
}

void put(Json& live, const Json& now, std::string_view field) {
  if (now.is_object() && live.is_object()) {
    for (const auto& [key, value] : now.items()) put(live[key], value, key);
    return;
  }
  const std::string_view key = merge_key(field, now);
  if (!key.empty() && live.is_array()) return put_list(live, now, key);
  live = now;
}

/// Takes out of `live` the leaves that were in `before` and are not in `now`; what is empty after that goes with them.
void take(Json& live, const Json& before, const Json& now, std::string_view field) {
  if (before.is_object() && live.is_object()) {
    for (const auto& [key, value] : before.items()) {
      if (!live.contains(key)) continue;
      Json& part = live[key];
      const bool stays = now.is_object() && now.contains(key);
      const bool divides = (value.is_object() && part.is_object()) || !merge_key(key, value).empty();
      if (divides) take(part, value, stays ? now[key] : Json(nullptr), key);
      if (!stays && (!divides || part.empty())) live.erase(key);
    }
    return;
  }
  const std::string_view key = merge_key(field, before);
  if (key.empty() || !live.is_array()) return;
  const std::string name(key);
  for (const Json& element : before) {
    const auto at = find_element(live, key, element[name]);
    if (at == live.end()) continue;
    const auto same = [&](const Json& other) { return other.is_object() && other.value(name, Json()) == element[name]; };
    const auto kept = std::find_if(now.begin(), now.end(), same);
    if (kept == now.end()) {
      live.erase(at);
    } else {
      take(*at, element, *kept, {});
    }
  }
}

void strategic_list(Json& target, const Json& patch, std::string_view key) {
  if (!target.is_array()) target = Json::array();
  const std::string name(key);
  for (const Json& element : patch) {
    const std::string directive = element.value("$patch", "");
    const auto at = find_element(target, key, element[name]);
    if (directive == "delete") {
      if (at != target.end()) target.erase(at);
    } else if (at == target.end()) {
      Json added = Json::object();
      strategic_merge(added, element);
      target.push_back(std::move(added));
    } else {
      strategic_merge(*at, element);
    }
  }
}

}  // namespace

void merge_patch(Json& target, const Json& patch) { target.merge_patch(patch); }

void strategic_merge(Json& target, const Json& patch) {
  if (!patch.is_object()) {
    target = patch;
    return;
  }
  if (patch.value("$patch", "") == "replace") {
    target = patch;
    target.erase("$patch");
    return;
  }
  if (!target.is_object()) target = Json::object();
  for (const auto& [key, value] : patch.items()) {
    if (key.starts_with("$")) continue;
    if (value.is_null() || (value.is_object() && value.value("$patch", "") == "delete")) {
      target.erase(key);
      continue;
    }
    const std::string_view list = merge_key(key, value);
    if (!list.empty()) {
      strategic_list(target[key], value, list);
    } else {
      strategic_merge(target[key], value);
    }
  }
}

void apply(Json& live, const Json& before, const Json& now) {
  take(live, before, now, {});
  put(live, now, {});
}

}  // namespace sluice::sandbox
