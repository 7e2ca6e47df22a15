#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "core/plan/diff.hpp"
#include "core/plan/field_path.hpp"

namespace sluice::plan {

namespace {

const Json* element(const Json& list, const std::string& key, const Json& value) {
  const auto found = std::find_if(list.begin(), list.end(), [&](const Json& item) {
    const Json* here = find(item, key);
    return here && *here == value;
  });
  return found == list.end() ? nullptr : &*found;
}

std::string child(const std::string& path, const std::string& key) {
  const std::string shown = key.find('.') == std::string::npos ? key : "\"" + key + "\"";
  return path.empty() ? shown : path + "." + shown;
}

void compare(const Json& before, const Json& after, const std::string& path, std::vector<Change>& out);

void compare_lists(const Json& before, const Json& after, const std::string& path, std::vector<Change>& out) {
  const std::string key = element_key({&before, &after});
  if (key.empty() || before.empty() || after.empty()) {
    const auto common = std::min(before.size(), after.size());
    for (std::size_t i = 0; i < std::max(before.size(), after.size()); ++i) {
      const std::string here = path + "[" + std::to_string(i) + "]";
      if (i < common) compare(before[i], after[i], here, out);
      if (i >= common) out.push_back({here, i < before.size() ? before[i] : Json(), i < after.size() ? after[i] : Json()});
    }
    return;
  }
  for (const auto& item : before) {
    const Json* other = element(after, key, item.at(key));
    const std::string here = path + "[" + label_of(item.at(key)) + "]";
    if (!other) out.push_back({here, item, Json()});
    if (other) compare(item, *other, here, out);
  }
  for (const auto& item : after) {
    if (!element(before, key, item.at(key))) out.push_back({path + "[" + label_of(item.at(key)) + "]", Json(), item});
  }
  const bool only_moved = out.empty() && before != after;
  if (only_moved) out.push_back({path, before, after});
}

void compare(const Json& before, const Json& after, const std::string& path, std::vector<Change>& out) {
  if (before == after) return;
  if (before.is_array() && after.is_array()) {
    std::vector<Change> inner;
    compare_lists(before, after, path, inner);
    std::move(inner.begin(), inner.end(), std::back_inserter(out));
    return;
  }
  if (!before.is_object() || !after.is_object()) {
    out.push_back({path, before, after});
    return;
  }
  for (const auto& [key, value] : before.items()) {
    const auto other = after.find(key);
    compare(value, other == after.end() ? Json() : *other, child(path, key), out);
  }
  for (const auto& [key, value] : after.items()) {
    if (!before.contains(key)) compare(Json(), value, child(path, key), out);
  }
}

bool is_image(std::string_view path) { return path.ends_with("].image") && (path.find("ontainers[") != std::string_view::npos); }

}  // namespace

std::string_view to_string(Cause cause) {
  switch (cause) {
    case Cause::chart: return "chart";
    case Cause::drift: return "drift";
    case Cause::server: return "server";
  }
  return "chart";
}

std::vector<Change> changes_between(const Json& before, const Json& after) {
  std::vector<Change> out;
  compare(before, after, "", out);
  return out;
}

void attribute(std::vector<Change>& changes, const Json& original, const Json& modified) {
  for (auto& change : changes) {
    const Json* was = at_path(original, change.path);
    const Json* wanted = at_path(modified, change.path);
    const bool same = (!was && !wanted) || (was && wanted && *was == *wanted);
    change.cause = !same ? Cause::chart : wanted ? Cause::drift : Cause::server;
  }
}

Counts Diff::counts() const {
  Counts out;
  for (const auto& release : releases) {
    for (const auto& object : release.objects) {
      if (object.verb == Verb::create) ++out.create;
      if (object.verb == Verb::update) ++out.update;
      if (object.verb == Verb::replace) ++out.replace;
      if (object.verb == Verb::remove) ++out.remove;
      if (object.verb == Verb::unchanged) ++out.unchanged;
    }
  }
  return out;
}

bool Diff::is_image_only() const {
  bool any = false;
  for (const auto& release : releases) {
    for (const auto& object : release.objects) {
      if (object.verb == Verb::unchanged) continue;
      if (object.verb != Verb::update) return false;
      any = true;
      if (!std::all_of(object.changes.begin(), object.changes.end(), [](const Change& change) { return is_image(change.path); }))
        return false;
    }
  }
  return any;
}

std::vector<std::string> Diff::data_losses() const {
  constexpr std::array<std::string_view, 6> kinds = {
      "PersistentVolumeClaim", "PersistentVolume", "StatefulSet", "Namespace", "CustomResourceDefinition", "Secret"};
  std::vector<std::string> out;
  for (const auto& release : releases) {
    for (const auto& object : release.objects) {
      const bool goes = object.verb == Verb::remove || object.verb == Verb::replace;
      if (goes && std::find(kinds.begin(), kinds.end(), object.id.kind) != kinds.end()) out.push_back(to_string(object.id));
    }
  }
  return out;
}

}  // namespace sluice::plan
