#include "core/chart/metadata.hpp"

#include <algorithm>
#include <set>

#include "core/chart/decode.hpp"
#include "core/chart/runes.hpp"
#include "core/functions/semver.hpp"
#include "core/value/text.hpp"
#include "core/value/yaml.hpp"

namespace sluice::chart {

bool Metadata::is_library() const { return names_field(type, "library"); }

namespace {

/// A list of pointers to structs; a null element is a null pointer.
template <class T, class Read>
void read_structs(Decoder& decoder, std::string_view name, std::string_view type, const Value& value,
                  std::vector<std::shared_ptr<T>>& into, const Read& read) {
  decoder.at(name, [&] {
    into.clear();
    if (value.is_nil()) return;
    if (!value.is_list()) return decoder.fail(value, "[]*" + std::string(type));
    for (const Value& item : value.items()) {
      into.push_back(item.is_nil() ? nullptr : std::make_shared<T>());
      if (item.is_map()) {
        decoder.inside(type.substr(type.rfind('.') + 1), [&] {
          decoder.read_struct(item, type, [&](std::string_view key, const Value& element) { read(*into.back(), key, element); });
        });
      } else if (!item.is_nil()) {
        decoder.fail(item, type);
      }
    }
  });
}

void read_maintainers(Decoder& decoder, const Value& value, Metadata& into) {
  read_structs(decoder, "maintainers", "chart.Maintainer", value, into.maintainers,
               [&](Maintainer& maintainer, std::string_view key, const Value& element) {
                 if (names_field(key, "name")) decoder.read_text("name", element, maintainer.name);
                 if (names_field(key, "email")) decoder.read_text("email", element, maintainer.email);
                 if (names_field(key, "url")) decoder.read_text("url", element, maintainer.url);
               });
}

void read_import_values(Decoder& decoder, const Value& value, Dependency& into) {
  into.import_values.clear();
  if (value.is_list()) {
    into.import_values.assign(value.items().begin(), value.items().end());
  } else if (!value.is_nil()) {
    decoder.at("import-values", [&] { decoder.fail(value, "[]interface {}"); });
  }
}

void read_annotations(Decoder& decoder, const Value& value, std::map<std::string, std::string>& into) {
  if (value.is_nil()) return;
  if (!value.is_map()) return decoder.at("annotations", [&] { decoder.fail(value, "map[string]string"); });
  for (const auto& [key, element] : *value.map()) decoder.read_text("annotations", element, into[key.str()]);
}

void read_dependencies(Decoder& decoder, const Value& value, std::vector<std::shared_ptr<Dependency>>& into) {
  read_structs(decoder, "dependencies", "chart.Dependency", value, into,
               [&](Dependency& dependency, std::string_view key, const Value& element) {
                 if (names_field(key, "name")) decoder.read_text("name", element, dependency.name);
                 if (names_field(key, "version")) decoder.read_text("version", element, dependency.version);
                 if (names_field(key, "repository")) decoder.read_text("repository", element, dependency.repository);
                 if (names_field(key, "condition")) decoder.read_text("condition", element, dependency.condition);
                 if (names_field(key, "tags")) decoder.read_texts("tags", element, dependency.tags);
                 if (names_field(key, "enabled")) decoder.read_bool("enabled", element, dependency.enabled);
                 if (names_field(key, "import-values")) read_import_values(decoder, element, dependency);
                 if (names_field(key, "alias")) decoder.read_text("alias", element, dependency.alias);
               });
}

}  // namespace

Result<> read_metadata(std::string_view yaml, Metadata& into) {
  auto value = read_yaml(yaml, {.numbers = Numbers::typed});
  if (!value) return std::move(value).error();
  Decoder decoder("chart.Metadata");
  decoder.read_struct(*value, "chart.Metadata", [&](std::string_view key, const Value& element) {
    const std::pair<std::string_view, std::string*> texts[] = {{"name", &into.name},
                                                               {"home", &into.home},
                                                               {"version", &into.version},
                                                               {"description", &into.description},
                                                               {"icon", &into.icon},
                                                               {"apiVersion", &into.api_version},
                                                               {"condition", &into.condition},
                                                               {"tags", &into.tags},
                                                               {"appVersion", &into.app_version},
                                                               {"kubeVersion", &into.kube_version},
                                                               {"type", &into.type}};
    for (const auto& [name, text] : texts)
      if (names_field(key, name)) return decoder.read_text(name, element, *text);
    if (names_field(key, "sources")) decoder.read_texts("sources", element, into.sources);
    if (names_field(key, "keywords")) decoder.read_texts("keywords", element, into.keywords);
    if (names_field(key, "maintainers")) read_maintainers(decoder, element, into);
    if (names_field(key, "deprecated")) decoder.read_bool("deprecated", element, into.deprecated);
    if (names_field(key, "annotations")) read_annotations(decoder, element, into.annotations);
    if (names_field(key, "dependencies")) {
      into.declares_dependencies = element.is_list();
      read_dependencies(decoder, element, into.dependencies);
    }
  });
  return decoder.finish();
}

namespace {

void clean(std::string& text) {
  const auto is_plain = [](char c) { return c >= ' ' && c < 0x7F; };
  if (std::all_of(text.begin(), text.end(), is_plain)) return;
  std::string out;
  for (std::string_view rest = text; !rest.empty();) {
    const char32_t rune = take_rune(rest);
    if (is_space(rune)) {
      out += ' ';
    } else if (is_print(rune)) {
      append_rune(out, rune);
    }
  }
  text = std::move(out);
}

Error failed(std::string what) { return {Errc::invalid, "validation: " + std::move(what)}; }

Result<> validate(Dependency& dependency) {
  for (std::string* text : {&dependency.name, &dependency.version, &dependency.repository, &dependency.condition}) clean(*text);
  for (std::string& tag : dependency.tags) clean(tag);
  const auto is_alias = [](unsigned char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-';
  };
  if (!std::all_of(dependency.alias.begin(), dependency.alias.end(), is_alias)) {
    return failed("dependency " + quoted(dependency.name) + " has disallowed characters in the alias");
  }
  return {};
}

}  // namespace

Result<> validate(Metadata& metadata) {
  for (std::string* text : {&metadata.name, &metadata.description, &metadata.home, &metadata.icon, &metadata.condition,
                            &metadata.tags, &metadata.app_version, &metadata.kube_version}) {
    clean(*text);
  }
  for (std::string& source : metadata.sources) clean(source);
  for (std::string& keyword : metadata.keywords) clean(keyword);

  if (metadata.api_version.empty()) return failed("chart.metadata.apiVersion is required");
  if (metadata.name.empty()) return failed("chart.metadata.name is required");
  if (metadata.name.find('/') != std::string::npos) return failed("chart.metadata.name " + quoted(metadata.name) + " is invalid");
  // Helm 3 lets these two pass; as parts of a path they would lead out of the chart's place.
  if (metadata.name == "." || metadata.name == "..")
    return failed("chart.metadata.name " + quoted(metadata.name) + " is not allowed");
  if (metadata.version.empty()) return failed("chart.metadata.version is required");
  if (!functions::parse_version(metadata.version))
    return failed("chart.metadata.version " + quoted(metadata.version) + " is invalid");
  if (!metadata.type.empty() && metadata.type != "application" && metadata.type != "library") {
    return failed("chart.metadata.type must be application or library");
  }
  for (const auto& maintainer : metadata.maintainers) {
    if (!maintainer) return failed("maintainers must not contain empty or null nodes");
    for (std::string* text : {&maintainer->name, &maintainer->email, &maintainer->url}) clean(*text);
  }
  std::set<std::string_view> names;
  for (const auto& dependency : metadata.dependencies) {
    if (!dependency) return failed("dependencies must not contain empty or null nodes");
    if (auto checked = validate(*dependency); !checked) return checked;
    const std::string& key = dependency->alias.empty() ? dependency->name : dependency->alias;
    if (!names.insert(key).second) return failed("more than one dependency with name or alias " + quoted(key));
  }
  return {};
}

namespace {

Value texts(const std::vector<std::string>& list) {
  std::vector<Value> items;
  for (const std::string& text : list) items.push_back(Value::of_string(text));
  return Value::new_list(std::move(items));
}

void put(Map& map, std::string_view key, const std::string& text) {
  if (!text.empty()) map.set(key, Value::of_string(text));
}

void put(Map& map, std::string_view key, const std::vector<std::string>& list) {
  if (!list.empty()) map.set(key, texts(list));
}

}  // namespace

Value to_plain(const Maintainer& maintainer) {
  auto map = make_ref<Map>();
  put(*map, "name", maintainer.name);
  put(*map, "email", maintainer.email);
  put(*map, "url", maintainer.url);
  return Value::of_map(std::move(map));
}

Value to_plain(const Dependency& dependency) {
  auto map = make_ref<Map>();
  map->set("name", Value::of_string(dependency.name));
  put(*map, "version", dependency.version);
  map->set("repository", Value::of_string(dependency.repository));
  put(*map, "condition", dependency.condition);
  put(*map, "tags", dependency.tags);
  if (dependency.enabled) map->set("enabled", Value::of_bool(true));
  if (!dependency.import_values.empty()) map->set("import-values", Value::new_list(dependency.import_values));
  put(*map, "alias", dependency.alias);
  return Value::of_map(std::move(map));
}

Value to_plain(const Metadata& metadata) {
  auto map = make_ref<Map>();
  put(*map, "name", metadata.name);
  put(*map, "home", metadata.home);
  put(*map, "sources", metadata.sources);
  put(*map, "version", metadata.version);
  put(*map, "description", metadata.description);
  put(*map, "keywords", metadata.keywords);
  std::vector<Value> maintainers, dependencies;
  for (const auto& maintainer : metadata.maintainers) maintainers.push_back(maintainer ? to_plain(*maintainer) : Value());
  for (const auto& dependency : metadata.dependencies) dependencies.push_back(dependency ? to_plain(*dependency) : Value());
  if (!maintainers.empty()) map->set("maintainers", Value::new_list(std::move(maintainers)));
  put(*map, "icon", metadata.icon);
  put(*map, "apiVersion", metadata.api_version);
  put(*map, "condition", metadata.condition);
  put(*map, "tags", metadata.tags);
  put(*map, "appVersion", metadata.app_version);
  if (metadata.deprecated) map->set("deprecated", Value::of_bool(true));
  if (!metadata.annotations.empty()) {
    auto annotations = make_ref<Map>();
    for (const auto& [key, text] : metadata.annotations) annotations->set(key, Value::of_string(text));
    map->set("annotations", Value::of_map(std::move(annotations)));
  }
  put(*map, "kubeVersion", metadata.kube_version);
  if (!dependencies.empty()) map->set("dependencies", Value::new_list(std::move(dependencies)));
  put(*map, "type", metadata.type);
  return Value::of_map(std::move(map));
}

}  // namespace sluice::chart
