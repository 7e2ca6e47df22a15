#include "core/plan/object.hpp"

#include <nlohmann/json.hpp>

namespace sluice::plan {

std::string_view to_string(Verb verb) {
  switch (verb) {
    case Verb::create: return "create";
    case Verb::update: return "update";
    case Verb::replace: return "replace";
    case Verb::remove: return "delete";
    case Verb::unchanged: return "unchanged";
  }
  return "unchanged";
}

std::string to_string(const ObjectId& id) {
  std::string out = id.kind;
  // a dot in the group that is not Kubernetes' own: kinds of custom resources repeat across groups
  if (id.group.find('.') != std::string::npos && !id.group.ends_with(".k8s.io")) out += "." + id.group;
  out += " ";
  if (!id.namespace_.empty()) out += id.namespace_ + "/";
  return out + id.name;
}

std::string_view group_of(std::string_view api_version) {
  const auto slash = api_version.find('/');
  return slash == std::string_view::npos ? std::string_view{} : api_version.substr(0, slash);
}

std::string_view version_of(std::string_view api_version) {
  const auto slash = api_version.find('/');
  return slash == std::string_view::npos ? api_version : api_version.substr(slash + 1);
}

ObjectId id_of(const Json& object, std::string_view namespace_) {
  ObjectId id;
  id.group = group_of(text_at(object, "apiVersion"));
  id.kind = text_at(object, "kind");
  id.namespace_ = text_at(object, "metadata/namespace");
  if (id.namespace_.empty()) id.namespace_ = namespace_;
  id.name = text_at(object, "metadata/name");
  return id;
}

}  // namespace sluice::plan
