#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/plan/json.hpp"
#include "core/plan/object.hpp"

namespace sluice::kube {

/// A kind of objects that the API server serves, in one version.
struct Resource {
  std::string group, version, kind;
  std::string plural;  ///< as in paths: "deployments"
  bool namespaced = true;
  bool can_list = true;

  /// "apps/v1", "v1"
  std::string api_version() const { return group.empty() ? version : group + "/" + version; }
  /// "/apis/apps/v1/namespaces/shop/deployments", or with the object's name behind it.
  std::string path(std::string_view namespace_, std::string_view name = {}) const;
};

/// What an API server serves.
class Discovery {
 public:
  /// Adds an answer of /api or /apis in the aggregated form (APIGroupDiscoveryList). A group whose server is down is noted as
  /// stale.
  Result<> add_aggregated(const plan::Json& list);
  /// Adds an answer of /apis/GROUP/VERSION (APIResourceList); earlier calls are preferred versions.
  Result<> add_legacy(const plan::Json& list);

  /// Kind in the wanted version, else in the version the server prefers; null if the group has no such kind.
  const Resource* find(std::string_view group, std::string_view kind, std::string_view version = {}) const;
  /// Exactly this version; null if it is not served.
  const Resource* find_exact(std::string_view api_version, std::string_view kind) const;
  /// By a name that people use, as kubectl does: "secrets", "secret", "Secret", "cm", "deployments.apps", "deployments.v1.apps".
  /// Of several kinds of one name the core's comes first, then apps, then the others in their groups' order.
  const Resource* find_named(std::string_view name) const;
  bool is_stale(std::string_view group) const;
  /// What templates ask .Capabilities.APIVersions.Has for: "apps/v1" and "apps/v1/Deployment"; sorted.
  std::vector<std::string> api_versions() const;
  bool empty() const { return kinds_.empty(); }

 private:
  void add(Resource resource);
  std::map<std::pair<std::string, std::string>, std::vector<Resource>, std::less<>> kinds_;  // (group, kind) -> preferred first
  std::vector<std::string> versions_;
  std::vector<std::string> stale_;
};

}  // namespace sluice::kube
