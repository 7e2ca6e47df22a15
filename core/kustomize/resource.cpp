#include "core/kustomize/resource.hpp"

#include <algorithm>

#include "core/chart/documents.hpp"
#include "core/kustomize/kinds.hpp"
#include "core/value/json.hpp"
#include "core/value/yaml.hpp"

namespace sluice::kustomize {

namespace {

constexpr std::string_view local_config = "config.kubernetes.io/local-config";

const Value* value_at(const Value& object, std::initializer_list<std::string_view> path) {
  const Value* at = &object;
  for (const std::string_view step : path) {
    at = at->find(step);
    if (at == nullptr) return nullptr;
  }
  return at;
}

std::string or_else(const std::string& text, std::string_view otherwise) { return text.empty() ? std::string(otherwise) : text; }

class Reader {
 public:
  Reader(const Source& source, Quoted& quoted) : source_(source), quoted_(quoted) {}

  Result<std::vector<Resource>> read() {
    for (const std::string_view document : chart::split_documents(source_.text.view())) {
      const auto begin = static_cast<std::size_t>(document.data() - source_.text.view().data());
      TextBuilder whole;  // a block at its end has a newline there
      whole.append(source_.text.substr(begin, begin + document.size()));
      whole.append('\n');
      auto value = read_marked_yaml(whole.finish(), {.rules = YamlRules::kustomize,
                                                     .numbers = Numbers::typed,
                                                     .duplicate_keys = DuplicateKeys::error,
                                                     .quoted = &quoted_.texts});
      if (!value) {
        if (source_.text.has_marks()) return Error{Errc::invalid, source_.name + ": a document that holds secrets is no YAML"};
        return std::move(value).error().during(source_.name);
      }
      quoted_.kept.push_back(*value);
      if (auto added = add(*value); !added) return std::move(added).error();
    }
    // what lists hold comes after everything else
    for (std::size_t i = 0; i < lists_.size(); ++i) {
      for (const Value& item : lists_[i].items()) {
        if (auto added = add(item); !added) return std::move(added).error();
      }
    }
    return std::move(resources_);
  }

 private:
  Result<> add(const Value& value) {
    if (is_null(value)) return {};
    if (!value.is_map()) return Error{Errc::invalid, source_.name + ": a Kubernetes object is expected, found something else"};
    if (value.size() == 0) return {};
    const std::string kind = text_at(value, {"kind"});
    if (kind.empty()) return Error{Errc::invalid, source_.name + ": missing kind in an object"};
    const bool is_list = kind.ends_with("List");
    if (!is_list && text_at(value, {"metadata", "name"}).empty()) {
      return Error{Errc::invalid, source_.name + ": missing metadata.name in a " + kind};
    }
    if (is_list && value.find("items") != nullptr) {
      lists_.push_back(*value.find("items"));
      return {};
    }
    const Value* local = value_at(value, {"metadata", "annotations", local_config});
    if (local != nullptr && scalar_text(*local).view() != "false") return {};
    resources_.push_back({.object = deep_copy(value), .source = source_.name});
    return {};
  }

  const Source& source_;
  Quoted& quoted_;
  std::vector<Resource> resources_;
  std::vector<Value> lists_;
};

}  // namespace

bool is_null(const Value& value) { return value.is_nil() || value.is_typed_nil(); }

Text scalar_text(const Value& value) {
  if (value.is_string()) return value.text();
  if (is_null(value) || value.is_list() || value.is_map()) return {};
  auto text = to_json(value);
  if (!text) return {};
  return value.secret_bit() ? text->marked() : *text;
}

std::string text_at(const Value& object, std::initializer_list<std::string_view> path) {
  const Value* value = value_at(object, path);
  return value == nullptr ? std::string() : scalar_text(*value).str();
}

Map* make_map_at(Value& object, std::initializer_list<std::string_view> path) {
  Value* at = &object;
  for (const std::string_view step : path) {
    if (at->map() == nullptr) return nullptr;
    at = &at->map()->at_or_add(Text(step));
    if (is_null(*at)) *at = Value::new_map();
  }
  return at->map();
}

std::string Id::effective_namespace() const {
  if (is_cluster_scoped(api_version(), kind)) return "_non_namespaceable_";
  return name_space.empty() ? "default" : name_space;
}

bool Id::same_object(const Id& other) const {
  return group == other.group && version == other.version && kind == other.kind && name == other.name &&
         effective_namespace() == other.effective_namespace();
}

std::string to_string(const Id& id) {
  return or_else(id.kind, "[noKind]") + "." + or_else(id.version, "[noVer]") + "." + or_else(id.group, "[noGrp]") + "/" +
         or_else(id.name, "[noName]") + "." + or_else(id.name_space, "[noNs]");
}

Id Resource::id() const {
  const std::string api_version = text_at(object, {"apiVersion"});
  const std::size_t slash = api_version.find('/');
  return {.group = slash == std::string::npos ? std::string() : api_version.substr(0, slash),
          .version = slash == std::string::npos ? api_version : api_version.substr(slash + 1),
          .kind = text_at(object, {"kind"}),
          .name = text_at(object, {"metadata", "name"}),
          .name_space = text_at(object, {"metadata", "namespace"})};
}

Result<std::vector<Resource>> read_resources(const Source& source, Quoted& quoted) { return Reader(source, quoted).read(); }

}  // namespace sluice::kustomize
