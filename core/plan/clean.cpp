#include "core/plan/clean.hpp"

#include <nlohmann/json.hpp>

#include "core/base/digest.hpp"

namespace sluice::plan {

Json clean(Json object) {
  if (!object.is_object()) return object;
  object.erase("status");
  const auto metadata = object.find("metadata");
  if (metadata == object.end() || !metadata->is_object()) return object;
  for (const char* key : {"managedFields", "resourceVersion", "uid", "generation", "creationTimestamp", "selfLink",
                          "deletionTimestamp", "deletionGracePeriodSeconds"})
    metadata->erase(key);
  const auto annotations = metadata->find("annotations");
  if (annotations != metadata->end() && annotations->is_object()) {
    for (const char* key : {"kubectl.kubernetes.io/last-applied-configuration", "deployment.kubernetes.io/revision",
                            "deprecated.daemonset.template.generation"})
      annotations->erase(key);
    if (annotations->empty()) metadata->erase(annotations);
  }
  return object;
}

std::string content_hash(const Json& object) { return to_hex(sha256(to_text(clean(object)))); }

}  // namespace sluice::plan
