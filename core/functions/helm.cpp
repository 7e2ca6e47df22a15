// Helm's own functions: other templates, the cluster, YAML, TOML and JSON.

#include "core/functions/support.hpp"
#include "core/functions/world.hpp"
#include "core/gotemplate/gotemplate.hpp"
#include "core/value/json.hpp"
#include "core/value/text.hpp"
#include "core/value/yaml.hpp"

namespace sluice::functions {
namespace {

// --- other templates

Result<Value> include(Call& call, Arguments args) {
  auto text = call.execute_template(args[0].str(), args[1]);
  if (!text) return std::move(text).error();
  return make_text(std::move(*text));
}

Result<Value> tpl(Call& call, Arguments args) {
  gotemplate::Stage failed_at{};
  auto text = call.parse_and_execute(args[0].text(), args[1], failed_at);
  if (text) return make_text(gotemplate::without_no_value(*text));
  const std::string_view doing =
      failed_at == gotemplate::Stage::parsing ? "cannot parse template " : "error during tpl function execution for ";
  return std::move(text).error().during(std::string(doing) + quoted(args[0].str()));
}

// --- refusing. Helm looks for these words to find the message in the chain of errors.

Result<Value> refuse(const Call& call, std::string_view place, std::string_view lint_prefix, std::string_view message) {
  const auto* host = call.host<FunctionHost>();
  if (host && host->lint) {
    if (host->warn) host->warn(place, "[INFO] " + std::string(lint_prefix) + std::string(message));
    return make_text("");
  }
  return failure("HELM_ERR_START" + std::string(message) + "HELM_ERR_END");
}

Result<Value> required(Call& call, Arguments args) {
  constexpr std::string_view missing = "Missing required value: ";
  if (args[1].is_nil()) return refuse(call, "engine.go:206", missing, args[0].str());
  if (args[1].is_string() && args[1].str().empty()) return refuse(call, "engine.go:214", missing, args[0].str());
  return std::move(args[1]);
}

Result<Value> helm_fail(Call& call, Arguments args) { return refuse(call, "engine.go:227", "Fail: ", args[0].str()); }
Result<Value> sprig_fail(Call&, Arguments args) { return failure(std::string(args[0].str())); }

// --- the cluster

Result<Value> lookup(Call& call, Arguments args) {
  const Outside& outside = outside_of(call);
  if (!outside.lookup) return Value::new_map();
  auto found = outside.lookup({std::string(args[0].str()), std::string(args[1].str()), std::string(args[2].str()), std::string(args[3].str())});
  if (!found) return found;
  if (has_marks(*found)) call.expect_marks();
  return found->is_map() ? deep_copy(*found) : Value::new_map();  // templates may change it, others ask for it again
}

// --- texts of data. Without "must", what cannot be written gives an empty text.

Result<Value> text_or_empty(Result<Text> text) { return make_text(text ? std::move(*text) : Text()); }
Result<Value> text_or_error(Result<Text> text) {
  if (!text) return std::move(text).error();
  return make_text(std::move(*text));
}

template <JsonStyle style>
Result<Value> json_text(Call&, Arguments args) {
  return text_or_empty(sluice::to_json(args[0], style));
}
template <JsonStyle style>
Result<Value> must_json_text(Call&, Arguments args) {
  return text_or_error(sluice::to_json(args[0], style));
}

Result<Value> yaml_text(Call&, Arguments args) { return text_or_empty(sluice::to_yaml(args[0])); }
Result<Value> must_yaml_text(Call&, Arguments args) { return text_or_error(sluice::to_yaml(args[0])); }
Result<Value> pretty_yaml_text(Call&, Arguments args) { return text_or_empty(sluice::to_yaml_pretty(args[0])); }

// --- data of texts. What cannot be read gives a map with its error under "Error", or a list with just the error.

Value with_error(Value map, const Error& error) {
  if (!map.map()) map = Value::new_map();
  map.map()->set("Error", make_text(error.what));
  return map;
}

Value map_or_error(Result<Value> read) {
  if (!read) return with_error({}, read.error());
  return std::move(*read);
}

Value list_or_error(Result<Value> read) {
  if (!read) return Value::new_list({make_text(read.error().what)});
  return std::move(*read);
}

Result<Value> from_yaml(Call&, Arguments args) { return map_or_error(read_yaml_map(args[0].str())); }
Result<Value> from_yaml_array(Call&, Arguments args) { return list_or_error(read_yaml_list(args[0].str())); }

Result<Value> helm_from_json(Call&, Arguments args) {
  JsonRead read = read_json_leniently(args[0].str(), {.target = JsonTarget::map});
  return read.error ? with_error(std::move(read.value), *read.error) : std::move(read.value);
}
Result<Value> from_json_array(Call&, Arguments args) {
  return list_or_error(read_json(args[0].str(), {.target = JsonTarget::list}));
}
Result<Value> must_from_json(Call&, Arguments args) { return read_json(args[0].str()); }
Result<Value> sprig_from_json(Call&, Arguments args) { return read_json_leniently(args[0].str()).value; }

}  // namespace

void add_json_functions(FunctionTable& table) {
  constexpr GoType any = GoType::any, string = GoType::string;
  define(table, {
                    {"toJson", {any}, json_text<JsonStyle::escaped>, all_contents},
                    {"mustToJson", {any}, must_json_text<JsonStyle::escaped>, all_contents},
                    {"toPrettyJson", {any}, json_text<JsonStyle::pretty>, all_contents},
                    {"mustToPrettyJson", {any}, must_json_text<JsonStyle::pretty>, all_contents},
                    {"toRawJson", {any}, must_json_text<JsonStyle::raw>, all_contents},
                    {"mustToRawJson", {any}, must_json_text<JsonStyle::raw>, all_contents},
                    {"fromJson", {string}, sprig_from_json},
                    {"mustFromJson", {string}, must_from_json},
                    {"fail", {string}, sprig_fail},
                });
}

void add_helm_functions(FunctionTable& table, Helm helm) {
  constexpr GoType any = GoType::any, string = GoType::string;
  define(table, {
                    {"include", {string, any}, include, content_2},
                    {"tpl", {string, any}, tpl, all_contents},
                    {"required", {string, any}, required, all_contents},
                    {"fail", {string}, helm_fail},
                    {"lookup", {string, string, string, string}, lookup},
                    {"toYaml", {any}, yaml_text, all_contents},
                    {"toYamlPretty", {any}, pretty_yaml_text, all_contents},
                    {"fromYaml", {string}, from_yaml},
                    {"fromYamlArray", {string}, from_yaml_array},
                    {"fromJson", {string}, helm_from_json},
                    {"fromJsonArray", {string}, from_json_array},
                });
  if (helm != Helm::v4) return;
  define(table, {
                    {"mustToYaml", {any}, must_yaml_text, all_contents},
                });
}

}  // namespace sluice::functions
