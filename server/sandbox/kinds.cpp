#include "server/sandbox/kinds.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace sluice::sandbox {

using Json = nlohmann::json;

Kinds::Kinds()
    : kinds_{
          {"", "v1", "Namespace", "namespaces", false},
          {"", "v1", "Node", "nodes", false},
          {"", "v1", "PersistentVolume", "persistentvolumes", false},
          {"", "v1", "Pod", "pods"},
          {"", "v1", "Service", "services"},
          {"", "v1", "ServiceAccount", "serviceaccounts"},
          {"", "v1", "ConfigMap", "configmaps"},
          {"", "v1", "Secret", "secrets"},
          {"", "v1", "PersistentVolumeClaim", "persistentvolumeclaims"},
          {"", "v1", "Event", "events"},
          {"", "v1", "LimitRange", "limitranges"},
          {"", "v1", "ResourceQuota", "resourcequotas"},
          {"", "v1", "Endpoints", "endpoints"},
          {"apps", "v1", "Deployment", "deployments"},
          {"apps", "v1", "StatefulSet", "statefulsets"},
          {"apps", "v1", "DaemonSet", "daemonsets"},
          {"apps", "v1", "ReplicaSet", "replicasets"},
          {"batch", "v1", "Job", "jobs"},
          {"batch", "v1", "CronJob", "cronjobs"},
          {"networking.k8s.io", "v1", "Ingress", "ingresses"},
          {"networking.k8s.io", "v1", "IngressClass", "ingressclasses", false},
          {"networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies"},
          {"policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets"},
          {"autoscaling", "v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers"},
          {"rbac.authorization.k8s.io", "v1", "Role", "roles"},
          {"rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings"},
          {"rbac.authorization.k8s.io", "v1", "ClusterRole", "clusterroles", false},
          {"rbac.authorization.k8s.io", "v1", "ClusterRoleBinding", "clusterrolebindings", false},
          {"storage.k8s.io", "v1", "StorageClass", "storageclasses", false},
          {"scheduling.k8s.io", "v1", "PriorityClass", "priorityclasses", false},
          {"admissionregistration.k8s.io", "v1", "ValidatingWebhookConfiguration", "validatingwebhookconfigurations", false},
          {"admissionregistration.k8s.io", "v1", "MutatingWebhookConfiguration", "mutatingwebhookconfigurations", false},
          {"apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions", false},
          {"apiregistration.k8s.io", "v1", "APIService", "apiservices", false},
      } {}

const Kind* Kinds::find(std::string_view group, std::string_view version, std::string_view plural) const {
  const auto found = std::find_if(kinds_.begin(), kinds_.end(), [&](const Kind& kind) {
    return kind.group == group && kind.version == version && kind.plural == plural;
  });
  return found == kinds_.end() ? nullptr : &*found;
}

void Kinds::remove_crd(const Json& crd) {
  const std::string group = crd.value("/spec/group"_json_pointer, "");
  const std::string plural = crd.value("/spec/names/plural"_json_pointer, "");
  std::erase_if(kinds_, [&](const Kind& kind) { return kind.group == group && kind.plural == plural; });
}

void Kinds::add_crd(const Json& crd) {
  remove_crd(crd);
  const Json& spec = crd.value("spec", Json::object());
  for (const Json& version : spec.value("versions", Json::array())) {
    if (!version.value("served", true)) continue;
    kinds_.push_back({spec.value("group", ""), version.value("name", "v1"), spec.value("/names/kind"_json_pointer, ""),
                      spec.value("/names/plural"_json_pointer, ""), spec.value("scope", "Namespaced") == "Namespaced"});
  }
}

Json Kinds::discovery(bool core) const {
  Json groups = Json::array();
  for (const Kind& kind : kinds_) {
    if (kind.group.empty() != core) continue;
    const auto same_group = [&](const Json& group) { return group["metadata"].value("name", "") == kind.group; };
    auto group = std::find_if(groups.begin(), groups.end(), same_group);
    if (group == groups.end()) {
      groups.push_back({{"metadata", core ? Json::object() : Json{{"name", kind.group}}}, {"versions", Json::array()}});
      group = std::prev(groups.end());
    }
    Json& versions = (*group)["versions"];
    auto version =
        std::find_if(versions.begin(), versions.end(), [&](const Json& one) { return one["version"] == kind.version; });
    if (version == versions.end()) {
      versions.push_back({{"version", kind.version}, {"freshness", "Current"}, {"resources", Json::array()}});
      version = std::prev(versions.end());
    }
    (*version)["resources"].push_back({{"resource", kind.plural},
                                       {"responseKind", {{"group", kind.group}, {"version", kind.version}, {"kind", kind.kind}}},
                                       {"scope", kind.namespaced ? "Namespaced" : "Cluster"},
                                       {"singularResource", ""},
                                       {"verbs", {"create", "delete", "get", "list", "patch", "update", "watch"}}});
  }
  return {{"kind", "APIGroupDiscoveryList"},
          {"apiVersion", "apidiscovery.k8s.io/v2"},
          {"metadata", Json::object()},
          {"items", groups}};
}

}  // namespace sluice::sandbox
