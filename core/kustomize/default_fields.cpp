#include "core/kustomize/default_fields.hpp"

#include <string>

namespace sluice::kustomize {

namespace {

/// What has a template of pods, and where in it.
const std::vector<FieldSpec>& templates() {
  static const std::vector<FieldSpec> places = {
      {.version = "v1", .kind = "ReplicationController", .path = "spec/template/metadata/"},
      {.kind = "Deployment", .path = "spec/template/metadata/"},
      {.kind = "ReplicaSet", .path = "spec/template/metadata/"},
      {.kind = "DaemonSet", .path = "spec/template/metadata/"},
      {.kind = "StatefulSet", .path = "spec/template/metadata/"},
      {.group = "batch", .kind = "Job", .path = "spec/template/metadata/"},
      {.group = "batch", .kind = "CronJob", .path = "spec/jobTemplate/metadata/"},
      {.group = "batch", .kind = "CronJob", .path = "spec/jobTemplate/spec/template/metadata/"},
  };
  return places;
}

std::vector<FieldSpec> metadata_fields(const std::string& field) {
  std::vector<FieldSpec> specs = {{.path = "metadata/" + field, .create = true}};
  for (FieldSpec place : templates()) {
    if (field == "labels" && place.kind == "StatefulSet") place.group = "apps";
    place.path += field;
    place.create = true;
    specs.push_back(std::move(place));
  }
  return specs;
}

void add_pod_selectors(std::vector<FieldSpec>& specs, const std::string& kind) {
  for (const char* path :
       {"affinity/podAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/labelSelector/matchLabels",
        "affinity/podAffinity/requiredDuringSchedulingIgnoredDuringExecution/labelSelector/matchLabels",
        "affinity/podAntiAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/labelSelector/matchLabels",
        "affinity/podAntiAffinity/requiredDuringSchedulingIgnoredDuringExecution/labelSelector/matchLabels",
        "topologySpreadConstraints/labelSelector/matchLabels"}) {
    specs.push_back({.group = "apps", .kind = kind, .path = "spec/template/spec/" + std::string(path)});
  }
}

}  // namespace

std::vector<FieldSpec> label_fields() {
  auto specs = metadata_fields("labels");
  specs.push_back(
      {.group = "apps", .kind = "StatefulSet", .path = "spec/volumeClaimTemplates[]/metadata/labels", .create = true});
  return specs;
}

std::vector<FieldSpec> selector_fields() {
  std::vector<FieldSpec> specs = {
      {.version = "v1", .kind = "Service", .path = "spec/selector", .create = true},
      {.version = "v1", .kind = "ReplicationController", .path = "spec/selector", .create = true},
      {.kind = "Deployment", .path = "spec/selector/matchLabels", .create = true},
      {.kind = "ReplicaSet", .path = "spec/selector/matchLabels", .create = true},
      {.kind = "DaemonSet", .path = "spec/selector/matchLabels", .create = true},
      {.group = "apps", .kind = "StatefulSet", .path = "spec/selector/matchLabels", .create = true},
      {.group = "batch", .kind = "Job", .path = "spec/selector/matchLabels"},
      {.group = "batch", .kind = "CronJob", .path = "spec/jobTemplate/spec/selector/matchLabels"},
      {.group = "policy", .kind = "PodDisruptionBudget", .path = "spec/selector/matchLabels"},
      {.group = "networking.k8s.io", .kind = "NetworkPolicy", .path = "spec/podSelector/matchLabels"},
      {.group = "networking.k8s.io", .kind = "NetworkPolicy", .path = "spec/ingress/from/podSelector/matchLabels"},
      {.group = "networking.k8s.io", .kind = "NetworkPolicy", .path = "spec/egress/to/podSelector/matchLabels"},
  };
  add_pod_selectors(specs, "Deployment");
  add_pod_selectors(specs, "StatefulSet");
  return specs;
}

std::vector<FieldSpec> annotation_fields() { return metadata_fields("annotations"); }

std::vector<FieldSpec> name_fields() { return {{.path = "metadata/name"}}; }

std::vector<FieldSpec> name_space_fields() {
  return {{.kind = "Namespace", .path = "metadata/name", .create = true},
          {.group = "apiregistration.k8s.io", .kind = "APIService", .path = "spec/service/namespace", .create = true},
          {.group = "apiextensions.k8s.io",
           .kind = "CustomResourceDefinition",
           .path = "spec/conversion/webhook/clientConfig/service/namespace"}};
}

std::vector<FieldSpec> image_fields() {
  std::vector<FieldSpec> specs;
  for (const char* path : {"spec/containers[]/image", "spec/initContainers[]/image", "spec/template/spec/containers[]/image",
                           "spec/template/spec/initContainers[]/image"}) {
    specs.push_back({.path = path, .create = true});
  }
  return specs;
}

std::vector<FieldSpec> replica_fields() {
  std::vector<FieldSpec> specs;
  for (const char* kind : {"Deployment", "ReplicationController", "ReplicaSet", "StatefulSet"}) {
    specs.push_back({.kind = kind, .path = "spec/replicas", .create = true});
  }
  return specs;
}

Value to_value(const std::vector<FieldSpec>& specs) {
  std::vector<Value> items;
  for (const FieldSpec& spec : specs) {
    items.push_back(Value::new_map({{"group", Value::of_string(spec.group)},
                                    {"version", Value::of_string(spec.version)},
                                    {"kind", Value::of_string(spec.kind)},
                                    {"path", Value::of_string(spec.path)},
                                    {"create", Value::of_bool(spec.create)}}));
  }
  return Value::new_list(std::move(items));
}

}  // namespace sluice::kustomize
