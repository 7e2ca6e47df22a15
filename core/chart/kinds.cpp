#include <algorithm>
#include <array>
#include <span>

#include "core/chart/chart.hpp"

namespace sluice::chart {

namespace {

// Follows: Helm, pkg/releaseutil/kind_sorter.go. The last two of the first list and the first two of the second are Helm 4's.
constexpr std::array install_order = std::to_array<std::string_view>({
    "PriorityClass",
    "Namespace",
    "NetworkPolicy",
    "ResourceQuota",
    "LimitRange",
    "PodSecurityPolicy",
    "PodDisruptionBudget",
    "ServiceAccount",
    "Secret",
    "SecretList",
    "ConfigMap",
    "StorageClass",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "CustomResourceDefinition",
    "ClusterRole",
    "ClusterRoleList",
    "ClusterRoleBinding",
    "ClusterRoleBindingList",
    "Role",
    "RoleList",
    "RoleBinding",
    "RoleBindingList",
    "Service",
    "DaemonSet",
    "Pod",
    "ReplicationController",
    "ReplicaSet",
    "Deployment",
    "HorizontalPodAutoscaler",
    "StatefulSet",
    "Job",
    "CronJob",
    "IngressClass",
    "Ingress",
    "APIService",
    "MutatingWebhookConfiguration",
    "ValidatingWebhookConfiguration",
});

constexpr std::array uninstall_order = std::to_array<std::string_view>({
    "ValidatingWebhookConfiguration",
    "MutatingWebhookConfiguration",
    "APIService",
    "Ingress",
    "IngressClass",
    "Service",
    "CronJob",
    "Job",
    "StatefulSet",
    "HorizontalPodAutoscaler",
    "Deployment",
    "ReplicaSet",
    "ReplicationController",
    "Pod",
    "DaemonSet",
    "RoleBindingList",
    "RoleBinding",
    "RoleList",
    "Role",
    "ClusterRoleBindingList",
    "ClusterRoleBinding",
    "ClusterRoleList",
    "ClusterRole",
    "CustomResourceDefinition",
    "PersistentVolumeClaim",
    "PersistentVolume",
    "StorageClass",
    "ConfigMap",
    "SecretList",
    "Secret",
    "ServiceAccount",
    "PodDisruptionBudget",
    "PodSecurityPolicy",
    "LimitRange",
    "ResourceQuota",
    "NetworkPolicy",
    "Namespace",
    "PriorityClass",
});
constexpr std::size_t helm4_only = 2;

/// Known kinds in the order of the list, then all others by name.
bool comes_before(std::span<const std::string_view> order, std::string_view a, std::string_view b) {
  const auto first = std::find(order.begin(), order.end(), a);
  const auto second = std::find(order.begin(), order.end(), b);
  if (first == order.end() && second == order.end()) return a < b;
  return first < second;
}

}  // namespace

bool installs_before(std::string_view a, std::string_view b, HelmVersion helm) {
  std::span<const std::string_view> order = install_order;
  if (helm == HelmVersion::v3) order = order.first(order.size() - helm4_only);
  return comes_before(order, a, b);
}

bool uninstalls_before(std::string_view a, std::string_view b, HelmVersion helm) {
  std::span<const std::string_view> order = uninstall_order;
  if (helm == HelmVersion::v3) order = order.subspan(helm4_only);
  return comes_before(order, a, b);
}

}  // namespace sluice::chart
