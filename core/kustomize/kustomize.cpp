#include "core/kustomize/kustomize.hpp"

#include <algorithm>
#include <map>

#include "core/kustomize/generators.hpp"
#include "core/kustomize/kustomization.hpp"
#include "core/kustomize/name_references.hpp"
#include "core/kustomize/order.hpp"
#include "core/kustomize/patches.hpp"
#include "core/kustomize/resource.hpp"
#include "core/kustomize/transformers.hpp"
#include "core/value/yaml.hpp"

namespace sluice::kustomize {

namespace {

constexpr std::string_view local_config = "config.kubernetes.io/local-config";

class Build {
 public:
  Result<> read(const Source& source) {
    auto read = read_resources(source, quoted_);
    if (!read) return std::move(read).error();
    std::move(read->begin(), read->end(), std::back_inserter(resources_));
    return {};
  }

  Result<> check_identities() const {
    std::map<std::string, const Resource*> seen;
    for (const Resource& resource : resources_) {
      if (resource.is_removed()) continue;
      const Id id = resource.id();
      const auto [there, is_new] =
          seen.emplace(to_string(id).substr(0, to_string(id).rfind('.') + 1) + id.effective_namespace(), &resource);
      if (is_new) continue;
      return Error{Errc::invalid, resource.source + ": may not add resource with an already registered id: " + to_string(id) +
                                      ", which is in " + there->second->source};
    }
    return {};
  }

  Result<> change(const Customization& customization) {
    for (const Source& source : customization.json_patches) {
      if (auto done = apply_json_patches(source, customization.files, resources_, quoted_); !done) return done;
    }
    for (const Source& source : customization.strategic_merge_patches) {
      if (auto done = apply_strategic_merge_patches(source, resources_, quoted_); !done) return done;
    }
    for (const Source& source : customization.transformers) {
      if (auto done = apply_transformers(source, resources_, quoted_); !done) return done;
    }
    return fix_name_references(resources_);
  }

  Result<> accumulate_from(const Value& kustomization, const std::string& folder, const Folders& folders) {
    auto resources = accumulate(kustomization, folder, folders, quoted_);
    if (!resources) return std::move(resources).error();
    resources_ = std::move(*resources);
    if (auto done = add_hashes(resources_); !done) return done;
    return fix_name_references(resources_);
  }

  Result<std::vector<Text>> write() {
    std::vector<Text> texts;
    std::stable_sort(resources_.begin(), resources_.end(),
                     [](const Resource& a, const Resource& b) { return is_written_before(a.id(), b.id()); });
    for (Resource& resource : resources_) {
      if (resource.is_removed() || is_local(resource.object)) continue;
      write_annotations(resource.object);
      TextBuilder out;
      if (auto done = write_yaml(out, resource.object); !done) return std::move(done).error().during(resource.source);
      out.append('\n');
      texts.push_back(out.finish());
    }
    return texts;
  }

 private:
  static const Value* annotations_of(const Value& object) {
    const Value* metadata = object.find("metadata");
    return metadata == nullptr ? nullptr : metadata->find("annotations");
  }

  static bool is_local(const Value& object) {
    const Value* annotations = annotations_of(object);
    const Value* local = annotations == nullptr ? nullptr : annotations->find(local_config);
    return local != nullptr && scalar_text(*local).view() != "false";
  }

  /// Annotations are texts, whatever they were, or not there.
  static void write_annotations(const Value& object) {
    const Value* annotations = annotations_of(object);
    if (annotations == nullptr) return;
    if (is_null(*annotations) || (annotations->is_map() && annotations->size() == 0)) {
      object.find("metadata")->map()->erase("annotations");
      return;
    }
    if (annotations->map() == nullptr) return;
    for (Map::Entry& entry : annotations->map()->mutable_entries()) {
      if (entry.value.is_string()) continue;
      entry.value = Value::of_string(entry.value.is_nil() ? Text("null") : scalar_text(entry.value));
    }
  }

  std::vector<Resource> resources_;
  Quoted quoted_;
};

}  // namespace

Result<std::vector<Text>> build(std::span<const Source> resources, const Customization& customization) {
  Build build;
  for (const Source& source : resources) {
    if (auto read = build.read(source); !read) return std::move(read).error();
  }
  if (auto good = build.check_identities(); !good) return std::move(good).error();
  if (auto changed = build.change(customization); !changed) return std::move(changed).error();
  if (auto good = build.check_identities(); !good) return std::move(good).error();
  return build.write();
}

Result<std::vector<Text>> build_kustomization(const Value& kustomization, const std::string& folder, const Folders& folders) {
  Build build;
  if (auto made = build.accumulate_from(kustomization, folder, folders); !made) return std::move(made).error();
  if (auto good = build.check_identities(); !good) return std::move(good).error();
  return build.write();
}

}  // namespace sluice::kustomize
