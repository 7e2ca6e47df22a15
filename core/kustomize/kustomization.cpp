#include "core/kustomize/kustomization.hpp"

#include <algorithm>
#include <array>

#include "core/kustomize/default_fields.hpp"
#include "core/kustomize/generators.hpp"
#include "core/kustomize/patches.hpp"
#include "core/kustomize/transformers.hpp"
#include "core/value/yaml.hpp"

namespace sluice::kustomize {

namespace {

constexpr int max_depth = 16;

constexpr auto known_fields = std::to_array<std::string_view>({"apiVersion",
                                                               "kind",
                                                               "metadata",
                                                               "resources",
                                                               "bases",
                                                               "namePrefix",
                                                               "nameSuffix",
                                                               "namespace",
                                                               "commonLabels",
                                                               "labels",
                                                               "commonAnnotations",
                                                               "patchesStrategicMerge",
                                                               "patchesJson6902",
                                                               "patches",
                                                               "images",
                                                               "replicas",
                                                               "configMapGenerator",
                                                               "secretGenerator",
                                                               "generatorOptions",
                                                               "transformers"});
constexpr auto refused_fields = std::to_array<std::string_view>(
    {"openapi", "imageTags", "replacements", "vars", "sortOptions", "components", "crds", "helmGlobals", "helmCharts",
     "helmChartInflationGenerator", "configurations", "generators", "validators", "buildMetadata"});

Value transformer(const std::string& kind, const std::vector<FieldSpec>& fields) {
  return Value::new_map(
      {{"apiVersion", Value::of_string("builtin")}, {"kind", Value::of_string(kind)}, {"fieldSpecs", to_value(fields)}});
}

std::vector<FieldSpec> both(std::vector<FieldSpec> a, std::vector<FieldSpec> b) {
  a.insert(a.end(), std::make_move_iterator(b.begin()), std::make_move_iterator(b.end()));
  return a;
}

bool is_on(const Value& record, std::string_view field) {
  const Value* value = record.find(field);
  return value != nullptr && value->is_bool() && value->as_bool();
}

class Accumulator {
 public:
  Accumulator(const Value& spec, std::string folder, const Folders& folders, Quoted& quoted, int depth)
      : spec_(spec), folder_(std::move(folder)), folders_(folders), quoted_(quoted), depth_(depth) {}

  Result<std::vector<Resource>> run() {
    using Step = Result<> (Accumulator::*)();
    // the order is kustomize's
    constexpr std::array<Step, 13> steps = {
        &Accumulator::check_fields,   &Accumulator::add_resources, &Accumulator::add_generated, &Accumulator::merge_patches,
        &Accumulator::patch,          &Accumulator::set_namespace, &Accumulator::rename,        &Accumulator::label,
        &Accumulator::annotate,       &Accumulator::operate,       &Accumulator::scale,         &Accumulator::change_images,
        &Accumulator::transform_files};
    for (const Step step : steps) {
      if (auto done = (this->*step)(); !done) return std::move(done).error();
      std::erase_if(resources_, [](const Resource& resource) { return resource.is_removed(); });
    }
    return std::move(resources_);
  }

 private:
  std::span<const Value> list(std::string_view field) const {
    const Value* found = spec_.find(field);
    return found == nullptr ? std::span<const Value>() : found->items();
  }

  Result<Source> file(const std::string& path) const {
    const std::string whole = folders_.join(folder_, path);
    auto text = folders_.read(whole);
    if (!text) return std::move(text).error();
    return Source{whole, Text(*text)};
  }

  Result<> check_fields() {
    if (spec_.map() == nullptr) return Error{Errc::invalid, folder_ + ": a kustomization must be a map"};
    if (text_at(spec_, {"kind"}) == "Component")
      return Error{Errc::unsupported, folder_ + ": components of kustomizations are not supported"};
    for (const Map::Entry& entry : *spec_.map()) {
      const std::string_view field = entry.key;
      if (std::find(refused_fields.begin(), refused_fields.end(), field) != refused_fields.end()) {
        if (is_null(entry.value) || (!entry.value.is_string() && entry.value.size() == 0)) continue;
        return Error{Errc::unsupported, folder_ + ": `" + entry.key.str() + "` of a kustomization is not supported"};
      }
      if (std::find(known_fields.begin(), known_fields.end(), field) == known_fields.end()) {
        return Error{Errc::invalid, folder_ + ": unknown field \"" + entry.key.str() + "\" in a kustomization"};
      }
    }
    return {};
  }

  Result<> add_resources() {
    for (const char* field : {"resources", "bases"}) {
      for (const Value& entry : list(field)) {
        const std::string path = scalar_text(entry).str();
        auto added = folders_.is_folder(folders_.join(folder_, path)) ? add_folder(folders_.join(folder_, path)) : add_file(path);
        if (!added) return added;
      }
    }
    return {};
  }

  Result<> add_file(const std::string& path) {
    if (path.find("://") != std::string::npos || path.find('?') != std::string::npos || path.starts_with("github.com/")) {
      return Error{Errc::unsupported,
                   folder_ + ": resource \"" + path + "\": only files and folders of the repository are supported"};
    }
    auto source = file(path);
    if (!source) return std::move(source).error().during(folder_ + ": resource \"" + path + "\"");
    auto read = read_resources(*source, quoted_);
    if (!read) return std::move(read).error();
    return append(std::move(*read));
  }

  Result<> add_folder(const std::string& path) {
    if (depth_ >= max_depth) return Error{Errc::invalid, path + ": kustomizations nest more than 16 deep"};
    for (const char* name : {"kustomization.yaml", "kustomization.yml", "Kustomization"}) {
      auto text = folders_.read(folders_.join(path, name));
      if (!text) continue;
      auto inner =
          read_yaml(*text, {.rules = YamlRules::kustomize, .numbers = Numbers::typed, .duplicate_keys = DuplicateKeys::error});
      if (!inner) return std::move(inner).error().during(folders_.join(path, name));
      auto resources = Accumulator(*inner, path, folders_, quoted_, depth_ + 1).run();
      if (!resources) return std::move(resources).error();
      return append(std::move(*resources));
    }
    return Error{Errc::not_found, path + ": there is no kustomization.yaml"};
  }

  Result<> append(std::vector<Resource> more) {
    for (Resource& one : more) {
      const auto same = std::find_if(resources_.begin(), resources_.end(),
                                     [&](const Resource& other) { return other.id().same_object(one.id()); });
      if (same != resources_.end()) {
        return Error{Errc::invalid, one.source + ": may not add resource with an already registered id: " + to_string(one.id()) +
                                        ", which is in " + same->source};
      }
      resources_.push_back(std::move(one));
    }
    return {};
  }

  Result<> add_generated() {
    const Value* global = spec_.find("generatorOptions");
    const Value none = Value::new_map();
    const ReadFile read = [this](const std::string& path) { return folders_.read(folders_.join(folder_, path)); };
    for (const auto& [field, kind] : {std::pair("configMapGenerator", "ConfigMap"), std::pair("secretGenerator", "Secret")}) {
      for (const Value& entry : list(field)) {
        auto made = generate(kind, entry, global == nullptr ? none : *global, read);
        if (!made) return std::move(made).error().during(folder_);
        std::vector<Resource> one;
        one.push_back(std::move(*made));
        if (auto added = append(std::move(one)); !added) return added;
      }
    }
    return {};
  }

  /// Files, or patches as they stand.
  Result<> merge_patches() {
    for (const Value& entry : list("patchesStrategicMerge")) {
      const Text text = scalar_text(entry);
      auto source = text.view().find('\n') == std::string_view::npos
                        ? file(text.str())
                        : Result<Source>(Source{folder_ + ": patchesStrategicMerge", text});
      if (!source) return std::move(source).error().during(folder_ + ": patchesStrategicMerge");
      if (auto done = apply_strategic_merge_patches(*source, resources_, quoted_); !done) return done;
    }
    return {};
  }

  Result<> patch() { return apply_all("patches"); }
  Result<> operate() { return apply_all("patchesJson6902"); }

  Result<> apply_all(const std::string& field) {
    for (const Value& entry : list(field)) {
      if (const Value* options = entry.find("options"); options != nullptr && options->size() > 0) {
        return Error{Errc::unsupported, folder_ + ": `options` of `" + field + "` are not supported"};
      }
      const std::string path = text_at(entry, {"path"});
      const Value* inline_patch = entry.find("patch");
      if (path.empty() == (inline_patch == nullptr || is_null(*inline_patch))) {
        return Error{Errc::invalid, folder_ + ": `" + field + "`: must specify one of patch and path"};
      }
      auto source = path.empty() ? Result<Source>(Source{folder_ + ": " + field, scalar_text(*inline_patch)}) : file(path);
      if (!source) return std::move(source).error().during(folder_ + ": " + field);
      if (auto done = apply_patch(*source, entry.find("target"), resources_, quoted_); !done) return done;
    }
    return {};
  }

  Result<> run_transformer(const Value& config) {
    auto done = transform(config, folder_, resources_, quoted_);
    if (!done) return std::move(done).error().during(folder_);
    return {};
  }

  Result<> set_namespace() {
    const std::string name_space = text_at(spec_, {"namespace"});
    if (name_space.empty()) return {};
    const Value config = transformer("NamespaceTransformer", name_space_fields());
    config.map()->set("metadata", Value::new_map({{"namespace", Value::of_string(name_space)}}));
    return run_transformer(config);
  }

  Result<> rename() {
    for (const auto& [field, kind, part] :
         {std::tuple("namePrefix", "PrefixTransformer", "prefix"), std::tuple("nameSuffix", "SuffixTransformer", "suffix")}) {
      const std::string text = text_at(spec_, {field});
      if (text.empty()) continue;
      const Value config = transformer(kind, name_fields());
      config.map()->set(part, Value::of_string(text));
      if (auto done = run_transformer(config); !done) return done;
    }
    return {};
  }

  Result<> label() {
    for (const Value& entry : list("labels")) {
      auto fields =
          read_field_specs(Value::new_map({{"fieldSpecs", entry.find("fields") == nullptr ? Value() : *entry.find("fields")}}));
      if (!fields) return std::move(fields).error().during(folder_ + ": labels");
      fields->push_back({.path = "metadata/labels", .create = true});
      const bool selectors = is_on(entry, "includeSelectors");
      if (selectors || is_on(entry, "includeTemplates")) *fields = both(std::move(*fields), label_fields());
      if (selectors) *fields = both(std::move(*fields), selector_fields());
      if (auto done = set_texts("LabelTransformer", "labels", entry.find("pairs"), *fields); !done) return done;
    }
    return set_texts("LabelTransformer", "labels", spec_.find("commonLabels"), both(selector_fields(), label_fields()));
  }

  Result<> annotate() {
    return set_texts("AnnotationsTransformer", "annotations", spec_.find("commonAnnotations"), annotation_fields());
  }

  Result<> set_texts(const std::string& kind, const std::string& part, const Value* texts, const std::vector<FieldSpec>& fields) {
    if (texts == nullptr || is_null(*texts)) return {};
    const Value config = transformer(kind, fields);
    config.map()->set(part, *texts);
    return run_transformer(config);
  }

  Result<> scale() { return one_by_one("replicas", "ReplicaCountTransformer", "replica", replica_fields()); }
  Result<> change_images() { return one_by_one("images", "ImageTagTransformer", "imageTag", image_fields()); }

  Result<> one_by_one(const std::string& field, const std::string& kind, const std::string& part,
                      const std::vector<FieldSpec>& fields) {
    for (const Value& entry : list(field)) {
      const Value config = transformer(kind, fields);
      config.map()->set(part, entry);
      if (auto done = run_transformer(config); !done) return done;
    }
    return {};
  }

  Result<> transform_files() {
    for (const Value& entry : list("transformers")) {
      const Text text = scalar_text(entry);
      auto source = text.view().find('\n') == std::string_view::npos ? file(text.str())
                                                                     : Result<Source>(Source{folder_ + ": transformers", text});
      if (!source) return std::move(source).error().during(folder_ + ": transformers");
      if (auto done = apply_transformers(*source, resources_, quoted_); !done) return done;
    }
    return {};
  }

  const Value& spec_;
  std::string folder_;
  const Folders& folders_;
  Quoted& quoted_;
  int depth_;
  std::vector<Resource> resources_;
};

}  // namespace

Result<std::vector<Resource>> accumulate(const Value& kustomization, const std::string& folder, const Folders& folders,
                                         Quoted& quoted) {
  return Accumulator(kustomization, folder, folders, quoted, 0).run();
}

}  // namespace sluice::kustomize
