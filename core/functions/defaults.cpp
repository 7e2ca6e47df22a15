// Choosing between values by whether they are empty.

#include <algorithm>

#include "core/functions/support.hpp"

namespace sluice::functions {
namespace {

/// Whether the value's own emptiness is a secret. What lies inside lists and maps does not matter for it.
Value answer(bool yes, std::span<const Value> about) {
  Value value = Value::of_bool(yes);
  value.set_secret_bit(std::any_of(about.begin(), about.end(), [](const Value& v) {
    return v.secret_bit() || ((v.is_string() || v.kind() == Kind::bytes) && v.text().has_marks());
  }));
  return value;
}

Result<Value> default_value(Call&, Arguments args) {
  if (args.size() < 2 || is_empty(args[1])) return std::move(args[0]);
  return std::move(args[1]);
}

Result<Value> empty(Call&, Arguments args) { return answer(is_empty(args[0]), args); }

Result<Value> coalesce(Call&, Arguments args) {
  for (Value& arg : args)
    if (!is_empty(arg)) return std::move(arg);
  return Value();
}

Result<Value> all(Call&, Arguments args) { return answer(std::none_of(args.begin(), args.end(), is_empty), args); }
Result<Value> any_of(Call&, Arguments args) { return answer(!std::all_of(args.begin(), args.end(), is_empty), args); }
Result<Value> ternary(Call&, Arguments args) { return std::move(args[args[2].as_bool() ? 0 : 1]); }

}  // namespace

void add_default_functions(FunctionTable& table) {
  constexpr GoType any = GoType::any;
  define(table, {
                    {"default", {any, any}, default_value, all_contents, Arity::variadic},
                    {"empty", {any}, empty, all_contents},
                    {"coalesce", {any}, coalesce, all_contents, Arity::variadic},
                    {"all", {any}, all, all_contents, Arity::variadic},
                    {"any", {any}, any_of, all_contents, Arity::variadic},
                    {"ternary", {any, any, GoType::boolean}, ternary, Contents(content_1 | content_2)},
                });
}

}  // namespace sluice::functions
