// JSON schema as Helm 3 applies it; follows gojsonschema 1.2.0, validation.go and locales.go: the same checks in the same order
// with the same texts, and its scores, which choose the findings shown for anyOf and oneOf.

#include <algorithm>

#include "core/chart/schema_validators.hpp"
#include "core/functions/regex.hpp"
#include "core/value/json.hpp"
#include "core/value/text.hpp"
#include "core/value/unicode.hpp"

namespace sluice::chart {

namespace {

struct Result3 {
  std::vector<std::string> findings;
  int score = 0;
  bool valid() const { return findings.empty(); }
};

/// Where in the values: empty at the root, else "a.b.0".
using Path = std::string;

Path below(const Path& path, std::string_view key) { return path.empty() ? std::string(key) : path + "." + std::string(key); }
std::string field(const Path& path) { return path.empty() ? "(root)" : path; }

std::string json_text(const Value& value) {
  auto text = to_json(value);
  return text ? text->str() : std::string();
}

class Validator {
 public:
  explicit Validator(const SchemaDocument& document) : document_(document), draft_(document.draft(0)) {}

  Result3 validate(const Value& value) {
    Result3 result;
    check(document_.root(), value, result, "");
    return result;
  }

 private:
  static void add(Result3& result, const Path& path, const std::string& what) {
    result.findings.push_back(field(path) + ": " + what);
    result.score -= 2;
  }
  static void merge(Result3& result, Result3 other) {
    std::move(other.findings.begin(), other.findings.end(), std::back_inserter(result.findings));
    result.score += other.score;
  }

  bool has_draft(int since) const { return draft_ == 0 || draft_ >= since; }
  const Value* get(const Value& schema, std::string_view name, int since = 4) const {
    return has_draft(since) ? keyword(schema, name) : nullptr;
  }

  Result3 sub(const Value& schema, const std::string& base, const Value& value, const Path& path) {
    Result3 result;
    check(document_.enter(schema, base), value, result, path);
    return result;
  }

  void check(const SchemaNode& node, const Value& value, Result3& result, const Path& path) {
    const SchemaBudget::Level level(budget_);
    const Value& schema = *node.schema;
    if (schema.is_bool()) {
      if (!schema.as_bool()) add(result, path, "False always fails validation");
      return;
    }
    if (const Value* reference = keyword(schema, "$ref"); reference && reference->is_string()) {
      check(document_.resolve(node.base, reference->str()), value, result, path);
      return;
    }
    if (!check_type(schema, value, result, path)) return;
    check_combinations(node, value, result, path);
    const std::string_view type = json_type(value);
    if (type == "number") {
      check_number(schema, value, result, path);
      check_common(schema, value, result, path);
    } else if (type == "array") {
      check_array(node, value, result, path);
      check_common(schema, value, result, path);
    } else if (type == "object") {
      check_object(node, value, result, path);
      check_common(schema, value, result, path);
      check_properties(node, value, result, path);
    } else {
      check_common(schema, value, result, path);
      if (type == "string") check_string(schema, value, result, path);
    }
    ++result.score;
  }

  static bool check_type(const Value& schema, const Value& value, Result3& result, const Path& path) {
    const Value* types = keyword(schema, "type");
    if (!types) return true;
    std::vector<std::string> allowed;
    if (types->is_string()) allowed.emplace_back(types->str());
    for (const Value& item : types->items()) allowed.emplace_back(item.str());
    if (allowed.empty()) return true;
    std::string given(json_type(value));
    if (given == "number" && is_json_integer(value)) given = "integer";
    for (const std::string& type : allowed)
      if (type == given || (given == "integer" && type == "number")) return true;
    std::string expected;
    for (const std::string& type : allowed) expected += (expected.empty() ? "" : ",") + type;
    if (allowed.size() > 1) expected = "[" + expected + "]";
    add(result, path, "Invalid type. Expected: " + expected + ", given: " + given);
    return false;
  }

  void check_combinations(const SchemaNode& node, const Value& value, Result3& result, const Path& path) {
    check_any_of(node, value, result, path);
    check_one_of(node, value, result, path);
    const auto& [schema, base] = node;
    if (const Value* all = keyword(*schema, "allOf"); all && all->size() > 0) {
      std::size_t valid = 0;
      for (const Value& part : all->items()) {
        Result3 one = sub(part, base, value, path);
        if (one.valid()) ++valid;
        merge(result, std::move(one));
      }
      if (valid != all->size()) add(result, path, "Must validate all the schemas (allOf)");
    }
    if (const Value* negated = keyword(*schema, "not"); negated && sub(*negated, base, value, path).valid()) {
      add(result, path, "Must not validate the schema (not)");
    }
    check_dependencies(node, value, result, path);
    if (const Value* condition = get(*schema, "if", 7)) {
      const bool holds = sub(*condition, base, value, path).valid();
      const Value* branch = keyword(*schema, holds ? "then" : "else");
      Result3 one;
      if (branch) one = sub(*branch, base, value, path);
      if (!one.valid()) {
        add(result, path,
            holds ? "Must validate \"then\" as \"if\" was valid" : "Must validate \"else\" as \"if\" was not valid");
        merge(result, std::move(one));
      }
    }
    ++result.score;
  }

  void check_any_of(const SchemaNode& node, const Value& value, Result3& result, const Path& path) {
    const Value* any = keyword(*node.schema, "anyOf");
    if (!any || any->size() == 0) return;
    std::optional<Result3> best;
    for (const Value& part : any->items()) {
      Result3 one = sub(part, node.base, value, path);
      if (one.valid()) return;
      if (!best || one.score > best->score) best = std::move(one);
    }
    add(result, path, "Must validate at least one schema (anyOf)");
    merge(result, *std::move(best));
  }

  void check_one_of(const SchemaNode& node, const Value& value, Result3& result, const Path& path) {
    const Value* parts = keyword(*node.schema, "oneOf");
    if (!parts || parts->size() == 0) return;
    int valid = 0;
    std::optional<Result3> best;
    for (const Value& part : parts->items()) {
      Result3 one = sub(part, node.base, value, path);
      if (one.valid()) {
        ++valid;
      } else if (valid == 0 && (!best || one.score > best->score)) {
        best = std::move(one);
      }
    }
    if (valid == 1) return;
    add(result, path, "Must validate one and only one schema (oneOf)");
    if (valid == 0) merge(result, *std::move(best));
  }

  void check_dependencies(const SchemaNode& node, const Value& value, Result3& result, const Path& path) {
    const Value* dependencies = keyword(*node.schema, "dependencies");
    if (!dependencies || !dependencies->map() || !value.map()) return;
    for (const auto& [key, element] : *value.map()) {
      const Value* dependency = dependencies->find(key);
      if (!dependency) continue;
      if (!dependency->is_list()) {
        check(document_.enter(*dependency, node.base), value, result, path);
        continue;
      }
      for (const Value& wanted : dependency->items())
        if (!value.find(wanted.str())) add(result, path, "Has a dependency on " + std::string(wanted.str()));
    }
  }

  void check_common(const Value& schema, const Value& value, Result3& result, const Path& path) {
    const Value* constant = get(schema, "const", 6);
    const Value* allowed = keyword(schema, "enum");
    if (constant || (allowed && allowed->size() > 0)) {
      const std::string own = json_text(value);
      if (constant && own != json_text(*constant)) add(result, path, field(path) + " does not match: " + json_text(*constant));
      if (allowed && allowed->size() > 0) {
        std::string listed;
        bool found = false;
        for (const Value& item : allowed->items()) {
          const std::string text = json_text(item);
          found = found || text == own;
          listed += (listed.empty() ? "" : ", ") + text;
        }
        if (!found) add(result, path, field(path) + " must be one of the following: " + listed);
      }
    }
    ++result.score;
  }

  void check_items(const SchemaNode& node, const Value& value, Result3& result, const Path& path) {
    const Value* items = keyword(*node.schema, "items");
    if (!items) return;
    const auto elements = value.items();
    const auto check_one = [&](const Value& schema, std::size_t i) {
      merge(result, sub(schema, node.base, elements[i], below(path, std::to_string(i))));
    };
    if (!items->is_list()) {
      for (std::size_t i = 0; i < elements.size(); ++i) check_one(*items, i);
      return;
    }
    const auto schemas = items->items();
    for (std::size_t i = 0; i < schemas.size() && i < elements.size(); ++i) check_one(schemas[i], i);
    const Value* more = keyword(*node.schema, "additionalItems");
    if (!more || schemas.empty() || schemas.size() >= elements.size()) return;
    if (more->is_bool()) {
      if (!more->as_bool()) add(result, path, "No additional items allowed on array");
      return;
    }
    for (std::size_t i = schemas.size(); i < elements.size(); ++i) check_one(*more, i);
  }

  void check_array(const SchemaNode& node, const Value& value, Result3& result, const Path& path) {
    const Value& schema = *node.schema;
    check_items(node, value, result, path);
    check_count(schema, "minItems", "maxItems", value.size(), "Array must have at least ", "Array must have at most ", " items",
                result, path);
    if (const Value* unique = keyword(schema, "uniqueItems"); unique && unique->is_bool() && unique->as_bool()) {
      std::map<std::string, std::size_t> seen;
      for (std::size_t i = 0; i < value.size(); ++i) {
        const std::string text = json_text(value.items()[i]);
        const auto at = seen.find(text);
        if (at != seen.end()) {
          add(result, path, "array items[" + std::to_string(at->second) + "," + std::to_string(i) + "] must be unique");
        }
        seen[text] = i;
      }
    }
    if (const Value* contains = get(schema, "contains", 6)) check_contains(node, *contains, value, result, path);
    ++result.score;
  }

  void check_contains(const SchemaNode& node, const Value& contains, const Value& value, Result3& result, const Path& path) {
    std::optional<Result3> best;
    for (std::size_t i = 0; i < value.size(); ++i) {
      Result3 one = sub(contains, node.base, value.items()[i], below(path, std::to_string(i)));
      if (one.valid()) return;
      if (!best || one.score > best->score) best = std::move(one);
    }
    add(result, path, "At least one of the items must match");
    if (best) merge(result, *std::move(best));
  }

  static void check_count(const Value& schema, std::string_view least, std::string_view most, std::size_t count,
                          const char* too_few, const char* too_many, const char* unit, Result3& result, const Path& path) {
    const Value* low = keyword(schema, least);
    const Value* high = keyword(schema, most);
    if (low && static_cast<double>(count) < json_number(*low)) {
      add(result, path, too_few + std::to_string(static_cast<std::int64_t>(json_number(*low))) + unit);
    }
    if (high && static_cast<double>(count) > json_number(*high)) {
      add(result, path, too_many + std::to_string(static_cast<std::int64_t>(json_number(*high))) + unit);
    }
  }

  void check_object(const SchemaNode& node, const Value& value, Result3& result, const Path& path) {
    const Value& schema = *node.schema;
    check_count(schema, "minProperties", "maxProperties", value.size(), "Must have at least ", "Must have at most ",
                " properties", result, path);
    if (const Value* required = keyword(schema, "required")) {
      for (const Value& name : required->items()) {
        if (value.find(name.str())) {
          ++result.score;
        } else {
          add(result, path, std::string(name.str()) + " is required");
        }
      }
    }
    const Value* properties = keyword(schema, "properties");
    const Value* more = keyword(schema, "additionalProperties");
    for (const auto& [key, element] : *value.map()) {
      const bool listed = properties && properties->find(key);
      const bool matched = check_patterns(node, key, element, result, path);
      if (listed || matched || !more) continue;
      if (!more->is_bool()) {
        merge(result, sub(*more, node.base, element, below(path, key)));
      } else if (!more->as_bool()) {
        add(result, path, "Additional property " + key.str() + " is not allowed");
      }
    }
    if (const Value* names = get(schema, "propertyNames", 6)) {
      for (const auto& [key, element] : *value.map()) {
        Result3 one = sub(*names, node.base, Value::of_string(key), path);
        if (one.valid()) continue;
        add(result, path, "Property name of \"" + key.str() + "\" does not match");
        merge(result, std::move(one));
      }
    }
    ++result.score;
  }

  bool check_patterns(const SchemaNode& node, const Text& key, const Value& element, Result3& result, const Path& path) {
    const Value* patterns = keyword(*node.schema, "patternProperties");
    if (!patterns || !patterns->map()) return false;
    bool matched = false;
    for (const auto& [pattern, schema] : *patterns->map()) {
      if (!matches_pattern(pattern, key, "patternProperties")) continue;
      matched = true;
      merge(result, sub(schema, node.base, element, below(path, key)));
    }
    if (matched) ++result.score;
    return matched;
  }

  void check_properties(const SchemaNode& node, const Value& value, Result3& result, const Path& path) {
    const Value* properties = keyword(*node.schema, "properties");
    if (!properties || !properties->map()) return;
    for (const auto& [key, schema] : *properties->map())
      if (const Value* element = value.find(key)) check(document_.enter(schema, node.base), *element, result, below(path, key));
  }

  static bool matches_pattern(std::string_view pattern, std::string_view text, const char* where) {
    const auto regex = functions::Regex::compile(pattern);
    if (!regex)
      throw BadSchema{std::string(where) == "pattern" ? "pattern must be a valid regex"
                                                      : "Invalid regex pattern '" + std::string(pattern) + "'"};
    const auto matched = regex->matches(text);
    if (!matched) throw BadSchema{matched.error().what};
    return *matched;
  }

  void check_string(const Value& schema, const Value& value, Result3& result, const Path& path) {
    if (keyword(schema, "minLength") || keyword(schema, "maxLength")) {
      check_count(schema, "minLength", "maxLength", count_runes(value.str()), "String length must be greater than or equal to ",
                  "String length must be less than or equal to ", "", result, path);
    }
    if (const Value* pattern = keyword(schema, "pattern"); pattern && !matches_pattern(pattern->str(), value.str(), "pattern")) {
      add(result, path, "Does not match pattern '" + std::string(pattern->str()) + "'");
    }
    std::string why;
    if (const Value* format = keyword(schema, "format"); format && !fits_format(format->str(), value.str(), why)) {
      add(result, path, "Does not match format '" + std::string(format->str()) + "'");
    }
    ++result.score;
  }

  void check_number(const Value& schema, const Value& value, Result3& result, const Path& path) {
    const double number = json_number(value);
    const auto bound = [&](std::string_view name) {
      const Value* found = keyword(schema, name);
      return found && is_json_number(*found) ? found : nullptr;
    };
    const auto is_set = [&](std::string_view name) {
      const Value* found = keyword(schema, name);
      return found && found->is_bool() && found->as_bool();
    };
    const auto refuse = [&](const char* text, const Value& limit) { add(result, path, text + float_text(json_number(limit))); };

    if (const Value* step = bound("multipleOf"); step && !is_multiple_of(number, json_number(*step)))
      refuse("Must be a multiple of ", *step);
    // draft 4 has a maximum that a flag makes exclusive, later ones a number of its own
    const Value* most = bound("maximum");
    const Value* below_most = is_set("exclusiveMaximum") ? std::exchange(most, nullptr) : bound("exclusiveMaximum");
    if (most && number > json_number(*most)) refuse("Must be less than or equal to ", *most);
    if (below_most && number >= json_number(*below_most)) refuse("Must be less than ", *below_most);
    const Value* least = bound("minimum");
    const Value* above_least = is_set("exclusiveMinimum") ? std::exchange(least, nullptr) : bound("exclusiveMinimum");
    if (least && number < json_number(*least)) refuse("Must be greater than or equal to ", *least);
    if (above_least && number <= json_number(*above_least)) refuse("Must be greater than ", *above_least);
    ++result.score;
  }

  const SchemaDocument& document_;
  SchemaBudget budget_;
  int draft_;  // 0: any keyword of any draft, as the library does without a $schema
};

}  // namespace

std::string findings_of_helm3(const SchemaDocument& document, const Value& values) {
  std::string out;
  for (const std::string& finding : Validator(document).validate(values).findings) out += "- " + finding + "\n";
  return out;
}

}  // namespace sluice::chart
