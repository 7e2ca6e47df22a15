#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/plan/object.hpp"
#include "core/value/marked_text.hpp"

namespace sluice::plan {

/// One object that a manifest asks for.
struct Desired {
  ObjectId id;
  std::string api_version;
  Json body;
  std::string source;                          ///< "web/templates/deployment.yaml"
  std::vector<std::string> secret_paths = {};  ///< "/spec/template/spec/containers/0/env/1/value": leaves made from secrets
};

/// One document of a manifest, with where it comes from.
struct Document {
  std::string source;
  Text text;
};

/// Whether the cluster keeps objects of this kind in namespaces; nothing for a kind it does not know.
using IsNamespaced = std::function<std::optional<bool>(std::string_view group, std::string_view kind)>;

/// The objects of `documents` in their order: lists are taken apart, nulls dropped, a Secret's stringData encoded into data,
/// and the namespace filled in (`namespace_` where a namespaced kind names none; none for other kinds).
///
/// Errors: invalid, naming source and document: not an object, without apiVersion, kind or name, one identity twice.
Result<std::vector<Desired>> read_objects(std::span<const Document> documents, std::string_view namespace_,
                                          const IsNamespaced& is_namespaced);

/// An object as the lines of a manifest name it.
struct Glimpse {
  std::string api_version, kind, namespace_, name;
  bool operator==(const Glimpse&) const = default;
};
/// What the documents of a manifest seem to be, from a look at their outermost lines: enough to fetch objects before it is known
/// which are wanted, and a small part of the cost of reading them. A document that is written otherwise is left out.
std::vector<Glimpse> glimpse(std::string_view manifest);

/// The documents of a manifest as a release record holds it ("---\n# Source: ...\n...").
std::vector<Document> split_manifest(std::string_view manifest);

/// Puts the label and the annotations on `body` by which Helm knows what belongs to a release.
void set_owner(Json& body, std::string_view release, std::string_view namespace_);

/// Why `live`, which the last manifest of the release does not hold, must not be taken over; empty if it may.
/// Follows: Helm, pkg/action/validate.go, with its text.
std::string ownership_conflict(const Json& live, const ObjectId& id, std::string_view release, std::string_view namespace_);

/// Whether the annotation helm.sh/resource-policy of the live object says `keep`.
bool is_kept(const Json& live);

}  // namespace sluice::plan
