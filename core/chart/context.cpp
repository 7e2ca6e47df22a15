#include "core/chart/context.hpp"

#include <algorithm>

#include "core/value/toml.hpp"

namespace sluice::chart {

namespace {

Value text_list(const std::vector<std::string>& list, HelmVersion helm) {
  if (list.empty() && helm == HelmVersion::v3) return Value::nil_list(ListType::strings);
  std::vector<Value> items;
  for (const std::string& text : list) items.push_back(Value::of_string(text));
  return Value::new_list(std::move(items), ListType::strings);
}

Value text_map(const std::map<std::string, std::string>& map) {
  if (map.empty()) return Value::nil_map(MapType::strings);
  auto copy = make_ref<Map>();
  for (const auto& [key, text] : map) copy->set(key, Value::of_string(text));
  return Value::of_map(std::move(copy), MapType::strings);
}

/// A Go struct made of named fields, in their order.
class Struct : public Object, public TomlStruct {
 public:
  struct Field {
    std::string_view name;
    Value value;
  };
  Struct(std::string_view type, std::string_view kind, std::vector<Field> fields, Value plain)
      : type_(type), kind_(kind), fields_(std::move(fields)), plain_(std::move(plain)) {}

  std::string_view go_type() const override { return type_; }
  std::string_view go_kind() const override { return kind_; }
  bool field(std::string_view name, Value& out) const override {
    const auto at = std::find_if(fields_.begin(), fields_.end(), [&](const Field& field) { return field.name == name; });
    if (at == fields_.end()) return false;
    out = at->value;
    return true;
  }
  std::string default_text() const override {
    std::string out = kind_ == "ptr" ? "&{" : "{";
    for (const Field& field : fields_) out += (out.back() == '{' ? "" : " ") + to_word(field.value);
    return out + "}";
  }
  Value to_plain() const override { return plain_; }
  /// Those fields that the plain form has, under its names.
  bool json_fields(std::vector<Map::Entry>& out) const override {
    for (const Field& field : fields_)
      for (const std::string& name : json_names(field.name))
        if (plain_.find(name)) {
          out.push_back({name, field.value});
          break;
        }
    return true;
  }
  bool yaml_fields(std::vector<Map::Entry>& out) const override {
    for (const Field& field : fields_) out.push_back({lower(field.name), field.value});
    return true;
  }
  void toml_fields(std::vector<TomlStruct::Field>& out) const override {
    for (std::size_t i = 0; i < fields_.size(); ++i) {
      const auto& [name, value] = fields_[i];
      if (name.front() >= 'A' && name.front() <= 'Z') out.push_back({{name, value}, i});
    }
  }

 private:
  static std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    return out;
  }

  /// What the json tag of a Go field may be: "APIVersion", "apiVersion", "api_version" or "api-version".
  static std::vector<std::string> json_names(std::string_view field) {
    const auto is_capital = [&](std::size_t at) { return at < field.size() && field[at] >= 'A' && field[at] <= 'Z'; };
    std::string camel, snake, kebab;
    bool first_word = true;
    for (std::size_t i = 0; i < field.size(); ++i) {
      const bool starts_word = i > 0 && is_capital(i) && (!is_capital(i - 1) || (i + 1 < field.size() && !is_capital(i + 1)));
      first_word = first_word && !starts_word;
      if (starts_word) {
        snake += '_';
        kebab += '-';
      }
      const char small = is_capital(i) ? static_cast<char>(field[i] + 32) : field[i];
      camel += first_word ? small : field[i];
      snake += small;
      kebab += small;
    }
    return {std::string(field), camel, snake, kebab};
  }

  static std::string to_word(const Value& value) {
    switch (value.kind()) {
      case Kind::string: return value.text().str();
      case Kind::boolean: return value.as_bool() ? "true" : "false";
      case Kind::object: return value.object()->default_text();
      case Kind::list: {
        std::string out = "[";
        for (const Value& item : value.items()) out += (out.size() > 1 ? " " : "") + to_word(item);
        return out + "]";
      }
      case Kind::map: {
        std::string out = "map[";
        if (value.map())
          for (const auto& [key, item] : *value.map()) out += (out.size() > 4 ? " " : "") + key.str() + ":" + to_word(item);
        return out + "]";
      }
      default: return "<nil>";
    }
  }

  std::string_view type_, kind_;
  std::vector<Field> fields_;
  Value plain_;
};

Value make_struct(std::string_view type, std::string_view kind, std::vector<Struct::Field> fields, Value plain) {
  return Value::of_object(make_ref<Struct>(type, kind, std::move(fields), std::move(plain)));
}

Value text(const std::string& value) { return Value::of_string(value); }

/// A pointer to a struct; in Helm 4 a map with the names of its fields.
Value make_part(std::string_view type, const std::vector<Struct::Field>& fields, Value plain, HelmVersion helm) {
  if (helm == HelmVersion::v3) return make_struct(type, "ptr", fields, std::move(plain));
  auto map = make_ref<Map>();
  for (const auto& [name, value] : fields) map->set(name, value);
  return Value::of_map(std::move(map));
}

Value part_list(std::vector<Value> items, HelmVersion helm) {
  return items.empty() && helm == HelmVersion::v3 ? Value::nil_list() : Value::new_list(std::move(items));
}

Value maintainers(const Metadata& metadata, HelmVersion helm) {
  std::vector<Value> items;
  for (const auto& maintainer : metadata.maintainers) {
    items.push_back(
        make_part("*chart.Maintainer",
                  {{"Name", text(maintainer->name)}, {"Email", text(maintainer->email)}, {"URL", text(maintainer->url)}},
                  to_plain(*maintainer), helm));
  }
  return part_list(std::move(items), helm);
}

Value dependencies(const Metadata& metadata, HelmVersion helm) {
  std::vector<Value> items;
  for (const auto& dependency : metadata.dependencies) {
    items.push_back(make_part("*chart.Dependency",
                              {{"Name", text(dependency->name)},
                               {"Version", text(dependency->version)},
                               {"Repository", text(dependency->repository)},
                               {"Condition", text(dependency->condition)},
                               {"Tags", text_list(dependency->tags, helm)},
                               {"Enabled", Value::of_bool(dependency->enabled)},
                               {"ImportValues", part_list(dependency->import_values, helm)},
                               {"Alias", text(dependency->alias)}},
                              to_plain(*dependency), helm));
  }
  return part_list(std::move(items), helm);
}

std::vector<Struct::Field> metadata_fields(const Metadata& metadata, HelmVersion helm) {
  return {{"Name", text(metadata.name)},
          {"Home", text(metadata.home)},
          {"Sources", text_list(metadata.sources, helm)},
          {"Version", text(metadata.version)},
          {"Description", text(metadata.description)},
          {"Keywords", text_list(metadata.keywords, helm)},
          {"Maintainers", maintainers(metadata, helm)},
          {"Icon", text(metadata.icon)},
          {"APIVersion", text(metadata.api_version)},
          {"Condition", text(metadata.condition)},
          {"Tags", text(metadata.tags)},
          {"AppVersion", text(metadata.app_version)},
          {"Deprecated", Value::of_bool(metadata.deprecated)},
          {"Annotations", text_map(metadata.annotations)},
          {"KubeVersion", text(metadata.kube_version)},
          {"Dependencies", dependencies(metadata, helm)},
          {"Type", text(metadata.type)}};
}

constexpr std::string_view chart_type = "struct { chart.Metadata; IsRoot bool }";

/// The embedded chart.Metadata, whose fields are also .Chart's own.
class ChartObject : public Struct {
 public:
  ChartObject(std::vector<Field> own, Ref<Struct> metadata, Value plain)
      : Struct(chart_type, "struct", std::move(own), std::move(plain)), metadata_(std::move(metadata)) {}
  bool field(std::string_view name, Value& out) const override { return Struct::field(name, out) || metadata_->field(name, out); }
  bool json_fields(std::vector<Map::Entry>& out) const override {
    Value is_root;
    field("IsRoot", is_root);
    metadata_->json_fields(out);
    out.push_back({"IsRoot", is_root});
    return true;
  }
  void toml_fields(std::vector<TomlStruct::Field>& out) const override {
    metadata_->toml_fields(out);
    for (TomlStruct::Field& field : out) field.place = 0;
    Value is_root;
    field("IsRoot", is_root);
    out.push_back({{"IsRoot", is_root}, 1});
  }

 private:
  Ref<Struct> metadata_;
};

/// chartutil.KubeVersion: printing it as a field prints its version. Its String method belongs to the pointer, so that as an
/// argument of a function it is a plain struct.
class KubeVersionObject : public Struct {
 public:
  KubeVersionObject(const KubeVersion& version, HelmVersion helm)
      : Struct(
            helm == HelmVersion::v3 ? "chartutil.KubeVersion" : "common.KubeVersion", "struct", fields(version, helm),
            Value::new_map({{"Version", text(version.version)}, {"Major", text(version.major)}, {"Minor", text(version.minor)}})),
        shown_(helm == HelmVersion::v3 ? version.version : version.normalized) {}
  const Method* method(std::string_view name) const override {
    static const Method methods[] = {
        {.name = "GitVersion",
         .parameters = {},
         .call = [](const Value& receiver, std::span<const Value>) -> Result<Value> {
           Value version;
           receiver.object()->field("Version", version);
           return version;
         }},
        {.name = "String", .parameters = {}, .call = [](const Value& receiver, std::span<const Value>) -> Result<Value> {
           return Value::of_string(static_cast<const KubeVersionObject*>(receiver.object())->shown_);
         }}};
    for (const Method& method : methods)
      if (method.name == name) return &method;
    return nullptr;
  }

 private:
  static std::vector<Field> fields(const KubeVersion& version, HelmVersion helm) {
    std::vector<Field> list = {
        {"Version", text(version.version)}, {"Major", text(version.major)}, {"Minor", text(version.minor)}};
    // a field that templates cannot reach, but that shows when the whole is printed
    if (helm == HelmVersion::v4) list.insert(list.begin() + 1, {"normalizedVersion", text(version.normalized)});
    return list;
  }

  std::string shown_;
};

}  // namespace

Value make_chart_object(const Instance& instance, HelmVersion helm) {
  auto fields = metadata_fields(instance.metadata, helm);
  const Value is_root = Value::of_bool(instance.is_root());
  if (helm == HelmVersion::v4) {
    auto map = make_ref<Map>();
    for (const auto& [name, value] : fields) map->set(name, value.is_list() && value.is_typed_nil() ? Value::new_list() : value);
    map->set("IsRoot", is_root);
    return Value::of_map(std::move(map));
  }
  const Value plain = to_plain(instance.metadata);
  const Value whole = deep_copy(plain);
  whole.map()->set("IsRoot", is_root);
  auto metadata = make_ref<Struct>("chart.Metadata", "struct", std::move(fields), plain);
  std::vector<Struct::Field> own = {{"Metadata", Value::of_object(metadata)}, {"IsRoot", is_root}};
  return Value::of_object(make_ref<ChartObject>(std::move(own), std::move(metadata), whole));
}

Value make_capabilities(const Capabilities& capabilities, HelmVersion helm) {
  const bool is_v3 = helm == HelmVersion::v3;
  const Value kube = Value::of_object(make_ref<KubeVersionObject>(capabilities.kube_version, helm));
  std::vector<Value> names;
  for (const std::string& version : capabilities.api_versions) names.push_back(text(version));
  const Value versions = Value::new_list(std::move(names), is_v3 ? ListType::versions : ListType::common_versions);
  std::vector<Struct::Field> build = {{"Version", text(is_v3 ? "v3.17.3" : "v4.3.1")},
                                      {"GitCommit", text("")},
                                      {"GitTreeState", text("")},
                                      {"GoVersion", text(is_v3 ? "go1.23.7" : "go1.27")}};
  Value build_plain = Value::new_map({{"version", build[0].value}, {"go_version", build[3].value}});
  if (!is_v3) {
    build.push_back({"KubeClientVersion", text("v1.37")});
    build_plain.map()->set("kube_client_version", build[4].value);
  }
  const Value helm_build = make_struct("version.BuildInfo", "struct", std::move(build), build_plain);
  return make_struct(is_v3 ? "*chartutil.Capabilities" : "*common.Capabilities", "ptr",
                     {{"KubeVersion", kube}, {"APIVersions", versions}, {"HelmVersion", helm_build}},
                     Value::new_map({{"KubeVersion", kube.object()->to_plain()},
                                     {"APIVersions", versions},
                                     {"HelmVersion", build_plain}}));
}

}  // namespace sluice::chart
