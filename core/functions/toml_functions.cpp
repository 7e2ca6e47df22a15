// TOML, in and out.

#include "core/functions/support.hpp"
#include "core/functions/time_value.hpp"
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

/// Times without a zone have one named after their sort, as in the Go library.
Value make_toml_time(const TomlTime& time) {
  const auto zone = [&]() -> std::shared_ptr<const Zone> {
    switch (time.sort) {
      case TomlTime::Sort::local_datetime: return Zone::fixed("datetime-local", 0);
      case TomlTime::Sort::local_date: return Zone::fixed("date-local", 0);
      case TomlTime::Sort::local_time: return Zone::fixed("time-local", 0);
      case TomlTime::Sort::instant: break;
    }
    return time.offset_seconds == 0 ? Zone::utc() : Zone::fixed("", time.offset_seconds);
  };
  return make_time_value(Time{.seconds = time.seconds, .nanoseconds = time.nanoseconds, .zone = zone()});
}

template <TomlRules rules>
Result<Value> from_toml(Call&, Arguments args) {
  auto read = read_toml(args[0].str(), {.rules = rules, .make_time = make_toml_time});
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
