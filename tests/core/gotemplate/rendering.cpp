#include "tests/core/gotemplate/rendering.hpp"

#include <algorithm>

#include "core/value/text.hpp"

namespace sluice::gotemplate {

namespace {

using Arguments = std::span<Value>;

Result<Value> upper(Call&, Arguments arguments) {
  std::string text(arguments[0].str());
  std::transform(text.begin(), text.end(), text.begin(), [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  return Value::of_string(text);
}

Result<Value> repeat(Call&, Arguments arguments) {
  std::string text;
  for (std::int64_t i = 0; i < std::min<std::int64_t>(1000, arguments[0].as_int()); ++i) text += arguments[1].str();
  return Value::of_string(text);
}

Result<Value> add(Call&, Arguments arguments) {
  std::int64_t sum = 0;
  for (const Value& value : arguments) {
    if (value.is_integer()) sum += value.as_int();
    if (value.kind() == Kind::float64) sum += static_cast<std::int64_t>(value.as_float());
  }
  return Value::of_int64(sum);
}

Result<Value> dict(Call&, Arguments arguments) {
  Value map = Value::new_map();
  for (std::size_t i = 0; i + 1 < arguments.size(); i += 2) map.map()->set(arguments[i].text(), arguments[i + 1]);
  return map;
}

Result<Value> split(Call&, Arguments arguments) {
  const std::string text(arguments[1].str());
  Value map = Value::new_map({}, MapType::strings);
  std::size_t from = 0;
  for (int i = 0;; ++i) {
    const std::size_t at = text.find(arguments[0].str(), from);
    map.map()->set("_" + std::to_string(i), Value::of_string(text.substr(from, at - from)));
    if (at == std::string::npos) return map;
    from = at + 1;
  }
}

Result<Value> nindent(Call&, Arguments arguments) {
  TextBuilder out;
  const std::string pad(static_cast<std::size_t>(arguments[0].as_int()), ' ');
  out.append("\n" + pad);
  for (const char c : arguments[1].str()) {
    out.append(c);
    if (c == '\n') out.append(pad);
  }
  return Value::of_string(out.finish());
}

Result<Value> include(Call& call, Arguments arguments) {
  auto text = call.execute_template(arguments[0].str(), arguments[1]);
  if (!text) return text.error();
  return Value::of_string(*text);
}

Result<Value> tpl(Call& call, Arguments arguments) {
  Stage stage{};
  auto text = call.parse_and_execute(arguments[0].text(), arguments[1], stage);
  if (text) return Value::of_string(without_no_value(*text));
  const std::string doing = stage == Stage::parsing ? "cannot parse template " : "error during tpl function execution for ";
  return std::move(text).error().during(doing + quoted(arguments[0].str()));
}

FunctionTable make_functions() {
  FunctionTable table;
  table.add({"upper", {GoType::string}, Arity::fixed, upper});
  table.add({"repeat", {GoType::int_, GoType::string}, Arity::fixed, repeat});
  table.add({"add", {GoType::any}, Arity::variadic, add});
  table.add({"list", {GoType::any}, Arity::variadic,
             [](Call&, Arguments arguments) -> Result<Value> { return Value::new_list({arguments.begin(), arguments.end()}); },
             MarkRule::precise});
  table.add({"dict", {GoType::any}, Arity::variadic, dict, MarkRule::precise});
  table.add({"keep", {GoType::any}, Arity::fixed, [](Call&, Arguments arguments) -> Result<Value> { return arguments[0]; },
             MarkRule::precise});
  table.add({"hasKey", {GoType::map_any, GoType::string}, Arity::fixed, [](Call&, Arguments arguments) -> Result<Value> {
               return Value::of_bool(arguments[0].find(arguments[1].str()) != nullptr);
             }});
  table.add({"round", {GoType::float64, GoType::int_, GoType::float64}, Arity::variadic,
             [](Call&, Arguments arguments) -> Result<Value> { return arguments[0]; }});
  table.add({"unsigned", {GoType::uint32}, Arity::fixed, [](Call&, Arguments arguments) -> Result<Value> { return arguments[0]; }});
  table.add({"set", {GoType::map_any, GoType::string, GoType::any}, Arity::fixed, [](Call&, Arguments arguments) -> Result<Value> {
               if (!arguments[0].map()) return Error{Errc::invalid, "assignment to entry in nil map"};
               arguments[0].map()->set(arguments[1].text(), arguments[2]);
               return arguments[0];
             }});
  table.add({"split", {GoType::string, GoType::string}, Arity::fixed, split});
  table.add({"nindent", {GoType::int_, GoType::string}, Arity::fixed, nindent});
  table.add({"include", {GoType::string, GoType::any}, Arity::fixed, include, MarkRule::precise});
  table.add({"tpl", {GoType::string, GoType::any}, Arity::fixed, tpl, MarkRule::precise});
  table.add({"fail", {GoType::string}, Arity::fixed, [](Call&, Arguments arguments) -> Result<Value> {
               return Error{Errc::invalid, author_message(arguments[0].str())};
             }});
  return table;
}

}  // namespace

const FunctionTable& test_functions() {
  static const FunctionTable table = make_functions();
  return table;
}

std::string render(std::string_view text, const Value& dot, const Options& options) {
  TemplateSet set("gotpl", test_functions());
  if (auto added = set.add("t", std::string(text)); !added) return added.error().what;
  auto output = execute(set, "t", dot, options);
  return output ? output->str() : output.error().what;
}

Value sample() {
  return Value::new_map({{"a", Value::of_float(1)},
                         {"s", Value::of_string("str")},
                         {"t", Value::of_bool(true)},
                         {"nul", Value()},
                         {"l", Value::new_list({Value::of_string("x"), Value::of_float(2), Value()})},
                         {"m", Value::new_map({{"k", Value::of_string("v")}, {"n", Value::new_map({{"deep", Value::of_int(3)}})}})},
                         {"el", Value::new_list()},
                         {"em", Value::new_map()}});
}

}  // namespace sluice::gotemplate
