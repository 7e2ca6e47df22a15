// TOML, in and out.

#include "core/functions/support.hpp"
#include "core/value/toml.hpp"

namespace sluice::functions {
namespace {

/// What cannot be written gives the error's text.
template <TomlRules rules>
Result<Value> toml_text(Call&, Arguments args) {
  if (args[0].is_nil()) return failure("reflect: call of reflect.Value.Type on zero Value");
  auto text = sluice::to_toml(args[0], rules);
  return make_text(text ? std::move(*text) : Text(text.error().what));
}
template <TomlRules rules>
Result<Value> must_toml_text(Call&, Arguments args) {
  auto text = sluice::to_toml(args[0], rules);
  if (!text) return std::move(text).error();
  return make_text(std::move(*text));
}

template <TomlRules rules>
Result<Value> from_toml(Call&, Arguments args) {
  auto read = read_toml(args[0].str(), rules);
  if (read) return read;
  return Value::new_map({{"Error", make_text(read.error().what)}});
}

}  // namespace

void add_toml_functions(FunctionTable& table, Helm helm) {
  constexpr GoType any = GoType::any, string = GoType::string;
  constexpr auto helm3 = TomlRules::helm3, helm4 = TomlRules::helm4;
  const bool is_helm4 = helm == Helm::v4;
  define(table, {
                    {"toToml", {any}, is_helm4 ? toml_text<helm4> : toml_text<helm3>, all_contents},
                    {"fromToml", {string}, is_helm4 ? from_toml<helm4> : from_toml<helm3>},
                });
  if (is_helm4) define(table, {{"mustToToml", {any}, must_toml_text<helm4>, all_contents}});
}

}  // namespace sluice::functions
