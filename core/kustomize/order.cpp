#include "core/kustomize/order.hpp"

#include <algorithm>
#include <array>

namespace sluice::kustomize {

namespace {

constexpr auto first_kinds = std::to_array<std::string_view>({"Namespace",
                                                              "ResourceQuota",
                                                              "StorageClass",
                                                              "CustomResourceDefinition",
                                                              "ServiceAccount",
                                                              "PodSecurityPolicy",
                                                              "Role",
                                                              "ClusterRole",
                                                              "RoleBinding",
                                                              "ClusterRoleBinding",
                                                              "ConfigMap",
                                                              "Secret",
                                                              "Endpoints",
                                                              "Service",
                                                              "LimitRange",
                                                              "PriorityClass",
                                                              "PersistentVolume",
                                                              "PersistentVolumeClaim",
                                                              "Deployment",
                                                              "StatefulSet",
                                                              "CronJob",
                                                              "PodDisruptionBudget"});
constexpr auto last_kinds = std::to_array<std::string_view>({"MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"});

int rank(const std::string& kind) {
  if (const auto at = std::find(first_kinds.begin(), first_kinds.end(), kind); at != first_kinds.end()) {
    return static_cast<int>(at - first_kinds.end());
  }
  const auto at = std::find(last_kinds.begin(), last_kinds.end(), kind);
  return at == last_kinds.end() ? 0 : 1 + static_cast<int>(at - last_kinds.begin());
}

/// Missing parts sort after everything that is there.
std::string or_last(const std::string& part, std::string_view name) { return part.empty() ? std::string(name) : part; }

std::string kind_key(const Id& id) {
  return or_last(id.group, "~G") + "_" + or_last(id.version, "~V") + "_" + or_last(id.kind, "~K");
}

}  // namespace

bool is_written_before(const Id& a, const Id& b) {
  if (const int x = rank(a.kind), y = rank(b.kind); x != y) return x < y;
  if (const std::string x = kind_key(a), y = kind_key(b); x != y) return x < y;
  const auto place = [](const Id& id) { return or_last(id.name_space, "~X") + "|" + or_last(id.name, "~N"); };
  return place(a) < place(b);
}

}  // namespace sluice::kustomize
