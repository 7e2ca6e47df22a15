// Dicts: read, changed, merged. `set`, `unset` and the merges change the map that they are given, as in Go.

#include "core/functions/support.hpp"
#include "core/value/fmt.hpp"
#include "core/value/walk.hpp"

namespace sluice::functions {
namespace {

Value make_dict(std::vector<Map::Entry> entries) { return Value::of_map(make_ref<Map>(std::move(entries))); }

Result<Value> dict(Call& call, Arguments args) {
  if (auto fits = check_elements(call, args.size()); !fits) return std::move(fits).error();
  std::vector<Map::Entry> entries;
  entries.reserve((args.size() + 1) / 2);
  for (std::size_t i = 0; i < args.size(); i += 2)
    entries.push_back({strval(args[i]), i + 1 < args.size() ? std::move(args[i + 1]) : make_text("")});
  return make_dict(std::move(entries));
}

Result<Value> get(Call&, Arguments args) {
  const Value* found = args[0].find(args[1].str());
  return found ? *found : make_text("");
}

/// Puts an element into a map that templates know already.
void put(Call& call, const Value& map, const Text& key, Value element) {
  if (const auto* host = call.host<FunctionHost>()) host->loops.add(map, element);
  map.map()->set(key, std::move(element));
}

Result<Value> set(Call& call, Arguments args) {
  if (!args[0].map()) return failure("assignment to entry in nil map");
  put(call, args[0], args[1].text(), std::move(args[2]));
  return args[0].with_type(MapType::any);
}

Result<Value> unset(Call&, Arguments args) {
  if (args[0].map()) args[0].map()->erase(args[1].str());
  return args[0].with_type(MapType::any);
}

Result<Value> has_key(Call&, Arguments args) { return Value::of_bool(args[0].find(args[1].str()) != nullptr); }

Result<Value> pluck(Call&, Arguments args) {
  std::vector<Value> found;
  for (const Value& map : args.subspan(1))
    if (const Value* value = map.find(args[0].str())) found.push_back(*value);
  return Value::new_list(std::move(found));
}

Result<Value> keys(Call&, Arguments args) {
  std::vector<Text> names;
  for (const Value& map : args)
    if (map.map())
      for (const Map::Entry& entry : *map.map()) names.push_back(entry.key);
  return make_strings(std::move(names));
}

Result<Value> values(Call&, Arguments args) {
  std::vector<Value> all;
  if (args[0].map())
    for (const Map::Entry& entry : *args[0].map()) all.push_back(entry.value);
  return Value::new_list(std::move(all));
}

Result<Value> pick(Call&, Arguments args) {
  std::vector<Map::Entry> kept;
  for (const Value& key : args.subspan(1))
    if (const Value* value = args[0].find(key.str())) kept.push_back({key.text(), *value});
  return make_dict(std::move(kept));
}

Result<Value> omit(Call&, Arguments args) {
  Ref<Map> kept = args[0].map() ? make_ref<Map>(*args[0].map()) : make_ref<Map>();
  for (const Value& key : args.subspan(1)) kept->erase(key.str());
  return Value::of_map(std::move(kept));
}

Error not_a(std::string_view wanted, const Value& value) {
  const std::string_view is = value.is_nil() ? "nil" : type_name(value);
  return failure("interface conversion: interface {} is " + std::string(is) + ", not " + std::string(wanted));
}

bool is_plain_map(const Value& value) { return value.is_map() && value.map_type() == MapType::any; }

Result<Value> dig(Call&, Arguments args) {
  if (args.size() < 3) return failure("dig needs at least three arguments");
  constexpr std::string_view map_type = "map[string]interface {}";
  const Value& whole = args.back();
  if (!is_plain_map(whole)) return not_a(map_type, whole);
  const std::size_t steps = args.size() - 2;
  for (std::size_t i = 0; i < steps; ++i)
    if (!args[i].is_string()) return not_a("string", args[i]);
  const Value* at = &whole;
  for (std::size_t i = 0; i < steps; ++i) {
    if (!is_plain_map(*at)) return not_a(map_type, *at);
    const Value* next = at->find(args[i].str());
    if (!next) return args[steps];
    at = next;
  }
  // The way to it may be a secret, too.
  for (std::size_t i = 0; i < steps; ++i)
    if (has_marks(args[i])) return mark_secret(*at);
  return *at;
}

enum class Overwrite { no, yes };

/// Follows: mergo 1.0.1 on maps, down to what is shared with the source and what is not.
class Merger {
 public:
  Merger(Call& call, Overwrite overwrite) : call_(call), overwrite_(overwrite) {}

  void merge(const Value& target, const Value& source, int depth) {
    Walk::check_depth(depth);
    // By index: source may be (a part of) target, which grows.
    for (std::size_t i = 0; i < source.size(); ++i) {
      walk_.count();
      const Map::Entry entry = source.map()->entries()[i];
      if (entry.value.is_nil()) {
        if (overwrite_ == Overwrite::yes) put(call_, target, entry.key, entry.value);
        continue;
      }
      const Value* mine = target.find(entry.key.view());
      if (!mine) {
        put(call_, target, entry.key, entry.value);
        continue;
      }
      if (mine->is_map() && entry.value.is_map()) {
        const Value inner = *mine;
        if (inner.map() && entry.value.map() && inner.map() != entry.value.map()) merge(inner, entry.value, depth + 1);
        if (inner.size() == 0) put(call_, target, entry.key, entry.value);
        continue;
      }
      const bool is_pointer = entry.value.is_object() && entry.value.object()->go_kind() == "ptr";
      if (is_empty(*mine) || (overwrite_ == Overwrite::yes && !is_pointer)) put(call_, target, entry.key, entry.value);
    }
  }

 private:
  Call& call_;
  Overwrite overwrite_;
  Walk walk_;
};

Result<Value> merge_all(Call& call, Arguments args, Overwrite overwrite) {
  Value target = args[0].with_type(MapType::any);
  for (const Value& source : args.subspan(1)) {
    if (!source.map() || source.map() == target.map()) continue;
    if (!target.map()) target = Value::new_map();
    Merger(call, overwrite).merge(target, source, 0);
  }
  return target;
}

Result<Value> merge(Call& call, Arguments args) { return merge_all(call, args, Overwrite::no); }
Result<Value> merge_overwrite(Call& call, Arguments args) { return merge_all(call, args, Overwrite::yes); }

Result<Value> deep_copy(Call&, Arguments args) {
  if (args[0].is_nil()) return failure("reflect: call of reflect.Value.Type on zero Value");
  return sluice::deep_copy(args[0]);
}

}  // namespace

void add_dict_functions(FunctionTable& table) {
  constexpr GoType any = GoType::any, string = GoType::string, map = GoType::map_any;
  constexpr Arity variadic = Arity::variadic;
  define(table, {
                    {"dict", {any}, dict, all_contents, variadic},
                    {"get", {map, string}, get, content_1},
                    {"set", {map, string, any}, set, all_contents},
                    {"unset", {map, string}, unset, all_contents},
                    {"hasKey", {map, string}, has_key, content_1},
                    {"pluck", {string, map}, pluck, content_2, variadic},
                    {"keys", {map}, keys, all_contents, variadic},
                    {"values", {map}, values, all_contents},
                    {"pick", {map, string}, pick, all_contents, variadic},
                    {"omit", {map, string}, omit, content_1, variadic},
                    {"dig", {any}, dig, all_contents, variadic},
                    {"merge", {map, map}, merge, all_contents, variadic},
                    {"mustMerge", {map, map}, merge, all_contents, variadic},
                    {"mergeOverwrite", {map, map}, merge_overwrite, all_contents, variadic},
                    {"mustMergeOverwrite", {map, map}, merge_overwrite, all_contents, variadic},
                    {"deepCopy", {any}, deep_copy, all_contents},
                    {"mustDeepCopy", {any}, deep_copy, all_contents},
                });
}

}  // namespace sluice::functions
