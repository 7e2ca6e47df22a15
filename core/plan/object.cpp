#include "core/plan/object.hpp"

#include <algorithm>
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

namespace {

bool is_alphanumeric(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

/// Up to 63 letters and digits, with - _ . between them.
bool is_label_text(std::string_view text) {
  if (text.empty() || text.size() > 63 || !is_alphanumeric(text.front()) || !is_alphanumeric(text.back())) return false;
  return std::all_of(text.begin(), text.end(), [](char c) { return is_alphanumeric(c) || c == '-' || c == '_' || c == '.'; });
}

bool is_domain(std::string_view text) {
  if (text.empty() || text.size() > 253) return false;
  while (!text.empty()) {
    const std::string_view part = text.substr(0, text.find('.'));
    const bool ends_well = !part.empty() && part.front() != '-' && part.back() != '-';
    const bool is_plain = std::all_of(part.begin(), part.end(), [](char c) { return (is_alphanumeric(c) && (c < 'A' || c > 'Z')) || c == '-'; });
    if (!ends_well || !is_plain || text.size() == part.size() + 1) return false;
    text.remove_prefix(std::min(part.size() + 1, text.size()));
  }
  return true;
}

}  // namespace

bool is_label(std::string_view key, std::string_view value) {
  const auto slash = key.find('/');
  const bool has_good_prefix = slash == std::string_view::npos || is_domain(key.substr(0, slash));
  return has_good_prefix && is_label_text(slash == std::string_view::npos ? key : key.substr(slash + 1)) && (value.empty() || is_label_text(value));
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
