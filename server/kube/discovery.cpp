#include "server/kube/discovery.hpp"

#include <algorithm>
#include <cctype>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "server/net/url.hpp"

namespace sluice::kube {

using plan::find_path;
using plan::Json;
using plan::text_at;

namespace {

const Json& list_of(const Json& json, std::string_view key) {
  static const Json none = Json::array();
  const Json* found = plan::find(json, key);
  return found && found->is_array() ? *found : none;
}

bool has_verb(const Json& resource, std::string_view verb) {
  const auto& verbs = list_of(resource, "verbs");
  return std::any_of(verbs.begin(), verbs.end(),
                     [&](const Json& v) { return v.is_string() && v.get_ref<const std::string&>() == verb; });
}

}  // namespace

std::string Resource::path(std::string_view namespace_, std::string_view name) const {
  std::string out = group.empty() ? "/api/" + version : "/apis/" + group + "/" + version;
  if (namespaced && !namespace_.empty()) out += "/namespaces/" + net::percent_encode(namespace_);
  out += "/" + plural;
  if (!name.empty()) out += "/" + net::percent_encode(name);
  return out;
}

void Discovery::add(Resource resource) { kinds_[{resource.group, resource.kind}].push_back(std::move(resource)); }

Result<> Discovery::add_aggregated(const Json& list) {
  if (text_at(list, "kind") != "APIGroupDiscoveryList")
    return Error{Errc::invalid, "the API server's discovery is not an APIGroupDiscoveryList"};
  for (const auto& item : list_of(list, "items")) {
    const std::string group = text_at(item, "metadata/name");
    for (const auto& version : list_of(item, "versions")) {
      const std::string name = text_at(version, "version");
      if (name.empty()) continue;
      if (text_at(version, "freshness") == "Stale") stale_.push_back(group);
      versions_.push_back(group.empty() ? name : group + "/" + name);
      for (const auto& resource : list_of(version, "resources")) {
        Resource out;
        out.kind = text_at(resource, "responseKind/kind");
        // built-in kinds leave group and version to the list around them; subresources of another kind name theirs
        const auto kind_group = text_at(resource, "responseKind/group");
        const auto kind_version = text_at(resource, "responseKind/version");
        out.group = kind_version.empty() ? group : kind_group;
        out.version = kind_version.empty() ? name : kind_version;
        out.plural = text_at(resource, "resource");
        out.namespaced = text_at(resource, "scope") == "Namespaced";
        out.can_list = has_verb(resource, "list");
        if (!out.kind.empty() && !out.plural.empty()) add(std::move(out));
      }
    }
  }
  return {};
}

Result<> Discovery::add_legacy(const Json& list) {
  if (text_at(list, "kind") != "APIResourceList")
    return Error{Errc::invalid, "the API server's discovery is not an APIResourceList"};
  const std::string group_version = text_at(list, "groupVersion");
  versions_.push_back(group_version);
  for (const auto& resource : list_of(list, "resources")) {
    Resource out;
    out.plural = text_at(resource, "name");
    if (out.plural.find('/') != std::string::npos) continue;  // a subresource
    out.kind = text_at(resource, "kind");
    out.group = plan::group_of(group_version);
    out.version = plan::version_of(group_version);
    const Json* namespaced = plan::find(resource, "namespaced");
    out.namespaced = namespaced && namespaced->is_boolean() && namespaced->get<bool>();
    out.can_list = has_verb(resource, "list");
    if (!out.kind.empty() && !out.plural.empty()) add(std::move(out));
  }
  return {};
}

const Resource* Discovery::find(std::string_view group, std::string_view kind, std::string_view version) const {
  const auto found = kinds_.find(std::pair<std::string, std::string>(group, kind));
  if (found == kinds_.end()) return nullptr;
  for (const auto& resource : found->second) {
    if (resource.version == version) return &resource;
  }
  return &found->second.front();
}

const Resource* Discovery::find_exact(std::string_view api_version, std::string_view kind) const {
  const Resource* found = find(plan::group_of(api_version), kind, plan::version_of(api_version));
  return found && found->version == plan::version_of(api_version) ? found : nullptr;
}

static std::string lower(std::string_view text) {
  std::string small(text);
  std::transform(small.begin(), small.end(), small.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return small;
}

/// The short names of Kubernetes' own kinds.
static std::string_view spelled_out(std::string_view name) {
  static const std::map<std::string_view, std::string_view> known{
      {"cm", "configmaps"},      {"cj", "cronjobs"},   {"crd", "customresourcedefinitions"}, {"deploy", "deployments"}, {"ds", "daemonsets"},
      {"ep", "endpoints"},       {"ing", "ingresses"}, {"netpol", "networkpolicies"},        {"no", "nodes"},           {"ns", "namespaces"},
      {"po", "pods"},            {"pv", "persistentvolumes"}, {"pvc", "persistentvolumeclaims"}, {"rs", "replicasets"}, {"sa", "serviceaccounts"},
      {"sc", "storageclasses"},  {"sts", "statefulsets"}, {"svc", "services"}};
  const auto found = known.find(name);
  return found == known.end() ? name : found->second;
}

const Resource* Discovery::find_named(std::string_view name) const {
  const std::string all = lower(name);
  const std::size_t dot = all.find('.');
  const std::string_view word = spelled_out(std::string_view(all).substr(0, dot));
  const std::string_view where = dot == std::string::npos ? std::string_view() : std::string_view(all).substr(dot + 1);
  const Resource* best = nullptr;
  const auto rank = [](const Resource& one) { return one.group.empty() ? 0 : one.group == "apps" ? 1 : 2; };
  for (const auto& [key, versions] : kinds_) {
    for (const Resource& one : versions) {
      if (word != one.plural && word != lower(one.kind)) continue;
      const std::string with_version = one.group.empty() ? one.version : one.version + "." + one.group;
      if (!where.empty() && where != one.group && where != with_version) continue;
      if (!best || rank(one) < rank(*best)) best = &one;
    }
  }
  return best;
}

bool Discovery::is_stale(std::string_view group) const { return std::find(stale_.begin(), stale_.end(), group) != stale_.end(); }

std::vector<std::string> Discovery::api_versions() const {
  std::set<std::string> out(versions_.begin(), versions_.end());
  for (const auto& [key, resources] : kinds_) {
    for (const auto& resource : resources) out.insert(resource.api_version() + "/" + resource.kind);
  }
  return {out.begin(), out.end()};
}

}  // namespace sluice::kube
