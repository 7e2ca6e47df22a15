// Asking for types. A type tells nothing about a secret value, so these answers are never marked.

#include "core/functions/support.hpp"

namespace sluice::functions {
namespace {

Result<Value> kind_of(Call&, Arguments args) { return make_text(kind_name(args[0])); }
Result<Value> type_of(Call&, Arguments args) { return make_text(type_name(args[0])); }
Result<Value> kind_is(Call&, Arguments args) { return Value::of_bool(args[0].str() == kind_name(args[1])); }
Result<Value> type_is(Call&, Arguments args) { return Value::of_bool(args[0].str() == type_name(args[1])); }

Result<Value> type_is_like(Call&, Arguments args) {
  std::string_view name = type_name(args[1]);
  if (name == args[0].str()) return Value::of_bool(true);
  return Value::of_bool(name.starts_with('*') && name.substr(1) == args[0].str());
}

Result<Value> deep_equal(Call&, Arguments args) { return Value::of_bool(sluice::deep_equal(args[0], args[1])); }

}  // namespace

void add_reflect_functions(FunctionTable& table) {
  constexpr GoType any = GoType::any, string = GoType::string;
  define(table, {
                    {"kindOf", {any}, kind_of, all_contents},
                    {"typeOf", {any}, type_of, all_contents},
                    {"kindIs", {string, any}, kind_is, content_2},
                    {"typeIs", {string, any}, type_is, content_2},
                    {"typeIsLike", {string, any}, type_is_like, content_2},
                    {"deepEqual", {any, any}, deep_equal},
                });
}

}  // namespace sluice::functions
