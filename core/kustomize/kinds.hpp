#pragma once

#include <array>
#include <string_view>

namespace sluice::kustomize {

// What kustomize's schema says about kinds: which lists are merged by keys, and which objects stand in no namespace.

/// What a map is, as far as lists that are merged lie below it.
enum class Type : unsigned char {
  unknown,
  plain_object,  ///< an object of which only the metadata matters
  workload,
  workload_spec,
  cron_job,
  cron_job_spec,
  job_template,
  pod,
  pod_template,
  pod_template_object,
  pod_spec,
  container,
  ephemeral_container,
  service,
  service_spec,
  service_account,
  webhooks,
  node,
  node_spec,
  csi_node,
  csi_node_spec,
  metadata
};

/// A field of a map: what it leads to and, if it is a list that is merged, by which keys. Without keys it merges by equality.
struct FieldRule {
  Type type = Type::unknown;  ///< of the field, or of the elements
  bool is_merged_list = false;
  std::array<std::string_view, 2> keys = {};
};

FieldRule field_rule(Type type, std::string_view field);

/// The type of an object; unknown for what is not built in, custom resources above all: their lists are replaced.
/// Follows: the exact versions of Kubernetes 1.21, so autoscaling/v2 is unknown.
Type type_of_object(std::string_view api_version, std::string_view kind);

/// Whether objects of that kind certainly stand in no namespace.
bool is_cluster_scoped(std::string_view api_version, std::string_view kind);

}  // namespace sluice::kustomize
