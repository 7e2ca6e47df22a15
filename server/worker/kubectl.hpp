#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/helmfile/outside.hpp"
#include "core/plan/json.hpp"
#include "server/kube/discovery.hpp"

namespace sluice {
class Value;
}

namespace sluice::worker {

/// The cluster as `kubectl get` sees it.
struct KubectlWorld {
  std::string namespace_ = "default";  ///< where no -n is given
  std::string context;                 ///< the only one that --context may name
  /// The kind that goes by that name (secret, secrets, secrets.v1, deployment.apps); null if the cluster has none.
  std::function<const kube::Resource*(std::string_view name)> resource;
  /// The object, or with an empty name the list of all; nothing when there is no such object.
  std::function<Result<std::optional<plan::Json>>(const kube::Resource&, const std::string& namespace_, const std::string& name)> find;
};

struct KubectlAnswer {
  helmfile::ExecOutput output;
  bool one_value = false;     ///< a value was picked out of a Secret, by jsonpath: empty is probably a mistake
  std::string asked_for;      ///< "Secret db/passwords", for messages
};

/// What `kubectl ARGUMENTS` prints, for `get` of an object or of all in a namespace with -o json, yaml, name or jsonpath. Reads only.
/// Follows: kubectl 1.34. Its output is secret when it was made of Secrets.
/// Errors: unsupported, naming the argument; those of the cluster. That an object is not there is an exit code, as with kubectl.
Result<KubectlAnswer> answer_kubectl(const std::vector<std::string>& arguments, const KubectlWorld& world);

/// An object as templates see it: numbers as Go's decoder of Kubernetes objects types them.
Value to_value(const plan::Json& json);

}  // namespace sluice::worker
