#include "core/kustomize/strategic_merge.hpp"

#include <algorithm>
#include <set>
#include <vector>

#include "core/kustomize/kinds.hpp"
#include "core/value/yaml.hpp"

namespace sluice::kustomize {

namespace {

constexpr std::string_view directive_key = "$patch";

enum class Directive { merge, replace, remove };

struct Unfit {
  std::string why;
};

enum class Shape { none, scalar, list, map };

Shape shape_of(const Value* value) {
  if (value == nullptr || is_null(*value)) return Shape::none;
  return value->is_map() ? Shape::map : value->is_list() ? Shape::list : Shape::scalar;
}

std::string_view name_of(Shape shape) { return shape == Shape::map ? "a map" : shape == Shape::list ? "a list" : "a scalar"; }

using Names = std::vector<std::string>;

/// The values of an element's merge keys; empty where it has none.
Names key_values(const Value& element, const Names& keys) {
  Names values;
  for (const std::string& key : keys) {
    const Value* field = element.find(key);
    values.push_back(field == nullptr ? std::string() : scalar_text(*field).str());
  }
  return values;
}

/// An empty value matches whatever is there.
bool has_values(const Value& element, const Names& keys, const Names& values) {
  if (!element.is_map()) return false;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const Value* field = element.find(keys[i]);
    if (field == nullptr || (!values[i].empty() && scalar_text(*field).view() != values[i])) return false;
  }
  return true;
}

bool is_empty(const Value& element) { return is_null(element) || (element.is_map() && element.size() == 0); }

std::size_t find_element(const std::vector<Value>& list, const Names& keys, const Names& values) {
  const auto at = std::find_if(list.begin(), list.end(), [&](const Value& one) { return has_values(one, keys, values); });
  return static_cast<std::size_t>(at - list.begin());
}

void remove_elements(std::vector<Value>& list, const Names& keys, const Names& values) {
  std::erase_if(list, [&](const Value& one) { return is_empty(one) || has_values(one, keys, values); });
}

/// Puts `element` in the place of those with its values, or at the end.
void put_element(std::vector<Value>& list, const Value& element, const Names& keys, const Names& values) {
  std::erase_if(list, is_empty);
  bool found = false;
  for (Value& one : list) {
    if (!has_values(one, keys, values)) continue;
    one = element;
    found = true;
  }
  if (!found) list.push_back(element);
}

/// Two lists of values that agree in one and contradict each other in none speak of one element: a port without a protocol.
void unify(std::vector<Names>& all) {
  for (Names& a : all) {
    for (Names& b : all) {
      bool agree = false, contradict = false;
      Names both;
      for (std::size_t i = 0; i < a.size(); ++i) {
        agree |= a[i] == b[i];
        contradict |= a[i] != b[i] && !a[i].empty() && !b[i].empty();
        both.push_back(a[i].empty() ? b[i] : a[i]);
      }
      if (agree && !contradict) a = b = both;
    }
  }
}

/// Keys that no element of `all` has do not count, unless that leaves none.
void drop_unused(const std::vector<Names>& all, Names& keys, Names& values) {
  std::set<std::size_t> used;
  for (const Names& one : all) {
    for (std::size_t i = 0; i < one.size(); ++i) {
      if (!one[i].empty()) used.insert(i);
    }
  }
  if (used.empty()) return;
  Names used_keys, used_values;
  for (const std::size_t i : used) {
    used_keys.push_back(keys[i]);
    used_values.push_back(values[i]);
  }
  keys = std::move(used_keys);
  values = std::move(used_values);
}

Directive parse_directive(std::string_view word) {
  if (word == "delete") return Directive::remove;
  if (word == "replace") return Directive::replace;
  if (word == "merge") return Directive::merge;
  throw Unfit{"unknown patch strategy '" + std::string(word) + "'"};
}

/// The directive of a map or a list, which is taken out of it.
Directive take_directive(Value& patch) {
  if (patch.map() != nullptr) {
    const Value* word = patch.find(directive_key);
    if (word == nullptr || is_null(*word)) return Directive::merge;
    const Directive directive = parse_directive(word->str());
    patch = Value::of_map(make_ref<Map>(std::vector<Map::Entry>(patch.map()->begin(), patch.map()->end())));
    patch.map()->erase(directive_key);
    return directive;
  }
  for (const Value& element : patch.items()) {
    const Value* word = element.find(directive_key);
    if (word == nullptr || element.size() > 1) continue;
    const Directive directive = parse_directive(word->str());
    std::vector<Value> rest(patch.items().begin(), patch.items().end());
    std::erase_if(rest, [](const Value& one) { return one.find(directive_key) != nullptr; });
    patch = Value::new_list(std::move(rest));
    return directive;
  }
  return Directive::merge;
}

class Merger {
 public:
  Merger(Quoted& quoted, bool rewritten) : quoted_(quoted), rewritten_(rewritten) {}

  /// Nothing: there is to be no such field. A nil: a null that somebody wrote and the patch does not mention.
  std::optional<Value> walk(const Value* dest, const Value* patch, FieldRule rule) {
    Shape shape = shape_of(dest);
    if (shape == Shape::none) shape = shape_of(patch);
    for (const Value* one : {dest, patch}) {
      const Shape other = shape_of(one);
      if (other != Shape::none && other != shape) {
        throw Unfit{"at " + place() + " the object has " + std::string(name_of(shape)) + ", the patch " +
                    std::string(name_of(other))};
      }
    }
    switch (shape) {
      case Shape::none: return dest != nullptr && dest->is_nil() && patch == nullptr ? std::optional(*dest) : std::nullopt;
      case Shape::scalar: return scalars(dest, patch);
      case Shape::list: return rule.is_merged_list ? lists(dest, patch, rule) : replaced(dest, patch);
      case Shape::map: return maps(dest, patch, rule.type);
    }
    return std::nullopt;
  }

 private:
  static std::optional<Value> replaced(const Value* dest, const Value* patch) {
    if (patch == nullptr) return *dest;
    return is_null(*patch) ? std::nullopt : std::optional(*patch);
  }

  /// What takes the place of something is written as that was: what stands in quotes is a text.
  std::optional<Value> scalars(const Value* dest, const Value* patch) const {
    auto value = replaced(dest, patch);
    if (!value || shape_of(dest) == Shape::none || patch == nullptr) return value;
    const bool quotes = dest->is_string() && is_quoted(*dest);
    if (!value->is_string() && !quotes) return value;
    const Text text = scalar_text(*value);
    value = Value::of_string(text.has_marks() ? Text(text.view(), Marks(text.marks().begin(), text.marks().end()))
                                              : Text(text.view()));
    if (quotes && !text.empty()) {
      quoted_.texts.insert(value->identity());
      quoted_.kept.push_back(*value);
    }
    return value;
  }

  bool is_quoted(const Value& text) const {
    if (text.size() == 0) return true;
    if (!rewritten_) return quoted_.texts.contains(text.identity());
    const auto written = to_yaml_pretty(text);
    return written && !written->empty() && std::string_view("\"'|>").find(written->view().front()) != std::string_view::npos;
  }

  struct Sides {
    Value base, over;
  };
  /// What is merged, once the directives of the patch are obeyed; nothing where they, or a null, remove all of it.
  std::optional<Sides> sides(const Value* dest, const Value* patch) {
    Sides both{dest == nullptr ? Value() : *dest, patch == nullptr ? Value() : *patch};
    if (is_null(both.base)) {
      if (take_directive(both.over) == Directive::remove) return std::nullopt;
      both.base = both.over;
    } else if (patch != nullptr) {
      if (is_null(both.over)) return std::nullopt;
      const Directive directive = take_directive(both.over);
      if (directive == Directive::remove) return std::nullopt;
      if (directive == Directive::replace) both.base = both.over;
    }
    return both;
  }

  std::optional<Value> maps(const Value* dest, const Value* patch, Type type) {
    auto both = sides(dest, patch);
    if (!both) return std::nullopt;
    auto& [base, over] = *both;
    if (type == Type::unknown) type = type_of_object(text_at(base, {"apiVersion"}), text_at(base, {"kind"}));
    return merged_fields(base, over, type);
  }

  Value merged_fields(const Value& base, const Value& over, Type type) {
    std::set<Text> names;
    for (const Value* one : {&base, &over}) {
      if (one->map() == nullptr) continue;
      for (const Map::Entry& entry : *one->map()) names.insert(entry.key);
    }
    Value merged = Value::new_map();
    for (const Text& name : names) {
      path_.push_back(name.str());
      auto value = walk(base.find(name), over.find(name), field_rule(type, name));
      if (value) merged.map()->set(name, std::move(*value));
      path_.pop_back();
    }
    return merged;
  }

  std::optional<Value> lists(const Value* dest, const Value* patch, const FieldRule& rule) {
    auto both = sides(dest, patch);
    if (!both) return std::nullopt;
    auto& [base, over] = *both;
    if (rule.keys[0].empty()) return merged_scalars(base, over);
    return merged_elements(base, over, rule);
  }

  static Value merged_scalars(const Value& base, const Value& over) {
    std::vector<Value> merged;
    std::set<std::string> seen;
    for (const Value* list : {&over, &base}) {
      for (const Value& item : list->items()) {
        if (seen.insert(scalar_text(item).str()).second) merged.push_back(item);
      }
    }
    return Value::new_list(std::move(merged));
  }

  std::optional<Value> merged_elements(const Value& base, const Value& over, const FieldRule& rule) {
    Names keys{std::string(rule.keys[0])};
    if (!rule.keys[1].empty()) keys.emplace_back(rule.keys[1]);
    std::vector<Names> all;
    for (const Value* list : {&over, &base}) {
      for (const Value& element : list->items()) {
        Names values = key_values(element, keys);
        if (std::find(all.begin(), all.end(), values) == all.end()) all.push_back(std::move(values));
      }
    }
    if (all.empty()) return base;
    if (keys.size() > 1) unify(all);
    std::vector<Value> there(base.items().begin(), base.items().end());
    const std::vector<Value> wanted(over.items().begin(), over.items().end());
    std::vector<Value> merged;
    Names used;
    for (const Names& values_of_all : all) {
      used = keys;
      Names values = values_of_all;
      drop_unused(all, used, values);
      add_element(there, wanted, merged, used, values, rule.type);
    }
    return with_the_rest(std::move(merged), there, used);
  }

  void add_element(std::vector<Value>& there, const std::vector<Value>& wanted, std::vector<Value>& merged, const Names& keys,
                   const Names& values, Type type) {
    Names own_keys = keys, own_values = values;
    drop_unused({values}, own_keys, own_values);
    const std::size_t old = find_element(there, own_keys, own_values), fresh = find_element(wanted, own_keys, own_values);
    const Value* dest = old < there.size() ? &there[old] : nullptr;
    const Value* patch = fresh < wanted.size() ? &wanted[fresh] : nullptr;
    path_.push_back("[" + values.front() + "]");
    auto value = walk(dest, patch, {type, false, {}});
    path_.pop_back();
    if (!value || is_empty(*value)) return remove_elements(there, keys, values);
    if (value->map() != nullptr) {
      for (std::size_t i = 0; i < keys.size(); ++i) {
        if (value->find(keys[i]) == nullptr && !values[i].empty()) value->map()->set(keys[i], Value::of_string(values[i]));
      }
    }
    // what merges changes the element where it stands; what replaces it does not
    const bool replaces = dest != nullptr && patch != nullptr && patch->find(directive_key) != nullptr &&
                          patch->find(directive_key)->str() == "replace";
    if (dest != nullptr && !replaces) there[old] = *value;
    put_element(merged, *value, keys, values);
  }

  /// The elements of the patch come first. With one key an old element takes the place of the patch's, with several its own.
  static Value with_the_rest(std::vector<Value> merged, const std::vector<Value>& there, const Names& keys) {
    for (const Value& element : there) {
      Names known_keys, values;
      for (const std::string& key : keys) {
        const Value* field = element.find(key);
        if (field == nullptr || is_null(*field)) continue;
        known_keys.push_back(key);
        values.push_back(scalar_text(*field).str());
      }
      if (known_keys.empty()) {
        merged.push_back(element);
        continue;
      }
      if (keys.size() > 1) remove_elements(merged, known_keys, values);
      put_element(merged, element, known_keys, values);
    }
    return Value::new_list(std::move(merged));
  }

  std::string place() const {
    std::string text;
    for (const std::string& step : path_) text += (text.empty() || step.starts_with('[') ? "" : ".") + step;
    return text;
  }

  Quoted& quoted_;
  bool rewritten_;
  std::vector<std::string> path_;
};

}  // namespace

Result<std::optional<Value>> merge_strategically(const Value& object, const Value& patch, Quoted& quoted, bool rewritten) {
  try {
    return Merger(quoted, rewritten).walk(&object, &patch, {});
  } catch (const Unfit& unfit) {
    return Error{Errc::invalid, unfit.why};
  }
}

}  // namespace sluice::kustomize
