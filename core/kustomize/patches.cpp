#include "core/kustomize/patches.hpp"

#include <algorithm>

#include "core/kustomize/json_patch.hpp"
#include "core/kustomize/selector.hpp"
#include "core/kustomize/strategic_merge.hpp"
#include "core/value/yaml.hpp"

namespace sluice::kustomize {

namespace {

/// JSON has one null only.
void write_nulls(Value& value) {
  if (value.is_typed_nil()) value = Value();
  if (value.list() != nullptr) {
    for (Value& item : value.list()->items) write_nulls(item);
  }
  if (value.map() != nullptr) {
    for (Map::Entry& entry : value.map()->mutable_entries()) write_nulls(entry.value);
  }
}

/// What there is of that kind: a name or, more often, a namespace that was not thought of.
std::string others_of(const std::string& kind, const std::vector<Resource>& resources) {
  std::string list;
  for (const Resource& resource : resources) {
    if (resource.id().kind == kind) list += (list.empty() ? "; there is " : ", ") + to_string(resource.id());
  }
  return list;
}

Result<> merge_into(Resource& target, const Value& patch, const std::string& source, Quoted& quoted) {
  const Id id = target.id();
  auto merged = merge_strategically(target.object, patch, quoted, target.rewritten);
  if (!merged) return std::move(merged).error().during(source + ": " + to_string(id));
  target.object = *merged ? deep_copy(**merged) : Value::new_map();
  if (target.is_removed()) return {};
  // a patch changes no identity
  Map* metadata = make_map_at(target.object, {"metadata"});
  if (metadata == nullptr) return Error{Errc::invalid, source + ": `metadata` must be a map"};
  target.object.map()->set("kind", Value::of_string(id.kind));
  metadata->set("name", Value::of_string(id.name));
  if (id.name_space.empty()) metadata->erase("namespace");
  if (!id.name_space.empty()) metadata->set("namespace", Value::of_string(id.name_space));
  return {};
}

Result<> patch_one(const Value& patch, const std::string& source, std::vector<Resource>& resources, Quoted& quoted) {
  const Id wanted = Resource{.object = patch}.id();
  Resource* target = nullptr;
  for (Resource& resource : resources) {
    if (resource.is_removed()) continue;
    const auto is_it = [&](const Id& id) { return id.same_object(wanted); };
    if (!is_it(resource.id()) && std::none_of(resource.before.begin(), resource.before.end(), is_it)) continue;
    if (target != nullptr)
      return Error{Errc::invalid, source + ": multiple matches for strategic merge patch \"" + to_string(wanted) + "\""};
    target = &resource;
  }
  if (target == nullptr) {
    return Error{Errc::not_found, source + ": no resource matches strategic merge patch \"" + to_string(wanted) + "\"" +
                                      others_of(wanted.kind, resources)};
  }
  return merge_into(*target, patch, source, quoted);
}

/// The objects that `target` selects; a null one selects all.
Result<std::vector<Resource*>> selected(const Value& target, std::vector<Resource>& resources) {
  auto selector = Selector::read(target);
  if (!selector) return std::move(selector).error();
  std::vector<Resource*> found;
  for (Resource& resource : resources) {
    if (resource.is_removed()) continue;
    auto matched = selector->matches(resource);
    if (!matched) return std::move(matched).error();
    if (*matched) found.push_back(&resource);
  }
  return found;
}

Result<> operate_on(Resource& resource, const Value& operations, const std::string& source) {
  const Id id = resource.id();
  write_nulls(resource.object);
  auto done = apply_json_patch(resource.object, operations);
  if (!done) return std::move(done).error().during(source + ": " + to_string(id));
  write_nulls(resource.object);
  resource.rewritten = true;
  resource.before.push_back(id);  // it counts as renamed, whether it was or not
  return {};
}

Result<> operate_on_selected(const Value& target, const Value& operations, const std::string& source,
                             std::vector<Resource>& resources) {
  auto meant = selected(target, resources);
  if (!meant) return std::move(meant).error().during(source);
  for (Resource* resource : *meant) {
    if (auto done = operate_on(*resource, operations, source); !done) return done;
  }
  return {};
}

Result<Value> read_patch(const Source& source, Quoted& quoted) {
  auto document =
      read_marked_yaml(source.text, {.rules = YamlRules::kustomize, .numbers = Numbers::typed, .quoted = &quoted.texts});
  if (document) {
    quoted.kept.push_back(*document);
  } else if (source.text.has_marks()) {
    return Error{Errc::invalid, source.name + ": a patch that holds secrets is no YAML"};
  } else {
    return std::move(document).error().during(source.name);
  }
  return document;
}

}  // namespace

Result<> apply_json_patches(const Source& source, std::span<const Source> files, std::vector<Resource>& resources, Quoted& quoted) {
  auto document = read_patch(source, quoted);
  if (!document) return std::move(document).error();
  if (document->map() == nullptr) return Error{Errc::invalid, source.name + ": a JSON patch is a map of `target` and `patch`"};
  if (const Value* path = document->find("path"); path != nullptr && !scalar_text(*path).empty()) {
    std::string name = scalar_text(*path).str();
    while (name.starts_with("./")) name.erase(0, 2);
    const auto file = std::find_if(files.begin(), files.end(), [&name](const Source& one) { return one.name == name; });
    if (file == files.end()) return Error{Errc::not_found, source.name + ": `path` names \"" + name + "\", which is no file of the chart"};
    auto done = apply_patch(*file, document->find("target"), resources, quoted);
    return done ? done : std::move(done).error().during(source.name);
  }
  const Value* operations = document->find("patch");
  if (operations == nullptr || !operations->is_list() || operations->size() == 0) {
    return Error{Errc::invalid, "either \"path\" or \"patch\" must be set in " + source.name};
  }
  const Value* target = document->find("target");
  return operate_on_selected(target == nullptr ? Value() : *target, *operations, source.name, resources);
}

Result<> apply_strategic_merge_patches(const Source& source, std::vector<Resource>& resources, Quoted& quoted) {
  auto list = read_yaml(source.text.view(), {.rules = YamlRules::kustomize});
  if (list && list->is_list()) return Error{Errc::invalid, source.name + ": must specify a target for JSON patch"};
  auto patches = read_resources(source, quoted);
  if (!patches) return std::move(patches).error();
  for (const Resource& patch : *patches) {
    if (auto done = patch_one(patch.object, source.name, resources, quoted); !done) return done;
  }
  return {};
}

Result<> apply_patch(const Source& source, const Value* target, std::vector<Resource>& resources, Quoted& quoted) {
  auto operations = read_patch(source, quoted);
  const bool has_target = target != nullptr && !is_null(*target);
  if (operations && operations->is_list()) {
    if (!has_target) return Error{Errc::invalid, source.name + ": must specify a target for JSON patch"};
    return operate_on_selected(*target, *operations, source.name, resources);
  }
  if (!has_target) return apply_strategic_merge_patches(source, resources, quoted);
  auto patches = read_resources(source, quoted);
  if (!patches) return std::move(patches).error();
  if (patches->size() != 1)
    return Error{Errc::invalid, source.name + ": one strategic merge patch is expected where there is a target"};
  auto meant = selected(*target, resources);
  if (!meant) return std::move(meant).error().during(source.name);
  for (Resource* resource : *meant) {
    if (auto done = merge_into(*resource, patches->front().object, source.name, quoted); !done) return done;
  }
  return {};
}

}  // namespace sluice::kustomize
