// JSON schema as Helm 4 applies it; follows santhosh-tekuri/jsonschema 6, validator.go and kind.go: the same checks in the same
// order with the same texts. Differs: contentEncoding and contentMediaType are not looked at.

#include <algorithm>
#include <set>

#include "core/chart/metaschema.hpp"
#include "core/chart/schema_validators.hpp"
#include "core/functions/regex.hpp"
#include "core/value/fmt.hpp"
#include "core/value/text.hpp"
#include "core/value/unicode.hpp"

namespace sluice::chart {

namespace {

/// A finding with those that led to it. A group has no line of its own except inside another finding.
struct Finding {
  std::string location, what;
  bool is_group = false;
  bool is_reference = false;
  std::vector<Finding> causes;
};
using Findings = std::vector<Finding>;

std::string quote(std::string_view text) {
  const std::string go = quoted(text);
  std::string out = "'";
  for (std::size_t i = 1; i + 1 < go.size(); ++i) {
    if (go[i] == '\\' && go[i + 1] == '"') continue;
    if (go[i] == '\'') out += '\\';
    out += go[i];
    if (go[i] == '\\' && i + 2 < go.size()) out += go[++i];
  }
  return out + "'";
}

std::string join_quoted(const std::vector<std::string>& list) {
  std::string out;
  for (const std::string& text : list) out += (out.empty() ? "" : ", ") + quote(text);
  return out;
}

/// A primitive value in a finding; what came from a secret is not shown.
std::string display(const Value& value) {
  if (has_marks(value)) return "a secret value";
  if (value.is_string()) return quote(value.str());
  if (value.is_list() || value.is_map()) return "value";
  if (is_json_number(value)) {
    std::string digits;
    append_json_float(digits, json_number(value));
    return digits;
  }
  return to_text(value).str();
}

std::string group_thousands(std::string digits) {
  const bool negative = digits.starts_with('-');
  for (std::size_t at = digits.size(); at > 3 + (negative ? 1U : 0U);) digits.insert(at -= 3, ",");
  return digits;
}

std::string count_text(std::size_t count) { return group_thousands(std::to_string(count)); }

/// A number as Go's message printer writes it in English: 65,535 or 1.25×10⁰⁷.
std::string number_text(double number) {
  constexpr std::string_view raised[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
  const std::string text = float_text(number);
  const std::size_t e = text.find('e');
  if (e != text.npos) {
    std::string out = text.substr(0, e) + "×10";
    for (const char c : text.substr(e + 1)) {
      if (c == '-') out += "⁻";
      if (c >= '0' && c <= '9') out += raised[c - '0'];
    }
    return out;
  }
  const std::size_t dot = std::min(text.find('.'), text.size());
  return group_thousands(text.substr(0, dot)) + text.substr(dot);
}

std::string escaped(std::string_view token) {
  std::string out;
  for (const char c : token) out += c == '~' ? std::string("~0") : c == '/' ? std::string("~1") : std::string(1, c);
  return out;
}

/// What no keyword has looked at yet; what the unevaluated* keywords judge.
struct Unevaluated {
  std::set<std::string, std::less<>> properties;
  std::set<std::size_t> items;
  bool empty() const { return properties.empty() && items.empty(); }
  void keep_common(const Unevaluated& other) {
    std::erase_if(properties, [&](const std::string& name) { return !other.properties.contains(name); });
    std::erase_if(items, [&](std::size_t item) { return !other.items.contains(item); });
  }
};

/// Since 2019 a format is a remark; a metaschema means it.
enum class Formats { by_draft, always };

class Validator {
 public:
  explicit Validator(const SchemaDocument& document, Formats formats)
      : document_(document), draft_(document.draft(2020)), asserts_formats_(formats == Formats::always || draft_ < 2019) {}

  Findings validate(const Value& value) {
    Unevaluated rest = all_of(*document_.root().schema, value, false);
    return check(document_.root(), value, "", rest);
  }

 private:
  /// The findings about one value against one schema. `rest` comes in with what the caller wants to know about, or empty.
  struct Check {
    const SchemaNode& node;
    const Value& value;
    const std::string& path;
    Unevaluated& rest;
    Findings found;

    const Value& schema() const { return *node.schema; }
    void add(std::string what, Findings causes = {}) {
      found.push_back({path, std::move(what), false, false, std::move(causes)});
    }
    /// Adds the findings of a part as one.
    void add_part(Findings part) {
      if (!part.empty()) found.push_back(as_one(std::move(part), path));
    }
  };

  static Finding as_one(Findings findings, const std::string& path) {
    if (findings.size() == 1) return std::move(findings.front());
    return {path, "validation failed", true, false, std::move(findings)};
  }

  const Value* get(const Check& c, std::string_view name, int since = 4) const {
    return draft_ >= since ? keyword(c.schema(), name) : nullptr;
  }

  Unevaluated all_of(const Value& schema, const Value& value, bool caller_needs) const {
    Unevaluated all;
    if (draft_ < 2019) return all;
    if (value.map() && (caller_needs || keyword(schema, "unevaluatedProperties")))
      for (const auto& [key, element] : *value.map()) all.properties.insert(key.str());
    if (value.is_list() && (caller_needs || keyword(schema, "unevaluatedItems")))
      for (std::size_t i = 0; i < value.size(); ++i) all.items.insert(i);
    return all;
  }

  /// Another schema for the same value.
  Findings check_same(Check& c, const SchemaNode& node) {
    Unevaluated rest = all_of(*node.schema, c.value, !c.rest.empty());
    Findings found = check(node, c.value, c.path, rest);
    if (found.empty()) c.rest.keep_common(rest);
    return found;
  }
  Findings check_same(Check& c, const Value& schema) { return check_same(c, document_.enter(schema, c.node.base)); }

  Findings check_inside(Check& c, const Value& schema, const Value& element, std::string_view token) {
    Unevaluated rest = all_of(schema, element, false);
    return check(document_.enter(schema, c.node.base), element, c.path + "/" + escaped(token), rest);
  }

  Findings check(const SchemaNode& node, const Value& value, const std::string& path, Unevaluated& rest) {
    const SchemaBudget::Level level(budget_);
    const Scope scope(scope_, node);
    Check c{node, value, path, rest, {}};
    if (c.schema().is_bool()) {
      if (!c.schema().as_bool()) c.add("false schema");
      return std::move(c.found);
    }
    if (!check_identity(c)) return std::move(c.found);
    if (const Value* reference = keyword(c.schema(), "$ref"); reference && reference->is_string()) {
      check_reference(c, reference->str());
      if (draft_ < 2019) return std::move(c.found);
    }
    const std::string_view type = json_type(value);
    if (type == "object") check_object(c);
    if (type == "array") check_array(c);
    if (type == "string") check_string(c);
    if (type == "number") check_number(c);
    if (const Value* reference = get(c, "$recursiveRef", 2019); reference && reference->is_string())
      check_target(c, recursive_target(document_.resolve(c.node.base, reference->str())));
    if (const Value* reference = get(c, "$dynamicRef", 2020); reference && reference->is_string())
      check_target(c, dynamic_target(reference->str(), document_.resolve(c.node.base, reference->str())));
    check_combinations(c);
    check_unevaluated(c);
    return std::move(c.found);
  }

  void check_reference(Check& c, std::string_view reference) { check_target(c, document_.resolve(c.node.base, reference)); }

  /// Of the schemas that led here, the first whose document lets itself be recursed to, if `first` does.
  SchemaNode recursive_target(const SchemaNode& first) const {
    const auto recurses = [](const SchemaNode& node) {
      const Value* anchor = keyword(*node.schema, "$recursiveAnchor");
      return anchor && anchor->is_bool() && anchor->as_bool();
    };
    if (!recurses(first)) return first;
    const auto outermost = std::find_if(scope_.begin(), scope_.end(), [&](const SchemaNode* node) { return recurses(document_.resolve(node->base, "#")); });
    return outermost == scope_.end() ? first : **outermost;
  }

  /// The anchor of that name in the first document that led here and has one, if `first` is such an anchor itself.
  SchemaNode dynamic_target(std::string_view reference, const SchemaNode& first) const {
    const std::size_t hash = reference.find('#');
    const std::string_view name = hash == reference.npos ? "" : reference.substr(hash + 1);
    const Value* anchor = keyword(*first.schema, "$dynamicAnchor");
    if (name.empty() || !anchor || !anchor->is_string() || anchor->str() != name) return first;
    for (const SchemaNode* node : scope_)
      if (const SchemaNode* found = document_.dynamic_anchor(node->base, name)) return *found;
    return first;
  }

  void check_target(Check& c, const SchemaNode& target) {
    Findings found = check_same(c, target);
    if (found.empty()) return;
    Finding one{c.path, "validation failed", false, true, std::move(found)};
    c.found.push_back(std::move(one));
  }

  /// type, const, enum and format: the first of them that fails is the only finding.
  bool check_identity(Check& c) {
    const std::string_view type = json_type(c.value);
    if (const Value* types = keyword(c.schema(), "type")) {
      std::vector<std::string> wanted;
      if (types->is_string()) wanted.emplace_back(types->str());
      for (const Value& item : types->items()) wanted.emplace_back(item.str());
      const auto fits = [&](const std::string& name) {
        return name == type || (name == "integer" && type == "number" && is_json_integer(c.value));
      };
      if (!wanted.empty() && std::none_of(wanted.begin(), wanted.end(), fits)) {
        constexpr std::string_view order[] = {"null", "boolean", "number", "integer", "string", "array", "object"};
        std::string list;
        for (const std::string_view name : order)
          if (std::find(wanted.begin(), wanted.end(), name) != wanted.end())
            list += (list.empty() ? "" : " or ") + std::string(name);
        c.add("got " + std::string(type) + ", want " + list);
        return false;
      }
    }
    if (const Value* constant = get(c, "const", 6); constant && !equal(c.value, *constant)) {
      c.add(constant->is_list() || constant->is_map() ? "'const' failed" : "value must be " + display(*constant));
      return false;
    }
    if (const Value* allowed = keyword(c.schema(), "enum")) {
      const auto items = allowed->items();
      if (std::none_of(items.begin(), items.end(), [&](const Value& item) { return equal(c.value, item); })) {
        c.add(enum_text(items));
        return false;
      }
    }
    if (const Value* format = keyword(c.schema(), "format"); format && asserts_formats_ && c.value.is_string()) {
      std::string why;
      if (!fits_format(format->str(), c.value.str(), why, HelmVersion::v4)) {
        c.add(display(c.value) + " is not valid " + std::string(format->str()) + ": " + why);
        return false;
      }
    }
    return true;
  }

  static std::string enum_text(std::span<const Value> items) {
    if (std::any_of(items.begin(), items.end(), [](const Value& item) { return item.is_list() || item.is_map(); }))
      return "'enum' failed";
    std::string list;
    for (const Value& item : items) list += (list.empty() ? "" : ", ") + display(item);
    return (items.size() == 1 ? "value must be " : "value must be one of ") + list;
  }

  static bool equal(const Value& a, const Value& b) {
    const std::string_view type = json_type(a);
    if (type != json_type(b)) return false;
    if (type == "number") return json_number(a) == json_number(b);
    if (type == "array") return std::equal(a.items().begin(), a.items().end(), b.items().begin(), b.items().end(), equal);
    if (type == "object") {
      const auto same = [](const Map::Entry& x, const Map::Entry& y) { return x.key == y.key && equal(x.value, y.value); };
      return std::equal(a.map()->begin(), a.map()->end(), b.map()->begin(), b.map()->end(), same);
    }
    return type == "string" ? a.str() == b.str() : deep_equal(a, b);
  }

  void check_bounds(Check& c, const char* least, const char* most, std::size_t count) {
    const Value* low = keyword(c.schema(), least);
    const Value* high = keyword(c.schema(), most);
    const auto text = [&](const char* name, const Value& limit) {
      return std::string(name) + ": got " + count_text(count) + ", want " +
             count_text(static_cast<std::size_t>(json_number(limit)));
    };
    if (low && static_cast<double>(count) < json_number(*low)) c.add(text(least, *low));
    if (high && static_cast<double>(count) > json_number(*high)) c.add(text(most, *high));
  }

  static std::vector<std::string> missing_in(const Value& value, const Value& names) {
    std::vector<std::string> missing;
    for (const Value& name : names.items())
      if (!value.find(name.str())) missing.emplace_back(name.str());
    return missing;
  }

  void check_required_by(Check& c, const Text& property, const Value& names) {
    if (const auto missing = missing_in(c.value, names); !missing.empty()) {
      c.add("properties " + join_quoted(missing) + " required, if " + quote(property) + " exists");
    }
  }

  void check_object(Check& c) {
    check_bounds(c, "minProperties", "maxProperties", c.value.size());
    if (const Value* required = keyword(c.schema(), "required")) {
      const auto missing = missing_in(c.value, *required);
      if (missing.size() == 1) c.add("missing property " + quote(missing[0]));
      if (missing.size() > 1) c.add("missing properties " + join_quoted(missing));
    }
    for_each_present(c, get(c, "dependencies"), [&](const Text& property, const Value& dependency) {
      dependency.is_list() ? check_required_by(c, property, dependency) : c.add_part(check_same(c, dependency));
    });
    check_properties(c);
    if (const Value* names = get(c, "propertyNames", 6)) {
      for (const auto& [key, element] : *c.value.map()) {
        Unevaluated none;
        Findings found = check(document_.enter(*names, c.node.base), Value::of_string(key), "", none);
        if (!found.empty()) c.add("invalid propertyName " + quote(key), std::move(found));
      }
    }
    for_each_present(c, get(c, "dependentSchemas", 2019),
                     [&](const Text&, const Value& schema) { c.add_part(check_same(c, schema)); });
    for_each_present(c, get(c, "dependentRequired", 2019),
                     [&](const Text& property, const Value& names) { check_required_by(c, property, names); });
  }

  /// Calls `judge` for each entry of `rules` whose property the value has.
  template <class Judge>
  static void for_each_present(const Check& c, const Value* rules, const Judge& judge) {
    if (!rules || !rules->map()) return;
    for (const auto& [property, rule] : *rules->map())
      if (c.value.find(property)) judge(property, rule);
  }

  void check_properties(Check& c) {
    const Value* properties = keyword(c.schema(), "properties");
    const Value* patterns = keyword(c.schema(), "patternProperties");
    const Value* more = keyword(c.schema(), "additionalProperties");
    std::vector<std::string> extra;
    for (const auto& [key, element] : *c.value.map()) {
      bool evaluated = false;
      if (const Value* schema = properties ? properties->find(key) : nullptr) {
        evaluated = true;
        c.add_part(check_inside(c, *schema, element, key));
      }
      if (patterns && patterns->map()) {
        for (const auto& [pattern, schema] : *patterns->map()) {
          if (!matches_pattern(pattern, key)) continue;
          evaluated = true;
          c.add_part(check_inside(c, schema, element, key));
        }
      }
      if (!evaluated && more) {
        evaluated = true;
        if (!more->is_bool()) {
          c.add_part(check_inside(c, *more, element, key));
        } else if (!more->as_bool()) {
          extra.push_back(key.str());
        }
      }
      if (evaluated) c.rest.properties.erase(key.str());
    }
    if (!extra.empty()) c.add("additional properties " + join_quoted(extra) + " not allowed");
  }

  void check_array(Check& c) {
    const auto elements = c.value.items();
    check_bounds(c, "minItems", "maxItems", elements.size());
    if (const Value* unique = keyword(c.schema(), "uniqueItems"); unique && unique->is_bool() && unique->as_bool())
      check_unique(c);
    const Value* items = keyword(c.schema(), "items");
    const Value* first = draft_ >= 2020 ? keyword(c.schema(), "prefixItems") : (items && items->is_list() ? items : nullptr);
    const Value* others = draft_ >= 2020 || (items && !items->is_list()) ? items : nullptr;
    std::size_t done = 0;
    for (; first && done < std::min(first->size(), elements.size()); ++done) {
      c.add_part(check_inside(c, first->items()[done], elements[done], std::to_string(done)));
      c.rest.items.erase(done);
    }
    if (draft_ < 2020 && first) {
      others = keyword(c.schema(), "additionalItems");
      if (others && others->is_bool() && !others->as_bool() && done < elements.size()) {
        c.add("last " + count_text(elements.size() - done) + " additionalItem(s) not allowed");
        others = nullptr;
      }
    }
    for (; others && done < elements.size(); ++done) {
      c.add_part(check_inside(c, *others, elements[done], std::to_string(done)));
      c.rest.items.erase(done);
    }
    if (const Value* contains = get(c, "contains", 6)) check_contains(c, *contains);
  }

  void check_unique(Check& c) {
    const auto items = c.value.items();
    for (std::size_t i = 0; i < items.size(); ++i) {
      for (std::size_t j = i + 1; j < items.size(); ++j) {
        const SchemaBudget::Level level(budget_);
        if (equal(items[i], items[j])) {
          c.add("items at " + count_text(i) + " and " + count_text(j) + " are equal");
          return;
        }
      }
    }
  }

  void check_contains(Check& c, const Value& contains) {
    Findings misses;
    std::vector<std::size_t> matched;
    for (std::size_t i = 0; i < c.value.size(); ++i) {
      Findings found = check_inside(c, contains, c.value.items()[i], std::to_string(i));
      if (!found.empty()) {
        misses.push_back(as_one(std::move(found), c.path + "/" + std::to_string(i)));
        continue;
      }
      matched.push_back(i);
      if (draft_ >= 2020) c.rest.items.erase(i);
    }
    const auto listed = [&] {
      std::string list;
      for (const std::size_t i : matched) list += (list.empty() ? "" : " ") + std::to_string(i);
      return " items required to match contains schema, but matched " + count_text(matched.size()) + " items at " + list;
    };
    if (const Value* least = get(c, "minContains", 2019)) {
      const auto want = static_cast<std::size_t>(json_number(*least));
      if (matched.size() < want) {
        c.add("min " + count_text(want) +
                  (matched.empty() ? " items required to match contains schema, but none matched" : listed()),
              std::move(misses));
      }
    } else if (matched.empty()) {
      c.add("no items match contains schema", std::move(misses));
    }
    if (const Value* most = get(c, "maxContains", 2019)) {
      const auto want = static_cast<std::size_t>(json_number(*most));
      if (matched.size() > want) c.add("max " + count_text(want) + listed());
    }
  }

  static bool matches_pattern(std::string_view pattern, std::string_view text) {
    const auto regex = functions::Regex::compile(pattern);
    if (!regex) throw BadSchema{quote(pattern) + " is not valid regex: " + regex.error().what};
    const auto matched = regex->matches(text);
    if (!matched) throw BadSchema{matched.error().what};
    return *matched;
  }

  void check_string(Check& c) {
    if (keyword(c.schema(), "minLength") || keyword(c.schema(), "maxLength")) {
      check_bounds(c, "minLength", "maxLength", count_runes(c.value.str()));
    }
    if (const Value* pattern = keyword(c.schema(), "pattern"); pattern && !matches_pattern(pattern->str(), c.value.str())) {
      c.add(display(c.value) + " does not match pattern " + quote(pattern->str()));
    }
  }

  void check_number(Check& c) {
    const double number = json_number(c.value);
    const auto compare = [&](const char* name, const char* shown, const auto& fails) {
      const Value* limit = keyword(c.schema(), name);
      if (!limit || !is_json_number(*limit) || !fails(json_number(*limit))) return;
      c.add(std::string(shown) + ": got " + number_text(number) + ", want " + number_text(json_number(*limit)));
    };
    const auto is_set = [&](const char* name) {
      const Value* found = keyword(c.schema(), name);
      return found && found->is_bool() && found->as_bool();
    };
    const bool open_below = is_set("exclusiveMinimum"), open_above = is_set("exclusiveMaximum");  // draft 4
    if (!open_below) compare("minimum", "minimum", [&](double limit) { return number < limit; });
    if (!open_above) compare("maximum", "maximum", [&](double limit) { return number > limit; });
    compare(open_below ? "minimum" : "exclusiveMinimum", "exclusiveMinimum", [&](double limit) { return number <= limit; });
    compare(open_above ? "maximum" : "exclusiveMaximum", "exclusiveMaximum", [&](double limit) { return number >= limit; });
    compare("multipleOf", "multipleOf", [&](double step) { return !is_multiple_of(number, step); });
  }

  void check_combinations(Check& c) {
    if (const Value* negated = keyword(c.schema(), "not"); negated && check_same(c, *negated).empty()) c.add("'not' failed");
    if (const Value* all = keyword(c.schema(), "allOf"); all && all->size() > 0) {
      Findings failed;
      for (const Value& part : all->items())
        if (Findings found = check_same(c, part); !found.empty()) failed.push_back(as_one(std::move(found), c.path));
      if (!failed.empty()) c.add("'allOf' failed", std::move(failed));
    }
    if (const Value* any = keyword(c.schema(), "anyOf"); any && any->size() > 0) check_any_of(c, *any);
    if (const Value* one = keyword(c.schema(), "oneOf"); one && one->size() > 0) check_one_of(c, *one);
    if (const Value* condition = get(c, "if", 7)) {
      const Value* branch = keyword(c.schema(), check_same(c, *condition).empty() ? "then" : "else");
      if (branch) c.add_part(check_same(c, *branch));
    }
  }

  void check_any_of(Check& c, const Value& parts) {
    Findings failed;
    bool matched = false;
    for (const Value& part : parts.items()) {
      Findings found = check_same(c, part);
      if (found.empty()) {
        matched = true;
        if (c.rest.empty()) break;
      } else {
        failed.push_back(as_one(std::move(found), c.path));
      }
    }
    if (!matched) c.add("'anyOf' failed", std::move(failed));
  }

  void check_one_of(Check& c, const Value& parts) {
    Findings failed;
    std::optional<std::size_t> matched;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      Findings found = check_same(c, parts.items()[i]);
      if (!found.empty()) {
        if (!matched) failed.push_back(as_one(std::move(found), c.path));
      } else if (!matched) {
        matched = i;
      } else {
        c.add("'oneOf' failed, subschemas " + count_text(*matched) + ", " + count_text(i) + " matched");
        return;
      }
    }
    if (!matched) c.add("'oneOf' failed, none matched", std::move(failed));
  }

  void check_unevaluated(Check& c) {
    if (draft_ < 2019) return;
    if (const Value* schema = keyword(c.schema(), "unevaluatedProperties"); schema && c.value.map()) {
      for (const std::string& name : std::exchange(c.rest.properties, {}))
        c.add_part(check_inside(c, *schema, *c.value.find(name), name));
    }
    if (const Value* schema = keyword(c.schema(), "unevaluatedItems"); schema && c.value.is_list()) {
      for (const std::size_t i : std::exchange(c.rest.items, {}))
        c.add_part(check_inside(c, *schema, c.value.items()[i], std::to_string(i)));
    }
  }

  /// The schemas that are being checked, outermost first: what dynamic references look through.
  using Nodes = std::vector<const SchemaNode*>;
  class Scope {
   public:
    Scope(Nodes& nodes, const SchemaNode& node) : nodes_(nodes) { nodes_.push_back(&node); }
    ~Scope() { nodes_.pop_back(); }
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    Nodes& nodes_;
  };

  const SchemaDocument& document_;
  SchemaBudget budget_;
  Nodes scope_;
  int draft_;
  bool asserts_formats_;
};

void display(const Finding& finding, int indent, std::string& out) {
  // a reference that led to one finding only is not worth a line
  const bool skips = finding.is_reference && finding.causes.size() == 1;
  if (!skips) {
    if (!out.empty()) out += '\n';
    for (int i = 1; i < indent; ++i) out += "  ";
    out += "- at " + quote(finding.location) + ": " + finding.what;
    ++indent;
  }
  for (const Finding& cause : finding.causes) display(cause, indent, out);
}

std::string shown_findings(const SchemaDocument& document, const Value& value, Formats formats) {
  std::string out;
  Findings findings = Validator(document, formats).validate(value);
  if (findings.size() == 1 && findings.front().is_group) findings = Findings(findings.front().causes);  // a group is not shown at the root
  for (const Finding& finding : findings) display(finding, 1, out);
  return out.empty() ? out : out + "\n";
}

/// What the metaschema finds in the schema itself. Throws BadSchema.
void check_rules_of_helm4(const SchemaDocument& document) {
  const int draft = document.draft(2020);
  std::string found = shown_findings(SchemaDocument(metaschema(draft), HelmVersion::v4), *document.root().schema, Formats::always);
  if (found.empty()) return;
  found.pop_back();  // the end of the last line
  throw BadSchema{quoted(document.root().base + "#") + " is not valid against metaschema: jsonschema validation failed with '" +
                  metaschema_name(draft) + "#'\n" + found};
}

}  // namespace

std::string findings_of_helm4(const SchemaDocument& document, const Value& values) {
  check_rules_of_helm4(document);
  return shown_findings(document, values, Formats::by_draft);
}

}  // namespace sluice::chart
