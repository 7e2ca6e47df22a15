#include "core/kustomize/kinds.hpp"

#include <algorithm>

namespace sluice::kustomize {

namespace {

struct FieldRow {
  Type in;
  std::string_view name;
  FieldRule rule;
};

constexpr FieldRule to(Type type) { return {type, false, {}}; }
constexpr FieldRule merged(Type elements, std::string_view key, std::string_view second = {}) {
  return {elements, true, {key, second}};
}

constexpr auto field_rows = std::to_array<FieldRow>({
    {Type::workload, "spec", to(Type::workload_spec)},
    {Type::workload_spec, "template", to(Type::pod_template)},
    {Type::cron_job, "spec", to(Type::cron_job_spec)},
    {Type::cron_job_spec, "jobTemplate", to(Type::job_template)},
    {Type::job_template, "metadata", to(Type::metadata)},
    {Type::job_template, "spec", to(Type::workload_spec)},
    {Type::pod, "spec", to(Type::pod_spec)},
    {Type::pod_template_object, "template", to(Type::pod_template)},
    {Type::pod_template, "metadata", to(Type::metadata)},
    {Type::pod_template, "spec", to(Type::pod_spec)},
    {Type::pod_spec, "containers", merged(Type::container, "name")},
    {Type::pod_spec, "initContainers", merged(Type::container, "name")},
    {Type::pod_spec, "ephemeralContainers", merged(Type::ephemeral_container, "name")},
    {Type::pod_spec, "volumes", merged(Type::unknown, "name")},
    {Type::pod_spec, "imagePullSecrets", merged(Type::unknown, "name")},
    {Type::pod_spec, "hostAliases", merged(Type::unknown, "ip")},
    {Type::pod_spec, "topologySpreadConstraints", merged(Type::unknown, "topologyKey", "whenUnsatisfiable")},
    {Type::container, "env", merged(Type::unknown, "name")},
    {Type::container, "ports", merged(Type::unknown, "containerPort", "protocol")},
    {Type::container, "volumeMounts", merged(Type::unknown, "mountPath")},
    {Type::container, "volumeDevices", merged(Type::unknown, "devicePath")},
    {Type::ephemeral_container, "env", merged(Type::unknown, "name")},
    {Type::ephemeral_container, "volumeMounts", merged(Type::unknown, "mountPath")},
    {Type::ephemeral_container, "volumeDevices", merged(Type::unknown, "devicePath")},
    {Type::service, "spec", to(Type::service_spec)},
    {Type::service_spec, "ports", merged(Type::unknown, "port", "protocol")},
    {Type::service_account, "secrets", merged(Type::unknown, "name")},
    {Type::webhooks, "webhooks", merged(Type::unknown, "name")},
    {Type::node, "spec", to(Type::node_spec)},
    {Type::node_spec, "podCIDRs", merged(Type::unknown, "")},
    {Type::csi_node, "spec", to(Type::csi_node_spec)},
    {Type::csi_node_spec, "drivers", merged(Type::unknown, "name")},
    {Type::metadata, "ownerReferences", merged(Type::unknown, "uid")},
    {Type::metadata, "finalizers", merged(Type::unknown, "")},
});

constexpr bool is_object(Type type) {
  switch (type) {
    case Type::plain_object:
    case Type::workload:
    case Type::cron_job:
    case Type::pod:
    case Type::pod_template_object:
    case Type::service:
    case Type::service_account:
    case Type::webhooks:
    case Type::node:
    case Type::csi_node: return true;
    default: return false;
  }
}

enum class Scope : unsigned char { of_namespace, of_cluster };

struct KindRow {
  std::string_view api_version, kind;
  Type type = Type::plain_object;
  Scope scope = Scope::of_namespace;
};

constexpr auto kind_rows = std::to_array<KindRow>({
    {"v1", "Binding"},
    {"v1", "ComponentStatus", Type::plain_object, Scope::of_cluster},
    {"v1", "ConfigMap"},
    {"v1", "Endpoints"},
    {"v1", "Event"},
    {"v1", "LimitRange"},
    {"v1", "Namespace", Type::plain_object, Scope::of_cluster},
    {"v1", "Node", Type::node, Scope::of_cluster},
    {"v1", "PersistentVolume", Type::plain_object, Scope::of_cluster},
    {"v1", "PersistentVolumeClaim"},
    {"v1", "Pod", Type::pod},
    {"v1", "PodTemplate", Type::pod_template_object},
    {"v1", "ReplicationController", Type::workload},
    {"v1", "ResourceQuota"},
    {"v1", "Secret"},
    {"v1", "Service", Type::service},
    {"v1", "ServiceAccount", Type::service_account},
    {"admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration", Type::webhooks, Scope::of_cluster},
    {"admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", Type::webhooks, Scope::of_cluster},
    {"admissionregistration.k8s.io/v1beta1", "MutatingWebhookConfiguration", Type::webhooks, Scope::of_cluster},
    {"admissionregistration.k8s.io/v1beta1", "ValidatingWebhookConfiguration", Type::webhooks, Scope::of_cluster},
    {"apiextensions.k8s.io/v1", "CustomResourceDefinition", Type::plain_object, Scope::of_cluster},
    {"apiextensions.k8s.io/v1beta1", "CustomResourceDefinition", Type::plain_object, Scope::of_cluster},
    {"apiregistration.k8s.io/v1", "APIService", Type::plain_object, Scope::of_cluster},
    {"apiregistration.k8s.io/v1beta1", "APIService", Type::plain_object, Scope::of_cluster},
    {"apps/v1", "ControllerRevision"},
    {"apps/v1", "DaemonSet", Type::workload},
    {"apps/v1", "Deployment", Type::workload},
    {"apps/v1", "ReplicaSet", Type::workload},
    {"apps/v1", "StatefulSet", Type::workload},
    {"autoscaling/v1", "HorizontalPodAutoscaler"},
    {"autoscaling/v2beta1", "HorizontalPodAutoscaler"},
    {"autoscaling/v2beta2", "HorizontalPodAutoscaler"},
    {"batch/v1", "CronJob", Type::cron_job},
    {"batch/v1", "Job", Type::workload},
    {"batch/v1beta1", "CronJob", Type::cron_job},
    {"certificates.k8s.io/v1", "CertificateSigningRequest", Type::plain_object, Scope::of_cluster},
    {"certificates.k8s.io/v1beta1", "CertificateSigningRequest", Type::plain_object, Scope::of_cluster},
    {"coordination.k8s.io/v1", "Lease"},
    {"coordination.k8s.io/v1beta1", "Lease"},
    {"discovery.k8s.io/v1", "EndpointSlice"},
    {"discovery.k8s.io/v1beta1", "EndpointSlice"},
    {"events.k8s.io/v1", "Event"},
    {"events.k8s.io/v1beta1", "Event"},
    {"extensions/v1beta1", "Ingress"},
    {"flowcontrol.apiserver.k8s.io/v1beta1", "FlowSchema", Type::plain_object, Scope::of_cluster},
    {"flowcontrol.apiserver.k8s.io/v1beta1", "PriorityLevelConfiguration", Type::plain_object, Scope::of_cluster},
    {"networking.k8s.io/v1", "Ingress"},
    {"networking.k8s.io/v1", "IngressClass", Type::plain_object, Scope::of_cluster},
    {"networking.k8s.io/v1", "NetworkPolicy"},
    {"networking.k8s.io/v1beta1", "Ingress"},
    {"networking.k8s.io/v1beta1", "IngressClass", Type::plain_object, Scope::of_cluster},
    {"node.k8s.io/v1", "RuntimeClass", Type::plain_object, Scope::of_cluster},
    {"node.k8s.io/v1beta1", "RuntimeClass", Type::plain_object, Scope::of_cluster},
    {"policy/v1", "PodDisruptionBudget"},
    {"policy/v1beta1", "Eviction"},
    {"policy/v1beta1", "PodDisruptionBudget"},
    {"policy/v1beta1", "PodSecurityPolicy", Type::plain_object, Scope::of_cluster},
    {"rbac.authorization.k8s.io/v1", "ClusterRole", Type::plain_object, Scope::of_cluster},
    {"rbac.authorization.k8s.io/v1", "ClusterRoleBinding", Type::plain_object, Scope::of_cluster},
    {"rbac.authorization.k8s.io/v1", "Role"},
    {"rbac.authorization.k8s.io/v1", "RoleBinding"},
    {"rbac.authorization.k8s.io/v1beta1", "ClusterRole", Type::plain_object, Scope::of_cluster},
    {"rbac.authorization.k8s.io/v1beta1", "ClusterRoleBinding", Type::plain_object, Scope::of_cluster},
    {"rbac.authorization.k8s.io/v1beta1", "Role"},
    {"rbac.authorization.k8s.io/v1beta1", "RoleBinding"},
    {"scheduling.k8s.io/v1", "PriorityClass", Type::plain_object, Scope::of_cluster},
    {"scheduling.k8s.io/v1beta1", "PriorityClass", Type::plain_object, Scope::of_cluster},
    {"storage.k8s.io/v1", "CSIDriver", Type::plain_object, Scope::of_cluster},
    {"storage.k8s.io/v1", "CSINode", Type::csi_node, Scope::of_cluster},
    {"storage.k8s.io/v1", "StorageClass", Type::plain_object, Scope::of_cluster},
    {"storage.k8s.io/v1", "VolumeAttachment", Type::plain_object, Scope::of_cluster},
    {"storage.k8s.io/v1beta1", "CSIDriver", Type::plain_object, Scope::of_cluster},
    {"storage.k8s.io/v1beta1", "CSINode", Type::csi_node, Scope::of_cluster},
    {"storage.k8s.io/v1beta1", "CSIStorageCapacity"},
    {"storage.k8s.io/v1beta1", "StorageClass", Type::plain_object, Scope::of_cluster},
    {"storage.k8s.io/v1beta1", "VolumeAttachment", Type::plain_object, Scope::of_cluster},
});

const KindRow* find_kind(std::string_view api_version, std::string_view kind) {
  const auto row = std::find_if(kind_rows.begin(), kind_rows.end(),
                                [&](const KindRow& one) { return one.kind == kind && one.api_version == api_version; });
  return row == kind_rows.end() ? nullptr : &*row;
}

}  // namespace

FieldRule field_rule(Type type, std::string_view field) {
  if (type == Type::unknown) return {};
  if (is_object(type) && field == "metadata") return to(Type::metadata);
  const auto row = std::find_if(field_rows.begin(), field_rows.end(),
                                [&](const FieldRow& one) { return one.in == type && one.name == field; });
  return row == field_rows.end() ? FieldRule{} : row->rule;
}

Type type_of_object(std::string_view api_version, std::string_view kind) {
  const KindRow* row = find_kind(api_version, kind);
  return row == nullptr ? Type::unknown : row->type;
}

bool is_cluster_scoped(std::string_view api_version, std::string_view kind) {
  const KindRow* row = find_kind(api_version, kind);
  return row != nullptr && row->scope == Scope::of_cluster;
}

}  // namespace sluice::kustomize
