#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "core/plan/json.hpp"

namespace sluice::plan {

/// What happens to an object. `replace` is deleting it and creating it anew.
enum class Verb { create, update, replace, remove, unchanged };
std::string_view to_string(Verb verb);  ///< "create", "update", "replace", "delete", "unchanged"

/// Which object it is: never the version, so that apps/v1beta1 and apps/v1 are one object.
struct ObjectId {
  std::string group;  ///< "" is the core group
  std::string kind;
  std::string namespace_;  ///< "" for what belongs to no namespace
  std::string name;
  auto operator<=>(const ObjectId&) const = default;
};

/// "Deployment shop/web", "ClusterRole web"; a kind of another group than Kubernetes' own as "Certificate.cert-manager.io
/// shop/web".
std::string to_string(const ObjectId& id);

/// "apps" of "apps/v1", "" of "v1".
std::string_view group_of(std::string_view api_version);
std::string_view version_of(std::string_view api_version);

/// Whether Kubernetes takes it for a label.
bool is_label(std::string_view key, std::string_view value);

/// The identity that an object's own text claims; `namespace_` is used where it names none.
ObjectId id_of(const Json& object, std::string_view namespace_);

}  // namespace sluice::plan
