#include "core/gotemplate/values_methods.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "core/value/text.hpp"
#include "core/value/yaml.hpp"

namespace sluice::gotemplate {

namespace {

Result<Value> to_yaml_text(const Value& receiver, std::span<const Value>) {
  TextBuilder out;
  if (auto written = write_yaml(out, receiver); !written) return std::move(written).error();
  out.append("\n");
  return Value::of_string(out.finish());
}

Result<Value> as_map(const Value& receiver, std::span<const Value>) {
  return receiver.size() == 0 ? Value::new_map() : receiver.with_type(MapType::any);
}

Error not_a(std::string_view what, std::string_view key) { return {Errc::invalid, quoted(key) + " is not a " + std::string(what)}; }

/// The map at the dotted `path`.
Result<Value> find_table(const Value& values, std::string_view path) {
  Value table = values;
  for (;;) {
    const std::size_t dot = path.find('.');
    const std::string_view key = path.substr(0, dot);
    const Value* inner = table.find(key);
    if (!inner || !inner->is_map() || inner->map_type() == MapType::strings) return not_a("table", key);
    table = inner->with_type(values.map_type());
    if (dot == std::string_view::npos) return table;
    path.remove_prefix(dot + 1);
  }
}

Result<Value> table(const Value& receiver, std::span<const Value> arguments) { return find_table(receiver, arguments[0].str()); }

Result<Value> path_value(const Value& receiver, std::span<const Value> arguments) {
  const std::string_view path = arguments[0].str();
  if (path.empty()) return Error{Errc::invalid, "YAML path cannot be empty"};
  const std::size_t dot = path.rfind('.');
  const std::string_view key = dot == std::string_view::npos ? path : path.substr(dot + 1);
  Value holder = receiver;
  if (dot != std::string_view::npos) {
    auto found = find_table(receiver, path.substr(0, dot));
    if (!found) return not_a("value", key);
    holder = std::move(*found);
  }
  const Value* value = holder.find(key);
  if (!value || (value->is_map() && value->map_type() == MapType::any)) return not_a("value", key);
  return *value;
}

/// Takes an io.Writer, of which templates have none.
Result<Value> encode(const Value&, std::span<const Value>) {
  return Error{Errc::invalid, "runtime error: invalid memory address or nil pointer dereference"};
}

Result<Value> has_version(const Value& receiver, std::span<const Value> arguments) {
  const std::string_view wanted = arguments[0].str();
  return Value::of_bool(std::ranges::any_of(receiver.items(), [wanted](const Value& item) { return item.str() == wanted; }));
}

}  // namespace

const Method* find_values_method(std::string_view name) {
  static const std::array<Method, 5> methods{{{"YAML", {}, false, to_yaml_text},
                                              {"AsMap", {}, false, as_map},
                                              {"Table", {GoType::string}, false, table},
                                              {"PathValue", {GoType::string}, false, path_value},
                                              {"Encode", {GoType::object}, false, encode}}};
  if (name.empty() || name[0] < 'A' || name[0] > 'Y') return nullptr;
  for (const Method& method : methods) {
    if (method.name == name) return &method;
  }
  return nullptr;
}

const Method* find_versions_method(std::string_view name) {
  static const Method has{.name = "Has", .parameters = {GoType::string}, .call = has_version};
  return name == has.name ? &has : nullptr;
}

}  // namespace sluice::gotemplate
