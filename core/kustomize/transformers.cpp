#include "core/kustomize/transformers.hpp"

#include <algorithm>

#include "core/kustomize/field_spec.hpp"
#include "core/kustomize/images.hpp"
#include "core/kustomize/kinds.hpp"
#include "core/kustomize/patches.hpp"

namespace sluice::kustomize {

namespace {

Result<> each_spec(Resource& resource, const std::vector<FieldSpec>& specs, Make make, const SetField& set) {
  for (const FieldSpec& spec : specs) {
    if (auto done = set_fields(resource, spec, make, set); !done) return done;
  }
  return {};
}

class Transformer {
 public:
  Transformer(const Value& config, const std::string& where, std::vector<Resource>& resources, Quoted& quoted)
      : config_(config), where_(where), resources_(resources), quoted_(quoted) {}

  Result<> run() {
    const std::string kind = text_at(config_, {"kind"});
    if (text_at(config_, {"apiVersion"}) != "builtin") {
      return Error{Errc::unsupported, "transformer " + kind + " is a program of apiVersion \"" +
                                          text_at(config_, {"apiVersion"}) +
                                          "\": only those of apiVersion builtin are supported"};
    }
    auto specs = read_field_specs(config_);
    if (!specs) return std::move(specs).error();
    specs_ = std::move(*specs);
    if (kind == "LabelTransformer") return set_texts("labels");
    if (kind == "AnnotationsTransformer") return set_texts("annotations");
    if (kind == "PrefixTransformer") return rename(text_at(config_, {"prefix"}), "");
    if (kind == "SuffixTransformer") return rename("", text_at(config_, {"suffix"}));
    if (kind == "PrefixSuffixTransformer") return rename(text_at(config_, {"prefix"}), text_at(config_, {"suffix"}));
    if (kind == "NamespaceTransformer") return set_namespaces(text_at(config_, {"metadata", "namespace"}));
    if (kind == "ImageTagTransformer") return set_images();
    if (kind == "ReplicaCountTransformer") return set_replicas();
    if (kind == "PatchTransformer") return patch();
    return Error{Errc::unsupported, "transformer " + kind + " is not supported: write what it does as a patch"};
  }

 private:
  /// Entries of maps of texts, wherever the specs say.
  Result<> set_texts(std::string_view field) {
    const Value* texts = config_.find(field);
    if (texts == nullptr || is_null(*texts)) return {};
    if (texts->map() == nullptr) return Error{Errc::invalid, "`" + std::string(field) + "` must be a map of texts"};
    const auto put = [&](Value& at) -> Result<> {
      if (at.map() == nullptr) return Error{Errc::invalid, "there is no map there"};
      for (const Map::Entry& entry : *texts->map()) at.map()->set(entry.key, Value::of_string(scalar_text(entry.value)));
      return {};
    };
    for (Resource& resource : resources_) {
      if (auto done = each_spec(resource, specs_, Make::map, put); !done) return done;
    }
    return {};
  }

  /// Names of definitions, API services and namespaces mean something by themselves.
  static bool keeps_its_name(const Id& id) {
    return id.kind == "CustomResourceDefinition" || id.kind == "Namespace" ||
           (id.kind == "APIService" && id.group == "apiregistration.k8s.io");
  }

  Result<> rename(const std::string& prefix, const std::string& suffix) {
    const Value* specs = config_.find("fieldSpecs");
    if (specs == nullptr || is_null(*specs)) return Error{Errc::invalid, "fieldSpecs is not expected to be nil"};
    for (Resource& resource : resources_) {
      const Id original = resource.original_id();
      if (resource.is_removed() || keeps_its_name(original)) continue;
      for (const FieldSpec& spec : specs_) {
        if (!spec.selects(original)) continue;
        const Id before = resource.id();
        auto done = set_fields(resource, spec, Make::nothing, [&](Value& name) -> Result<> {
          TextBuilder text;
          text.append(prefix);
          text.append(scalar_text(name));
          text.append(suffix);
          name = Value::of_string(text.finish());
          return {};
        });
        if (!done) return done;
        if (spec.path != "metadata/name") continue;
        if (!prefix.empty()) resource.prefixes.push_back(prefix);
        if (!suffix.empty()) resource.suffixes.push_back(suffix);
        if (!prefix.empty() || !suffix.empty()) resource.before.push_back(before);
      }
    }
    return {};
  }

  Result<> set_namespaces(const std::string& name_space) {
    if (name_space.empty()) return {};
    const Value* unset = config_.find("unsetOnly");
    const bool only_unset = unset != nullptr && unset->is_bool() && unset->as_bool();
    const auto put = [&](Value& at) -> Result<> {
      if (at.list() != nullptr || at.map() != nullptr)
        return Error{Errc::invalid, "namespace field specs must target scalar nodes"};
      if (!only_unset || scalar_text(at).empty()) at = Value::of_string(name_space);
      return {};
    };
    for (Resource& resource : resources_) {
      if (resource.is_removed()) continue;
      resource.before.push_back(resource.id());
      if (!is_cluster_scoped(resource.id().api_version(), resource.id().kind)) {
        const FieldSpec own{.path = "metadata/namespace", .create = true};
        if (auto done = set_fields(resource, own, Make::scalar, put); !done) return done;
      }
      if (auto done = set_subjects(resource, put); !done) return done;
      for (const FieldSpec& spec : specs_) {
        const bool is_special = spec.path == "metadata/namespace" ||
                                (spec.path == "metadata/name" && resource.id().api_version() != "v1") ||
                                (is_binding(spec.kind) && is_binding(resource.id().kind) && spec.path == "subjects/namespace");
        if (is_special) continue;
        if (auto done = set_fields(resource, spec, Make::scalar, put); !done) return done;
      }
    }
    return {};
  }

  static bool is_binding(const std::string& kind) { return kind == "RoleBinding" || kind == "ClusterRoleBinding"; }

  /// The subjects of role bindings: those called default, or all service accounts, or none.
  Result<> set_subjects(Resource& resource, const SetField& put) {
    const std::string mode = text_at(config_, {"setRoleBindingSubjects"});
    if (mode != "" && mode != "defaultOnly" && mode != "allServiceAccounts" && mode != "none") {
      return Error{Errc::invalid, "invalid value \"" + mode +
                                      "\" for setRoleBindingSubjects: must be one of \"defaultOnly\", \"none\" or "
                                      "\"allServiceAccounts\""};
    }
    const Value* subjects = resource.object.find("subjects");
    if (!is_binding(resource.id().kind) || mode == "none" || subjects == nullptr) return {};
    for (const Value& subject : subjects->items()) {
      const bool meant =
          mode == "allServiceAccounts" ? text_at(subject, {"kind"}) == "ServiceAccount" : text_at(subject, {"name"}) == "default";
      if (!meant || subject.map() == nullptr) continue;
      if (auto done = put(subject.map()->at_or_add("namespace")); !done) return done;
    }
    return {};
  }

  Result<> set_images() {
    const ImageChange change{text_at(config_, {"imageTag", "name"}), text_at(config_, {"imageTag", "newName"}),
                             text_at(config_, {"imageTag", "newTag"}), text_at(config_, {"imageTag", "tagSuffix"}),
                             text_at(config_, {"imageTag", "digest"})};
    const auto put = [&](Value& at) -> Result<> {
      if (at.list() != nullptr || at.map() != nullptr) return Error{Errc::invalid, "an image is expected, found a list or a map"};
      auto image = changed_image(scalar_text(at), change);
      if (!image) return std::move(image).error();
      if (image->view() != scalar_text(at).view()) at = Value::of_string(std::move(*image));
      return {};
    };
    for (Resource& resource : resources_) {
      if (resource.is_removed() || resource.id().kind == "CustomResourceDefinition") continue;
      if (auto done = set_images_of_containers(resource.object, put); !done) return done;
    }
    for (Resource& resource : resources_) {
      if (resource.is_removed() || resource.id().kind == "CustomResourceDefinition") continue;
      if (auto done = each_spec(resource, specs_, Make::nothing, put); !done) return done;
    }
    return {};
  }

  /// Whatever the kind: in every list called containers or initContainers.
  static Result<> set_images_of_containers(Value& at, const SetField& put) {
    if (at.list() != nullptr) {
      for (Value& item : at.list()->items) {
        if (auto done = set_images_of_containers(item, put); !done) return done;
      }
    }
    if (at.map() == nullptr) return {};
    for (Map::Entry& entry : at.map()->mutable_entries()) {
      if (auto done = set_images_of_containers(entry.value, put); !done) return done;
      if ((entry.key.view() != "containers" && entry.key.view() != "initContainers") || entry.value.list() == nullptr) continue;
      for (Value& container : entry.value.list()->items) {
        Value* image = container.map() == nullptr ? nullptr : container.map()->find("image");
        if (image == nullptr || is_null(*image)) continue;
        if (auto done = put(*image); !done) return done;
      }
    }
    return {};
  }

  Result<> set_replicas() {
    const std::string name = text_at(config_, {"replica", "name"});
    const Value* replica = config_.find("replica");
    const Value* count = replica == nullptr ? nullptr : replica->find("count");
    if (count != nullptr && !count->is_integer()) return Error{Errc::invalid, "`replica.count` must be a whole number"};
    bool found = false;
    for (const FieldSpec& spec : specs_) {
      for (Resource& resource : resources_) {
        const auto is_meant = [&](const Id& id) { return id.name == name && spec.selects(id); };
        if (resource.is_removed() ||
            (!is_meant(resource.id()) && std::none_of(resource.before.begin(), resource.before.end(), is_meant)))
          continue;
        found = true;
        auto done = set_fields(resource, spec, Make::scalar, [&](Value& at) -> Result<> {
          at = count == nullptr ? Value::of_int64(0) : *count;
          return {};
        });
        if (!done) return done;
      }
    }
    if (!found) return Error{Errc::not_found, "no resource with name \"" + name + "\" is one that `fieldSpecs` selects"};
    return {};
  }

  /// The patch is a text in the transformer.
  Result<> patch() {
    for (const char* field : {"path", "options"}) {
      const Value* found = config_.find(field);
      if (found != nullptr && !is_null(*found) && (found->size() > 0 || !found->is_map())) {
        return Error{Errc::unsupported, "`" + std::string(field) + "` of a PatchTransformer is not supported"};
      }
    }
    const Value* text = config_.find("patch");
    if (text == nullptr || !text->is_string())
      return Error{Errc::invalid, "a PatchTransformer must have its patch as a text in `patch`"};
    const Value* target = config_.find("target");
    return apply_patch({where_, text->text()}, target, resources_, quoted_);
  }

  const Value& config_;
  const std::string& where_;
  std::vector<Resource>& resources_;
  Quoted& quoted_;
  std::vector<FieldSpec> specs_;
};

}  // namespace

Result<> transform(const Value& config, const std::string& where, std::vector<Resource>& resources, Quoted& quoted) {
  return Transformer(config, where, resources, quoted).run();
}

Result<> apply_transformers(const Source& source, std::vector<Resource>& resources, Quoted& quoted) {
  auto configs = read_resources(source, quoted);
  if (!configs) return std::move(configs).error();
  for (const Resource& config : *configs) {
    auto done = Transformer(config.object, source.name, resources, quoted).run();
    if (!done) return done.error().what.starts_with(source.name) ? std::move(done) : std::move(done).error().during(source.name);
    std::erase_if(resources, [](const Resource& resource) { return resource.is_removed(); });
  }
  return {};
}

}  // namespace sluice::kustomize
