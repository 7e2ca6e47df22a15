#include "core/plan/patch.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "core/plan/merge_keys.hpp"

namespace sluice::plan {

namespace {

const Json nothing;  // null: a version without the part we look at

class Merge {
 public:
  explicit Merge(std::string_view kind, bool strategic) : kind_(kind), strategic_(strategic) {}

  Json maps(const Json& original, const Json& modified, const Json& current) {
    Json patch = Json::object();
    for (const auto& [key, wanted] : modified.items()) {
      const Json& live = at(current, key);
      path_.push_back(key);
      member(patch, key, at(original, key), wanted, live);
      path_.pop_back();
    }
    if (original.is_object()) {
      for (const auto& [key, was] : original.items()) {
        if (at(modified, key).is_null() && !at(current, key).is_null()) patch[key] = nullptr;
      }
    }
    return patch;
  }

 private:
  static const Json& at(const Json& map, const std::string& key) {
    if (!map.is_object()) return nothing;
    const auto found = map.find(key);
    return found == map.end() ? nothing : *found;
  }

  void member(Json& patch, const std::string& key, const Json& original, const Json& wanted, const Json& live) {
    if (live.is_null()) {
      if (!wanted.is_null()) patch[key] = wanted;
    } else if (wanted.is_object() && live.is_object()) {
      Json inner = maps(original, wanted, live);
      if (strategic_ && retains_keys(kind_, path_)) retain(inner, wanted, live);
      if (!inner.empty()) patch[key] = std::move(inner);
    } else if (wanted.is_array() && live.is_array()) {
      lists(patch, key, original, wanted, live);
    } else if (!same_scalar(wanted, live)) {
      patch[key] = wanted;
    }
  }

  bool same_scalar(const Json& a, const Json& b) const {
    if (a == b) return true;
    if (!is_quantity(path_)) return false;
    const auto text = [](const Json& json) { return json.is_string() ? json.get<std::string>() : json.dump(); };
    return (a.is_string() || a.is_number()) && (b.is_string() || b.is_number()) && same_quantity(text(a), text(b));
  }

  /// A strategy that turns from RollingUpdate to Recreate loses the parameters of the former: the server drops what is not
  /// listed.
  static void retain(Json& inner, const Json& wanted, const Json& live) {
    const bool loses =
        std::any_of(live.items().begin(), live.items().end(), [&](const auto& item) { return at(wanted, item.key()).is_null(); });
    if (inner.empty() || !loses) return;
    Json keys = Json::array();
    for (const auto& [key, value] : wanted.items()) keys.push_back(key);
    inner["$retainKeys"] = std::move(keys);
  }

  void lists(Json& patch, const std::string& key, const Json& original, const Json& wanted, const Json& live) {
    const ListRule rule = strategic_ ? list_rule(kind_, path_) : ListRule{};
    switch (rule.how) {
      case ListRule::How::replace:
        if (wanted != live) patch[key] = wanted;
        return;
      case ListRule::How::merge_primitives: return primitives(patch, key, original, wanted, live);
      case ListRule::How::merge_objects: return objects(patch, key, std::string(rule.key), original, wanted, live);
    }
  }

  static void primitives(Json& patch, const std::string& key, const Json& original, const Json& wanted, const Json& live) {
    const auto has = [](const Json& list, const Json& item) {
      return list.is_array() && std::find(list.begin(), list.end(), item) != list.end();
    };
    Json added = Json::array();
    for (const auto& item : wanted) {
      if (!has(live, item)) added.push_back(item);
    }
    Json gone = Json::array();
    if (original.is_array()) {
      for (const auto& item : original) {
        if (!has(wanted, item) && has(live, item)) gone.push_back(item);
      }
    }
    if (!added.empty()) patch[key] = std::move(added);
    if (!gone.empty()) patch["$deleteFromPrimitiveList/" + key] = std::move(gone);
  }

  static bool can_merge(const Json& list, const std::string& merge_key) {
    std::set<Json> seen;
    for (const auto& item : list) {
      const Json& value = at(item, merge_key);
      if (value.is_null() || !seen.insert(value).second) return false;
    }
    return true;
  }
  static const Json& element(const Json& list, const std::string& merge_key, const Json& value) {
    if (!list.is_array()) return nothing;
    const auto found = std::find_if(list.begin(), list.end(), [&](const Json& item) { return at(item, merge_key) == value; });
    return found == list.end() ? nothing : *found;
  }

  void objects(Json& patch, const std::string& key, const std::string& merge_key, const Json& original, const Json& wanted,
               const Json& live) {
    if (!can_merge(wanted, merge_key) || !can_merge(live, merge_key) || (original.is_array() && !can_merge(original, merge_key)))
      return whole_list(patch, key, wanted, live);
    Json changes = Json::array();
    Json order = Json::array();
    for (const auto& item : wanted) {
      const Json& value = at(item, merge_key);
      order.push_back(Json::object({{merge_key, value}}));
      const Json& now = element(live, merge_key, value);
      if (now.is_null()) {
        changes.push_back(item);
        continue;
      }
      Json inner = maps(element(original, merge_key, value), item, now);
      if (retains_keys(kind_, path_)) retain(inner, item, now);
      if (inner.empty()) continue;
      inner[merge_key] = value;
      changes.push_back(std::move(inner));
    }
    if (original.is_array()) {
      for (const auto& item : original) {
        const Json& value = at(item, merge_key);
        if (!element(wanted, merge_key, value).is_null() || element(live, merge_key, value).is_null()) continue;
        changes.push_back(Json::object({{merge_key, value}, {"$patch", "delete"}}));
      }
    }
    if (changes.empty() && in_order(wanted, live, merge_key)) return;
    patch["$setElementOrder/" + key] = std::move(order);
    patch[key] = std::move(changes);
  }

  /// Whether the elements of both lists stand in the same order in both. (Variables may refer to those before them.)
  static bool in_order(const Json& wanted, const Json& live, const std::string& merge_key) {
    auto next = live.begin();
    for (const auto& item : wanted) {
      const Json& value = at(item, merge_key);
      next = std::find_if(next, live.end(), [&](const Json& candidate) { return at(candidate, merge_key) == value; });
      if (next == live.end()) return false;
    }
    return true;
  }

  /// For a list whose merge key repeats. Node ports that the cluster has assigned are kept.
  void whole_list(Json& patch, const std::string& key, const Json& wanted, const Json& live) {
    const auto protocol = [](const Json& port) { return at(port, "protocol").is_null() ? Json("TCP") : at(port, "protocol"); };
    std::vector<bool> used(live.size(), false);
    bool same = wanted.size() == live.size();
    Json list = Json::array({Json::object({{"$patch", "replace"}})});
    for (const auto& item : wanted) {
      Json kept = item;
      bool matched = false;
      for (std::size_t i = 0; i < live.size() && !matched; ++i) {
        const bool is_it = !used[i] && at(live[i], "port") == at(item, "port") &&
                           at(live[i], "containerPort") == at(item, "containerPort") && protocol(live[i]) == protocol(item);
        if (!is_it || !item.is_object() || !live[i].is_object()) continue;
        matched = used[i] = true;
        same = same && maps(nothing, item, live[i]).empty();
        if (const Json& node_port = at(live[i], "nodePort"); at(item, "nodePort").is_null() && !node_port.is_null())
          kept["nodePort"] = node_port;
      }
      same = same && matched;
      list.push_back(std::move(kept));
    }
    if (!same) patch[key] = std::move(list);
  }

  std::string_view kind_;
  bool strategic_;
  FieldPath path_;
};

}  // namespace

Json strategic_patch(std::string_view kind, const ThreeWay& versions) {
  return Merge(kind, true).maps(versions.original, versions.modified, versions.current);
}

Json json_patch(const ThreeWay& versions) {
  return Merge({}, false).maps(versions.original, versions.modified, versions.current);
}

}  // namespace sluice::plan
