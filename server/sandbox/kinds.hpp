#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::sandbox {

/// A kind of objects that is served.
struct Kind {
  std::string group, version, kind, plural;
  bool namespaced = true;

  std::string api_version() const { return group.empty() ? version : group + "/" + version; }
};

/// What is served: Kubernetes' own kinds that charts use, and those that CustomResourceDefinitions add.
class Kinds {
 public:
  Kinds();
  const Kind* find(std::string_view group, std::string_view version, std::string_view plural) const;
  /// Adds what a CustomResourceDefinition declares (replacing what it declared before).
  void add_crd(const nlohmann::json& crd);
  void remove_crd(const nlohmann::json& crd);

  /// The answer to /api (`core`) or /apis, as an APIGroupDiscoveryList.
  nlohmann::json discovery(bool core) const;

 private:
  std::vector<Kind> kinds_;
};

}  // namespace sluice::sandbox
