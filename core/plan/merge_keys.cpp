#include "core/plan/merge_keys.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <span>
#include <utility>

namespace sluice::plan {

namespace {

using How = ListRule::How;

struct Row {
  std::string_view path;  // joined with dots, below the PodSpec or the object
  ListRule rule;
};

constexpr std::array<Row, 9> pod_rows = {{
    {"containers", {How::merge_objects, "name"}},
    {"initContainers", {How::merge_objects, "name"}},
    {"ephemeralContainers", {How::merge_objects, "name"}},
    {"volumes", {How::merge_objects, "name"}},
    {"imagePullSecrets", {How::merge_objects, "name"}},
    {"hostAliases", {How::merge_objects, "ip"}},
    {"topologySpreadConstraints", {How::merge_objects, "topologyKey"}},
    {"resourceClaims", {How::merge_objects, "name"}},
    {"schedulingGates", {How::merge_objects, "name"}},
}};

constexpr std::array<Row, 4> container_rows = {{
    {"env", {How::merge_objects, "name"}},
    {"ports", {How::merge_objects, "containerPort"}},
    {"volumeMounts", {How::merge_objects, "mountPath"}},
    {"volumeDevices", {How::merge_objects, "devicePath"}},
}};

struct KindRow {
  std::string_view kind;
  std::string_view path;
  ListRule rule;
};

constexpr std::array<KindRow, 9> kind_rows = {{
    {"Service", "spec.ports", {How::merge_objects, "port"}},
    {"ServiceAccount", "secrets", {How::merge_objects, "name"}},
    {"MutatingWebhookConfiguration", "webhooks", {How::merge_objects, "name"}},
    {"ValidatingWebhookConfiguration", "webhooks", {How::merge_objects, "name"}},
    {"MutatingWebhookConfiguration", "webhooks.matchConditions", {How::merge_objects, "name"}},
    {"ValidatingWebhookConfiguration", "webhooks.matchConditions", {How::merge_objects, "name"}},
    {"ValidatingAdmissionPolicy", "spec.matchConditions", {How::merge_objects, "name"}},
    {"ValidatingAdmissionPolicy", "spec.variables", {How::merge_objects, "name"}},
    {"Node", "spec.podCIDRs", {How::merge_primitives, {}}},
}};

/// How many leading parts of the path lead to a PodSpec of this kind; 0 if it has none.
std::size_t pod_spec_depth(std::string_view kind) {
  if (kind == "Pod") return 1;
  if (kind == "CronJob") return 5;  // spec.jobTemplate.spec.template.spec
  for (const std::string_view owner : {"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "ReplicationController"}) {
    if (kind == owner) return 3;  // spec.template.spec
  }
  return kind == "PodTemplate" ? 2 : 0;
}

std::string join(std::span<const std::string> parts) {
  std::string out;
  for (const auto& part : parts) out += (out.empty() ? "" : ".") + part;
  return out;
}

/// The part of `path` below the PodSpec, if it goes through one.
std::optional<std::span<const std::string>> below_pod_spec(std::string_view kind, const FieldPath& path) {
  const auto depth = pod_spec_depth(kind);
  if (depth == 0 || path.size() <= depth) return std::nullopt;
  if (path[0] != (kind == "PodTemplate" ? "template" : "spec") || path[depth - 1] != "spec") return std::nullopt;
  return std::span(path).subspan(depth);
}

std::optional<double> quantity(std::string_view text) {
  const std::string copy(text);
  char* end = nullptr;
  const double number = std::strtod(copy.c_str(), &end);
  if (end == copy.c_str()) return std::nullopt;
  const std::string_view suffix(end);
  constexpr std::array<std::pair<std::string_view, double>, 16> suffixes = {{{"", 1},
                                                                             {"n", 1e-9},
                                                                             {"u", 1e-6},
                                                                             {"m", 1e-3},
                                                                             {"k", 1e3},
                                                                             {"M", 1e6},
                                                                             {"G", 1e9},
                                                                             {"T", 1e12},
                                                                             {"P", 1e15},
                                                                             {"E", 1e18},
                                                                             {"Ki", 0x1p10},
                                                                             {"Mi", 0x1p20},
                                                                             {"Gi", 0x1p30},
                                                                             {"Ti", 0x1p40},
                                                                             {"Pi", 0x1p50},
                                                                             {"Ei", 0x1p60}}};
  for (const auto& [name, factor] : suffixes) {
    if (suffix == name) return number * factor;
  }
  return std::nullopt;
}

}  // namespace

bool is_built_in(std::string_view group, std::string_view kind) {
  if (group == "apiextensions.k8s.io") return kind == "CustomResourceDefinition";
  for (const std::string_view known : {"",
                                       "apps",
                                       "batch",
                                       "autoscaling",
                                       "policy",
                                       "extensions",
                                       "networking.k8s.io",
                                       "rbac.authorization.k8s.io",
                                       "storage.k8s.io",
                                       "admissionregistration.k8s.io",
                                       "apiregistration.k8s.io",
                                       "scheduling.k8s.io",
                                       "coordination.k8s.io",
                                       "discovery.k8s.io",
                                       "node.k8s.io",
                                       "events.k8s.io",
                                       "certificates.k8s.io",
                                       "flowcontrol.apiserver.k8s.io",
                                       "resource.k8s.io",
                                       "authentication.k8s.io",
                                       "authorization.k8s.io"}) {
    if (group == known) return group != "apiregistration.k8s.io";  // served by the aggregator, unknown to client-go's scheme
  }
  return false;
}

ListRule list_rule(std::string_view kind, const FieldPath& path) {
  if (path.size() >= 2 && path[path.size() - 2] == "metadata") {
    if (path.back() == "ownerReferences") return {How::merge_objects, "uid"};
    if (path.back() == "finalizers") return {How::merge_primitives, {}};
  }
  if (const auto pod = below_pod_spec(kind, path)) {
    if (pod->size() == 1) {
      for (const auto& row : pod_rows) {
        if (row.path == pod->front()) return row.rule;
      }
    }
    const bool in_container = pod->size() == 2 && pod->front().ends_with("ontainers");
    for (const auto& row : container_rows) {
      if (in_container && row.path == pod->back()) return row.rule;
    }
    return {};
  }
  if (!path.empty() && path.back() == "x-kubernetes-validations" && kind == "CustomResourceDefinition")
    return {How::merge_objects, "rule"};
  const std::string joined = join(path);
  for (const auto& row : kind_rows) {
    if (row.kind == kind && row.path == joined) return row.rule;
  }
  return {};
}

bool retains_keys(std::string_view kind, const FieldPath& path) {
  if (kind == "Deployment" && path.size() == 2 && path[0] == "spec" && path[1] == "strategy") return true;
  const auto pod = below_pod_spec(kind, path);
  return pod && pod->size() == 1 && (pod->front() == "volumes" || pod->front() == "resourceClaims");
}

bool is_quantity(const FieldPath& path) {
  const auto is = [](const std::string& part, std::initializer_list<std::string_view> names) {
    return std::find(names.begin(), names.end(), part) != names.end();
  };
  if (path.empty()) return false;
  if (is(path.back(), {"sizeLimit", "divisor", "averageValue"})) return true;
  return path.size() > 1 && is(path[path.size() - 2],
                               {"limits", "requests", "capacity", "hard", "default", "defaultRequest", "max", "min", "overhead"});
}

bool same_quantity(std::string_view a, std::string_view b) {
  const auto left = quantity(a);
  const auto right = quantity(b);
  return left && right && std::abs(*left - *right) <= 1e-9 * std::max(std::abs(*left), std::abs(*right));
}

}  // namespace sluice::plan
