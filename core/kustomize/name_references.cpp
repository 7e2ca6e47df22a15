#include "core/kustomize/name_references.hpp"

#include <algorithm>
#include <array>

#include "core/kustomize/field_spec.hpp"
#include "core/kustomize/kinds.hpp"

namespace sluice::kustomize {

namespace {

/// What is referred to; "" is any.
struct Target {
  std::string_view group, version, kind;
};

struct Row {
  Target target;
  std::string_view referrer_group, referrer_kind;
  std::string_view path;
};

constexpr Target config_map = {"", "v1", "ConfigMap"};
constexpr Target secret = {"", "v1", "Secret"};
constexpr Target service = {"", "v1", "Service"};
constexpr Target service_account = {"", "v1", "ServiceAccount"};
constexpr Target claim = {"", "v1", "PersistentVolumeClaim"};
constexpr Target volume = {"", "v1", "PersistentVolume"};
constexpr Target storage_class = {"storage.k8s.io", "v1", "StorageClass"};
constexpr Target priority_class = {"scheduling.k8s.io", "v1", "PriorityClass"};
constexpr Target role = {"rbac.authorization.k8s.io", "", "Role"};
constexpr Target cluster_role = {"rbac.authorization.k8s.io", "", "ClusterRole"};
constexpr std::string_view rbac = "rbac.authorization.k8s.io";
constexpr std::string_view admission = "admissionregistration.k8s.io";

constexpr auto rows = std::to_array<Row>({
    {{"", "", "Deployment"}, "", "HorizontalPodAutoscaler", "spec/scaleTargetRef/name"},
    {{"", "", "ReplicationController"}, "", "HorizontalPodAutoscaler", "spec/scaleTargetRef/name"},
    {{"", "", "ReplicaSet"}, "", "HorizontalPodAutoscaler", "spec/scaleTargetRef/name"},
    {{"", "", "StatefulSet"}, "", "HorizontalPodAutoscaler", "spec/scaleTargetRef/name"},
    {config_map, "", "Node", "spec/configSource/configMap"},
    {config_map, "", "Role", "rules/resourceNames"},
    {config_map, "", "ClusterRole", "rules/resourceNames"},
    {config_map, "", "Ingress", "metadata/annotations/nginx.ingress.kubernetes.io\\/fastcgi-params-configmap"},
    {secret, "", "Ingress", "spec/tls/secretName"},
    {secret, "", "Ingress", "metadata/annotations/ingress.kubernetes.io\\/auth-secret"},
    {secret, "", "Ingress", "metadata/annotations/nginx.ingress.kubernetes.io\\/auth-secret"},
    {secret, "", "Ingress", "metadata/annotations/nginx.ingress.kubernetes.io\\/auth-tls-secret"},
    {secret, "", "ServiceAccount", "imagePullSecrets/name"},
    {secret, "", "StorageClass", "parameters/secretName"},
    {secret, "", "StorageClass", "parameters/adminSecretName"},
    {secret, "", "StorageClass", "parameters/userSecretName"},
    {secret, "", "StorageClass", "parameters/secretRef"},
    {secret, "", "Role", "rules/resourceNames"},
    {secret, "", "ClusterRole", "rules/resourceNames"},
    {secret, "serving.knative.dev", "Service", "spec/template/spec/containers/env/valueFrom/secretKeyRef/name"},
    {secret, "", "PersistentVolume", "spec/azureFile/secretName"},
    {service, "apps", "StatefulSet", "spec/serviceName"},
    {service, "", "Ingress", "spec/rules/http/paths/backend/serviceName"},
    {service, "", "Ingress", "spec/backend/serviceName"},
    {service, "", "Ingress", "spec/rules/http/paths/backend/service/name"},
    {service, "", "Ingress", "spec/defaultBackend/service/name"},
    {service, "apiregistration.k8s.io", "APIService", "spec/service/name"},
    {service, admission, "ValidatingWebhookConfiguration", "webhooks/clientConfig/service"},
    {service, admission, "MutatingWebhookConfiguration", "webhooks/clientConfig/service"},
    {role, rbac, "RoleBinding", "roleRef/name"},
    {cluster_role, rbac, "RoleBinding", "roleRef/name"},
    {cluster_role, rbac, "ClusterRoleBinding", "roleRef/name"},
    {service_account, rbac, "RoleBinding", "subjects"},
    {service_account, rbac, "ClusterRoleBinding", "subjects"},
    {volume, "", "PersistentVolumeClaim", "spec/volumeName"},
    {volume, "", "ClusterRole", "rules/resourceNames"},
    {storage_class, "", "PersistentVolume", "spec/storageClassName"},
    {storage_class, "", "PersistentVolumeClaim", "spec/storageClassName"},
    {storage_class, "", "StatefulSet", "spec/volumeClaimTemplates/spec/storageClassName"},
    {{admission, "", "ValidatingAdmissionPolicy"}, admission, "ValidatingAdmissionPolicyBinding", "spec/policyName"},
});

/// Of everything that has a pod in it; the path is below the pod's spec.
struct PodRow {
  Target target;
  std::string_view path;
};

constexpr auto pod_rows = std::to_array<PodRow>({
    {config_map, "volumes/configMap/name"},
    {config_map, "containers/env/valueFrom/configMapKeyRef/name"},
    {config_map, "initContainers/env/valueFrom/configMapKeyRef/name"},
    {config_map, "containers/envFrom/configMapRef/name"},
    {config_map, "initContainers/envFrom/configMapRef/name"},
    {config_map, "volumes/projected/sources/configMap/name"},
    {secret, "volumes/secret/secretName"},
    {secret, "containers/env/valueFrom/secretKeyRef/name"},
    {secret, "initContainers/env/valueFrom/secretKeyRef/name"},
    {secret, "containers/envFrom/secretRef/name"},
    {secret, "initContainers/envFrom/secretRef/name"},
    {secret, "imagePullSecrets/name"},
    {secret, "volumes/projected/sources/secret/name"},
    {service_account, "serviceAccountName"},
    {claim, "volumes/persistentVolumeClaim/claimName"},
    {priority_class, "priorityClassName"},
});

/// Where the pod's spec is in an object of that kind.
struct PodPlace {
  std::string_view kind, path;
};

constexpr auto pod_places = std::to_array<PodPlace>({
    {"Pod", "spec/"},
    {"PodTemplate", "template/spec/"},
    {"Deployment", "spec/template/spec/"},
    {"ReplicaSet", "spec/template/spec/"},
    {"ReplicationController", "spec/template/spec/"},
    {"DaemonSet", "spec/template/spec/"},
    {"StatefulSet", "spec/template/spec/"},
    {"Job", "spec/template/spec/"},
    {"CronJob", "spec/jobTemplate/spec/template/spec/"},
});

bool is_selected(const Id& id, const Target& target) {
  const auto fits = [](std::string_view wanted, const std::string& there) { return wanted.empty() || wanted == there; };
  return fits(target.group, id.group) && fits(target.version, id.version) && fits(target.kind, id.kind);
}

class Fixer {
 public:
  Fixer(Resource& referrer, const std::vector<Resource>& resources) : referrer_(referrer), resources_(resources) {}

  Result<> fix(const Target& target, const std::string& path) {
    target_ = target;
    is_role_reference_ = path.ends_with("roleRef/name");
    return set_fields(referrer_, FieldSpec{.path = path}, Make::nothing, [this](Value& at) { return set(at); });
  }

 private:
  Result<> set(Value& at) {
    if (is_null(at)) return {};
    if (at.map() != nullptr) return set_map(at);
    if (at.list() == nullptr) return set_scalar(at);
    for (Value& item : at.list()->items) {
      auto done = item.map() != nullptr ? set_map(item) : set_scalar(item);
      if (!done) return done;
    }
    return {};
  }

  Result<> set_scalar(Value& at) {
    auto found = referred(scalar_text(at).str(), nullptr);
    if (!found) return std::move(found).error();
    if (*found != nullptr) at = Value::of_string((*found)->id().name);
    return {};
  }

  /// A name with its namespace.
  Result<> set_map(Value& at) {
    const Value* name = at.find("name");
    if (name == nullptr) return Error{Errc::invalid, "path config error; no 'name' field in node"};
    const Value* name_space = at.find("namespace");
    const std::string wanted = name_space == nullptr ? std::string() : scalar_text(*name_space).str();
    auto found = referred(scalar_text(*name).str(), name_space == nullptr ? nullptr : &wanted);
    if (!found) return std::move(found).error();
    if (*found == nullptr) return {};
    const Id id = (*found)->id();
    at.map()->set("name", Value::of_string(id.name));
    if (!id.name_space.empty()) at.map()->set("namespace", Value::of_string(id.name_space));
    return {};
  }

  /// The object that was called `name`; null if none was. `name_space`, if given, is the one it has or had at first.
  Result<const Resource*> referred(const std::string& name, const std::string* name_space) const {
    std::vector<const Resource*> found;
    for (const Resource& one : resources_) {
      const auto had_name = [&](const Id& id) { return id.name == name; };
      const auto was_meant = [&](const Id& id) { return is_selected(id, target_); };
      if (std::none_of(one.before.begin(), one.before.end(), had_name)) continue;
      if (std::none_of(one.before.begin(), one.before.end(), was_meant)) continue;
      if (!is_role_of(one) || !may_refer_to(one)) continue;
      if (name_space != nullptr && one.original_id().effective_namespace() != *name_space &&
          one.id().effective_namespace() != *name_space)
        continue;
      found.push_back(&one);
    }
    if (found.size() > 1) keep_kin(found);
    if (found.empty()) return static_cast<const Resource*>(nullptr);
    const auto same = [&](const Resource* one) {
      return one->id().name == found.front()->id().name &&
             (name_space == nullptr || one->id().name_space == found.front()->id().name_space);
    };
    if (std::all_of(found.begin(), found.end(), same)) return found.front();
    return Error{Errc::invalid,
                 "found multiple possible referrals: " + to_string(found[0]->id()) + ", " + to_string(found[1]->id())};
  }

  /// Of objects with one old name those count that got their new one as the referrer did: from the same folder.
  void keep_kin(std::vector<const Resource*>& found) const {
    std::erase_if(found, [&](const Resource* one) { return !is_kin(*one, Empty::is_any); });
    if (found.size() > 1) std::erase_if(found, [&](const Resource* one) { return !is_kin(*one, Empty::is_none); });
  }

  enum class Empty { is_any, is_none };

  bool is_kin(const Resource& one, Empty empty) const {
    const auto same_end = [&](const std::vector<std::string>& a, const std::vector<std::string>& b) {
      if (empty == Empty::is_any && (a.empty() || b.empty())) return true;
      const auto shorter = std::min(a.size(), b.size());
      return std::equal(a.end() - static_cast<std::ptrdiff_t>(shorter), a.end(),
                        b.end() - static_cast<std::ptrdiff_t>(shorter)) &&
             (shorter > 0 || a.size() == b.size());
    };
    return same_end(one.prefixes, referrer_.prefixes) && same_end(one.suffixes, referrer_.suffixes);
  }

  /// A roleRef says which kind of role it means.
  bool is_role_of(const Resource& one) const {
    if (!is_role_reference_) return true;
    const std::string group = text_at(referrer_.object, {"roleRef", "apiGroup"}),
                      kind = text_at(referrer_.object, {"roleRef", "kind"});
    return std::any_of(one.before.begin(), one.before.end(), [&](const Id& id) { return is_selected(id, {group, "", kind}); });
  }

  /// Objects of different namespaces do not refer to each other, but for the accounts of role bindings.
  bool may_refer_to(const Resource& one) const {
    const Id from = referrer_.id(), to = one.id();
    if (is_cluster_scoped(from.api_version(), from.kind) || is_cluster_scoped(to.api_version(), to.kind)) return true;
    if (from.effective_namespace() == to.effective_namespace()) return true;
    if (to.kind != "ServiceAccount" || from.kind != "RoleBinding") return false;
    const Value* subjects = referrer_.object.find("subjects");
    if (subjects == nullptr) return false;
    const auto list = subjects->items();
    return std::any_of(list.begin(), list.end(), [&](const Value& subject) {
      return text_at(subject, {"kind"}) == "ServiceAccount" && text_at(subject, {"namespace"}) == to.name_space;
    });
  }

  Resource& referrer_;
  const std::vector<Resource>& resources_;
  Target target_ = {};
  bool is_role_reference_ = false;
};

}  // namespace

Result<> fix_name_references(std::vector<Resource>& resources) {
  if (std::all_of(resources.begin(), resources.end(), [](const Resource& one) { return one.before.empty(); })) return {};
  for (Resource& referrer : resources) {
    const Id id = referrer.original_id();
    Fixer fixer(referrer, resources);
    for (const Row& row : rows) {
      if (row.referrer_kind != id.kind || (!row.referrer_group.empty() && row.referrer_group != id.group)) continue;
      if (auto done = fixer.fix(row.target, std::string(row.path)); !done) return done;
    }
    const auto place =
        std::find_if(pod_places.begin(), pod_places.end(), [&](const PodPlace& one) { return one.kind == id.kind; });
    if (place == pod_places.end()) continue;
    for (const PodRow& row : pod_rows) {
      if (auto done = fixer.fix(row.target, std::string(place->path) + std::string(row.path)); !done) return done;
    }
  }
  return {};
}

}  // namespace sluice::kustomize
