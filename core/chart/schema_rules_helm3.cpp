// Is a schema one that Helm 3 can use? Follows gojsonschema 1.2.0, schema.go: keyword by keyword in its order, with its texts.
// Differs: where Go walks a map in any order, this goes by its keys.

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <set>

#include "core/chart/schema_validators.hpp"
#include "core/functions/regex.hpp"
#include "core/value/json.hpp"

namespace sluice::chart {

namespace {

[[noreturn]] void refuse(std::string what) { throw BadSchema{std::move(what)}; }
[[noreturn]] void wrong_type(const std::string& expected, std::string_view given) {
  refuse("Invalid type. Expected: " + expected + ", given: " + std::string(given));
}
[[noreturn]] void must_be(std::string_view name, const std::string& what) { refuse(std::string(name) + " must be " + what); }

bool is_schema(const Value& value) { return value.map() || value.is_bool(); }

class Rules {
 public:
  explicit Rules(const SchemaDocument& document) : document_(document), draft_(document.draft(0)) {
    if (draft_ == 0 || draft_ > 7) draft_ = hybrid;  // drafts that the library does not know
  }

  void check_root() {
    const SchemaNode root = document_.root();
    if (!is_schema(*root.schema)) refuse("schema is invalid");
    if (const Value* draft = keyword(*root.schema, "$schema"); draft && !draft->is_string()) must_be("$schema", "of type string");
    check(root);
  }

 private:
  static constexpr int hybrid = 1000;

  void check(const SchemaNode& node) {
    const SchemaBudget::Level level(budget_);
    if (node.schema->is_bool() && draft_ >= 6) return;
    if (!node.schema->map()) refuse("Expected: valid schema, given: Invalid JSON");
    check_names(node);
    if (const Value* reference = want_text(*node.schema, "$ref")) return follow(node, reference->str());
    check_types(*node.schema);
    check_objects(node);
    check_lists(node);
    check_numbers(*node.schema);
    check_texts(*node.schema);
    check_counts(*node.schema, "minProperties", "maxProperties");
    check_required(*node.schema);
    check_size(*node.schema, "minItems");
    check_size(*node.schema, "maxItems");
    if (const Value* unique = keyword(*node.schema, "uniqueItems"); unique && !unique->is_bool()) must_be("uniqueItems", "of a boolean");
    if (const Value* contains = keyword(*node.schema, "contains"); contains && draft_ >= 6) below(node, *contains);
    check_enum(*node.schema);
    check_combinations(node);
  }

  void below(const SchemaNode& node, const Value& schema) { check(document_.enter(schema, node.base)); }

  void follow(const SchemaNode& node, std::string_view reference) {
    const SchemaNode target = document_.resolve(node.base, reference);
    if (!followed_.insert(target.schema).second) return;
    if (!is_schema(*target.schema)) must_be("valid schema", "of type object");
    check(target);
  }

  static const Value* want_text(const Value& schema, std::string_view name) {
    const Value* text = keyword(schema, name);
    if (text && !text->is_string()) wrong_type("string", name);
    return text;
  }

  void check_names(const SchemaNode& node) {
    const Value& schema = *node.schema;
    want_text(schema, draft_ == 4 || (draft_ == hybrid && keyword(schema, "id")) ? "id" : "$id");
    if (const Value* definitions = keyword(schema, "definitions")) {
      if (!definitions->map()) wrong_type("array of schemas", "definitions");
      for (const auto& [name, definition] : *definitions->map()) {
        if (!is_schema(definition)) wrong_type("array of schemas", "definitions");
        below(node, definition);
      }
    }
    want_text(schema, "title");
    want_text(schema, "description");
  }

  static void check_types(const Value& schema) {
    const Value* types = keyword(schema, "type");
    if (!types) return;
    if (!types->is_string() && !types->is_list()) wrong_type("string/array of strings", "type");
    static constexpr std::string_view known[] = {"array", "boolean", "integer", "number", "null", "object", "string"};
    std::set<std::string_view> seen;
    for (const Value& type : types->is_list() ? types->items() : std::span(types, 1)) {
      if (!type.is_string()) wrong_type("string/array of strings", "type");
      if (std::ranges::find(known, type.str()) == std::end(known)) {
        refuse("has a primitive type that is NOT VALID -- given: /" + std::string(type.str()) +
               "/ Expected valid values are:[array boolean integer number null object string]");
      }
      if (!seen.insert(type.str()).second) refuse(std::string(type.str()) + " type is duplicated");
    }
  }

  void check_objects(const SchemaNode& node) {
    const Value& schema = *node.schema;
    if (const Value* properties = keyword(schema, "properties")) {
      if (!properties->map()) must_be("properties", "of type object");
      for (const auto& [name, property] : *properties->map()) below(node, property);
    }
    check_more(node, "additionalProperties");
    if (const Value* patterns = keyword(schema, "patternProperties")) {
      if (!patterns->map()) wrong_type("valid schema", "patternProperties");
      for (const auto& [pattern, property] : *patterns->map()) {
        if (!functions::Regex::compile(pattern.view())) refuse("Invalid regex pattern '" + pattern.str() + "'");
        below(node, property);
      }
    }
    if (const Value* names = keyword(schema, "propertyNames"); names && draft_ >= 6) {
      if (!is_schema(*names)) wrong_type("valid schema", "patternProperties");
      below(node, *names);
    }
    check_dependencies(node);
  }

  /// What may be a schema, or say yes or no to all that is left.
  void check_more(const SchemaNode& node, std::string_view name) {
    const Value* more = keyword(*node.schema, name);
    if (!more || more->is_bool()) return;
    if (!more->map()) wrong_type("boolean/valid schema", name);
    below(node, *more);
  }

  void check_dependencies(const SchemaNode& node) {
    const Value* dependencies = keyword(*node.schema, "dependencies");
    if (!dependencies) return;
    if (!dependencies->map()) must_be("dependencies", "of type object");
    for (const auto& [name, dependency] : *dependencies->map()) {
      const bool of_texts = dependency.is_list() && std::ranges::all_of(dependency.items(), &Value::is_string);
      if (!of_texts && !is_schema(dependency)) must_be("dependency", "of type schema or array of strings");
      if (!of_texts) below(node, dependency);
    }
  }

  void check_lists(const SchemaNode& node) {
    if (const Value* items = keyword(*node.schema, "items")) {
      for (const Value& item : items->is_list() ? items->items() : std::span(items, 1)) {
        if (!is_schema(item)) wrong_type("valid schema/array of schemas", "items");
        below(node, item);
      }
    }
    check_more(node, "additionalItems");
  }

  void check_numbers(const Value& schema) {
    if (const Value* step = keyword(schema, "multipleOf")) {
      if (!is_json_number(*step)) wrong_type("number", "multipleOf");
      if (json_number(*step) <= 0) must_be("multipleOf", "strictly greater than 0");
    }
    check_bound(schema, "minimum", "exclusiveMinimum");
    check_bound(schema, "maximum", "exclusiveMaximum");
  }

  void check_bound(const Value& schema, std::string_view name, std::string_view exclusive) const {
    const Value* bound = keyword(schema, name);
    if (bound && !is_json_number(*bound)) must_be(name, "of a number");
    const Value* flag = keyword(schema, exclusive);
    if (!flag) return;
    const bool fits = (flag->is_bool() && (draft_ == 4 || draft_ == hybrid)) || (is_json_number(*flag) && draft_ > 4);
    if (!fits) wrong_type(draft_ == 4 ? "boolean" : draft_ == hybrid ? "boolean/number" : "number", exclusive);
    if (flag->is_bool() && !bound) refuse(std::string(exclusive) + " cannot be used without " + std::string(name));
  }

  static void check_texts(const Value& schema) {
    check_counts(schema, "minLength", "maxLength");
    if (const Value* pattern = keyword(schema, "pattern")) {
      if (!pattern->is_string()) must_be("pattern", "of a string");
      if (!functions::Regex::compile(pattern->str())) must_be("pattern", "a valid regex");
    }
    if (const Value* format = keyword(schema, "format"); format && !format->is_string()) must_be("format", "of type string");
  }

  static const Value* check_size(const Value& schema, std::string_view name) {
    const Value* size = keyword(schema, name);
    if (!size) return nullptr;
    if (!is_json_integer(*size)) must_be(name, "of an integer");
    if (json_number(*size) < 0) must_be(name, "greater than or equal to 0");
    return size;
  }

  static void check_counts(const Value& schema, std::string_view least, std::string_view most) {
    const Value* low = check_size(schema, least);
    const Value* high = check_size(schema, most);
    if (low && high && json_number(*low) > json_number(*high)) refuse(std::string(least) + " cannot be greater than " + std::string(most));
  }

  static void check_required(const Value& schema) {
    const Value* required = keyword(schema, "required");
    if (!required) return;
    if (!required->is_list()) must_be("required", "of an array");
    std::set<std::string_view> seen;
    for (const Value& name : required->items()) {
      if (!name.is_string()) refuse("required items must be string");
      if (!seen.insert(name.str()).second) refuse("required items must be unique");
    }
  }

  static void check_enum(const Value& schema) {
    const Value* allowed = keyword(schema, "enum");
    if (!allowed) return;
    if (!allowed->is_list()) must_be("enum", "of an array");
    std::set<std::string> seen;
    for (const Value& value : allowed->items()) {
      const auto text = to_json(value);
      if (text && !seen.insert(text->str()).second) refuse("enum items must be unique");
    }
  }

  void check_combinations(const SchemaNode& node) {
    for (const auto& [name, shown] : {std::pair{"oneOf", "oneOf"}, {"anyOf", "anyOf"}, {"allOf", "anyOf"}}) {
      const Value* parts = keyword(*node.schema, name);
      if (!parts) continue;
      if (!parts->is_list()) must_be(shown, "of an array");
      for (const Value& part : parts->items()) below(node, part);
    }
    for (const std::string_view name : {"not", "if", "then", "else"}) {
      const Value* part = keyword(*node.schema, name);
      if (!part || (name != "not" && draft_ < 7)) continue;
      if (!is_schema(*part)) must_be(name, "of an object");
      below(node, *part);
    }
  }

  const SchemaDocument& document_;
  SchemaBudget budget_;
  int draft_;
  std::set<const Value*> followed_;
};

}  // namespace

void check_rules_of_helm3(const SchemaDocument& document) { Rules(document).check_root(); }

}  // namespace sluice::chart
