#include "core/helmfile/needs.hpp"

#include <algorithm>
#include <map>

namespace sluice::helmfile {

std::string release_id(std::string_view kube_context, std::string_view name_space, std::string_view name) {
  std::string id;
  if (!kube_context.empty()) id += std::string(kube_context) + "/";
  if (!kube_context.empty() || !name_space.empty()) id += std::string(name_space) + "/";
  return id + std::string(name);
}

std::string need_id(std::string_view need, std::string_view kube_context, std::string_view name_space) {
  const std::size_t name_at = need.rfind('/');
  if (name_at == std::string_view::npos) return release_id(kube_context, name_space, need);
  const std::string_view name = need.substr(name_at + 1);
  const std::string_view before = need.substr(0, name_at);
  const std::size_t space_at = before.rfind('/');
  if (space_at == std::string_view::npos) return release_id(kube_context, before, name);
  return release_id(before.substr(0, space_at), before.substr(space_at + 1), name);
}

namespace {

using Index = std::map<std::string, std::size_t>;

std::string quoted_list(const std::vector<std::string>& ids, std::string_view last_joint) {
  std::string out;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (i > 0) out += i + 1 == ids.size() ? std::string(last_joint) : ", ";
    out += "\"" + ids[i] + "\"";
  }
  return out;
}

std::string name_in(const std::string& id) { return id.substr(id.rfind('/') + 1); }

Error undefined_need(const std::vector<Node>& nodes, const std::string& need) {
  std::vector<std::string> dependents;
  for (const Node& node : nodes) {
    if (std::count(node.needs.begin(), node.needs.end(), need) > 0) dependents.push_back(node.id);
  }
  return {Errc::invalid, "release(s) " + quoted_list(dependents, ", ") + " depend(s) on an undefined release \"" + need +
                             "\". Perhaps you made a typo in \"needs\" or forgot defining a release named \"" + name_in(need) +
                             "\" with appropriate \"namespace\" and \"kubeContext\"?"};
}

Error unselected_need(const std::vector<std::string>& dependents, const std::string& need) {
  return {Errc::invalid,
          "release " + quoted_list(dependents, dependents.size() < 3 ? " and " : ", and ") +
              (dependents.size() == 1 ? " depends" : " depend") + " on \"" + need +
              "\" which does not match the selectors. Please add a selector like \"--selector name=" + name_in(need) +
              "\", or indicate whether to skip (--skip-needs) or include (--include-needs) these dependencies"};
}

/// Finds depths by walking down the needs; the path walked so far tells a cycle.
class DepthFinder {
 public:
  DepthFinder(const std::vector<Node>& nodes, const Index& index)
      : nodes_(nodes), index_(index), depths_(nodes.size(), unknown), on_path_(nodes.size(), false) {}

  Result<std::size_t> depth_of(std::size_t node) {
    if (depths_[node] != unknown) return depths_[node];
    path_.push_back(node);
    if (on_path_[node]) return cycle(node);
    on_path_[node] = true;
    std::size_t depth = 0;
    for (const std::string& need : nodes_[node].needs) {
      auto below = depth_of(index_.at(need));
      if (!below) return below;
      depth = std::max(depth, *below + 1);
    }
    on_path_[node] = false;
    path_.pop_back();
    depths_[node] = depth;
    return depth;
  }

 private:
  static constexpr std::size_t unknown = static_cast<std::size_t>(-1);

  Error cycle(std::size_t node) const {
    std::string text = "needs form a cycle: ";
    auto from = std::find(path_.begin(), path_.end(), node);
    for (auto it = from; it != path_.end(); ++it) text += (it == from ? "" : " -> ") + nodes_[*it].id;
    return {Errc::invalid, text + ". Remove one of these needs"};
  }

  const std::vector<Node>& nodes_;
  const Index& index_;
  std::vector<std::size_t> depths_;
  std::vector<bool> on_path_;
  std::vector<std::size_t> path_;
};

void include_needs_of(const std::string& id, const std::vector<Node>& nodes, const Index& index,
                      std::set<std::string>& selected) {
  for (const std::string& need : nodes[index.at(id)].needs) {
    if (selected.insert(need).second) include_needs_of(need, nodes, index, selected);
  }
}

Result<> require_needs(const std::vector<Node>& nodes, const std::set<std::string>& selected) {
  std::map<std::string, std::vector<std::string>> missing;
  for (const Node& node : nodes) {
    if (!selected.contains(node.id)) continue;
    for (const std::string& need : node.needs) {
      if (!selected.contains(need)) missing[need].push_back(node.id);
    }
  }
  if (!missing.empty()) return unselected_need(missing.begin()->second, missing.begin()->first);
  return {};
}

}  // namespace

Result<std::vector<std::vector<std::size_t>>> group_by_needs(const std::vector<Node>& nodes, std::set<std::string> selected,
                                                             NeedsRule rule) {
  Index index;
  for (std::size_t i = 0; i < nodes.size(); ++i) index.emplace(nodes[i].id, i);
  for (const Node& node : nodes) {
    for (const std::string& need : node.needs) {
      if (!index.contains(need)) return undefined_need(nodes, need);
    }
  }
  DepthFinder finder(nodes, index);
  std::vector<std::vector<std::size_t>> by_depth;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    auto depth = finder.depth_of(i);
    if (!depth) return std::move(depth).error();
    if (by_depth.size() <= *depth) by_depth.resize(*depth + 1);
    by_depth[*depth].push_back(i);
  }
  if (rule == NeedsRule::include) {
    for (const std::string& id : std::set<std::string>(selected)) include_needs_of(id, nodes, index, selected);
  }
  if (rule == NeedsRule::require) {
    auto complete = require_needs(nodes, selected);
    if (!complete) return std::move(complete).error();
  }
  std::vector<std::vector<std::size_t>> groups;
  for (const auto& level : by_depth) {
    std::vector<std::size_t> group;
    for (std::size_t i : level) {
      if (selected.contains(nodes[i].id)) group.push_back(i);
    }
    if (!group.empty()) groups.push_back(std::move(group));
  }
  return groups;
}

}  // namespace sluice::helmfile
