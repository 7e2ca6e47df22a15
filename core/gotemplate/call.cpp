#include <algorithm>
#include <array>

#include "core/gotemplate/builtins.hpp"
#include "core/gotemplate/executor.hpp"
#include "core/value/fmt.hpp"
#include "core/value/text.hpp"

namespace sluice::gotemplate {

namespace {

/// The arguments of one call, on the stack unless there are many.
template <class T>
class Slots {
 public:
  explicit Slots(std::size_t size) : size_(size) {
    if (size > few_.size()) many_ = std::make_unique<T[]>(size);
  }
  T& operator[](std::size_t i) { return data()[i]; }
  std::span<T> span() { return {data(), size_}; }

 private:
  T* data() { return many_ ? many_.get() : few_.data(); }
  std::array<T, 5> few_{};
  std::unique_ptr<T[]> many_;
  std::size_t size_;
};

bool can_be_nil(const Parameter& parameter) {
  switch (parameter.type) {
    case GoType::any:
    case GoType::bytes:
    case GoType::list_any:
    case GoType::list_string:
    case GoType::list_int:
    case GoType::list_list:
    case GoType::map_any:
    case GoType::map_string:
    case GoType::values: return true;
    case GoType::object: return parameter.object.starts_with('*');
    default: return false;
  }
}

/// The nil of a parameter's type.
Value nil_of(const Parameter& parameter) {
  switch (parameter.type) {
    case GoType::bytes: return Value::of_bytes({});
    case GoType::list_any: return Value::nil_list();
    case GoType::list_string: return Value::nil_list(ListType::strings);
    case GoType::list_int: return Value::nil_list(ListType::ints);
    case GoType::list_list: return Value::nil_list(ListType::lists);
    case GoType::map_any: return Value::nil_map();
    case GoType::map_string: return Value::nil_map(MapType::strings);
    case GoType::values: return Value::nil_map(MapType::values);
    default: return {};
  }
}

bool accepts_object(const Parameter& parameter, const Value& value) {
  if (!value.is_object()) return false;
  std::string_view type = value.object()->go_type();
  if (parameter.object.empty() || type == parameter.object) return true;
  // One dereference is done, as Go does.
  return type.starts_with('*') && type.substr(1) == parameter.object;
}

/// Is the value assignable to the parameter, by Go's rules? No number becomes another kind of number.
bool accepts(const Parameter& parameter, const Value& value) {
  switch (parameter.type) {
    case GoType::any: return true;
    case GoType::boolean: return value.is_bool();
    case GoType::int_: return value.kind() == Kind::int_;
    case GoType::int64: return value.kind() == Kind::int64;
    case GoType::uint32: return false;  // no value has this type
    case GoType::uint64: return value.kind() == Kind::uint64;
    case GoType::float64: return value.kind() == Kind::float64;
    case GoType::string: return value.is_string();
    case GoType::bytes: return value.kind() == Kind::bytes;
    case GoType::list_any: return value.is_list() && value.list_type() == ListType::any;
    case GoType::list_string: return value.is_list() && (value.list_type() == ListType::strings || is_versions(value.list_type()));
    case GoType::list_int: return value.is_list() && value.list_type() == ListType::ints;
    case GoType::list_list: return value.is_list() && value.list_type() == ListType::lists;
    case GoType::map_any:
    case GoType::values: return value.is_map() && value.map_type() != MapType::strings;
    case GoType::map_string: return value.is_map() && value.map_type() == MapType::strings;
    case GoType::object: return accepts_object(parameter, value);
  }
  return false;
}

bool has_scalar_marks(const Value& value) {
  return value.secret_bit() || ((value.is_string() || value.kind() == Kind::bytes) && has_marks(value));
}

/// Parameters before the variadic one, and whether there is one.
struct BuiltinArity {
  std::size_t fixed;
  bool is_variadic;
};

BuiltinArity arity_of(Builtin builtin) {
  switch (builtin) {
    case Builtin::not_:
    case Builtin::len: return {1, false};
    case Builtin::ne:
    case Builtin::lt:
    case Builtin::le:
    case Builtin::gt:
    case Builtin::ge: return {2, false};
    case Builtin::print:
    case Builtin::println:
    case Builtin::html:
    case Builtin::js:
    case Builtin::urlquery: return {0, true};
    default: return {1, true};
  }
}

/// As a reflect.Value prints itself.
std::string reflected(const Value& value) {
  if (value.is_string()) return std::string(value.str());
  return "<" + std::string(value.is_nil() ? "invalid" : sluice::type_name(value)) + " Value>";
}

Value escaped(std::span<const Value> arguments, std::string (*escape)(std::string_view)) {
  const Text input = escaper_input(arguments);
  const std::string output = escape(input);
  return Value::of_string(input.has_marks() ? Text::secret(output) : Text(output));
}

}  // namespace

// ---- functions

void Executor::check_arity(std::string_view name, std::size_t fixed, bool is_variadic, const Arguments& arguments) {
  const auto wrong = [&](const std::string& want, std::size_t got) {
    fail("wrong number of args for " + std::string(name) + ": want " + want + " got " + std::to_string(got));
  };
  if (is_variadic) {
    if (arguments.size() < fixed) wrong("at least " + std::to_string(fixed), arguments.count);
  } else if (arguments.size() != fixed) {
    wrong(std::to_string(fixed), arguments.size());
  }
}

Operand Executor::call_function(NodeId word, NodeId reported, const Arguments& arguments) {
  const Node& node = nodes_[word];
  if (node.builtin != Builtin::none) return call_builtin(node, reported, arguments);
  const Function& function = *node.function;
  const auto& parameters = function.parameters;
  const bool is_variadic = function.arity == Arity::variadic;
  const std::size_t fixed = parameters.size() - (is_variadic ? 1 : 0);
  check_arity(function.name, fixed, is_variadic, arguments);

  const std::size_t size = arguments.size();
  Slots<Value> values(size);
  for (std::size_t i = 0; i < arguments.count; ++i) values[i] = argument(parameters[std::min(i, parameters.size() - 1)], arguments.words[i]);
  if (arguments.piped) values[size - 1] = convert(*arguments.piped, parameters[std::min(size, parameters.size()) - 1]);

  const bool spreads =
      has_secrets_ && function.marks == MarkRule::spread && std::any_of(values.span().begin(), values.span().end(), has_marks);
  name_ = function.name;
  if (!has_secrets_) {
    auto result = function.body(*this, values.span());
    if (!result) fail_call(function.name, reported, std::move(result).error(), {});
    return {.value = std::move(*result)};
  }
  std::vector<Value> kept;  // what an error must not show; the function may take its arguments apart
  for (const Value& value : values.span()) {
    if (has_scalar_marks(value)) kept.push_back(value);
  }
  auto result = function.body(*this, values.span());
  if (!result) fail_call(function.name, reported, std::move(result).error(), kept);
  return {.value = spreads ? mark_secret(*result) : std::move(*result)};
}

Operand Executor::call_method(const Method& method, const Operand& receiver, NodeId node, const Arguments& arguments) {
  const auto& parameters = method.parameters;
  check_arity(method.name, parameters.size() - (method.variadic ? 1 : 0), method.variadic, arguments);
  const std::size_t size = arguments.size();
  Slots<Value> values(size);
  const auto parameter = [&](std::size_t i) -> Parameter {
    const GoType type = parameters[std::min(i, parameters.size() - 1)];
    return type == GoType::object && method.name == "Encode" ? Parameter(type, "io.Writer") : Parameter(type);
  };
  for (std::size_t i = 0; i < arguments.count; ++i) values[i] = argument(parameter(i), arguments.words[i]);
  if (arguments.piped) values[size - 1] = convert(*arguments.piped, parameter(size - 1));
  auto result = method.call(receiver.value, values.span());
  if (!result) fail_call(method.name, node, std::move(result).error(), values.span());
  if (has_secrets_ && (receiver.value.secret_bit() || std::any_of(values.span().begin(), values.span().end(), has_marks))) {
    return {.value = mark_secret(*result)};
  }
  return {.value = std::move(*result)};
}

void Executor::fail_call(std::string_view name, NodeId reported, Error inner, std::span<const Value> arguments) {
  at_ = reported;
  if (has_secrets_) inner.what = mask_secrets(std::move(inner.what), arguments);
  const bool is_nested = !cause_.text.empty() && inner.what == cause_.text;
  TemplateError error{inner.code, frame_text("error calling " + std::string(name) + ": " + inner.what)};
  const std::size_t begin = error.text.size() - inner.what.size();
  if (is_nested) {
    for (const std::size_t cause : cause_.causes) error.causes.push_back(begin + cause);
  } else {
    error.causes.push_back(begin);
  }
  cause_ = {};
  throw Failure{std::move(error)};
}

std::string Executor::mask_secrets(std::string text, std::span<const Value> arguments) const {
  const auto mask = [&text](std::string_view secret) {
    for (std::size_t at = text.find(secret); at != std::string::npos; at = text.find(secret, at + 8)) {
      text.replace(at, secret.size(), "(secret)");
    }
  };
  for (const Value& value : arguments) {
    if (value.secret_bit()) mask(to_text(value));
    const Text argument = value.text();
    for (const Mark& part : argument.marks()) {
      const std::string_view secret = argument.view().substr(part.begin, part.end - part.begin);
      mask(secret);
      const std::string in_quotes = quoted(secret);
      mask(std::string_view(in_quotes).substr(1, in_quotes.size() - 2));
    }
  }
  return text;
}

// ---- arguments

Value Executor::argument(const Parameter& parameter, NodeId word) {
  at_ = word;
  switch (nodes_[word].kind) {
    case NodeKind::dot:
      if (options_.wants_source_map) note_element(dot_.value);
      return convert(dot_, parameter);
    case NodeKind::nil:
      if (!can_be_nil(parameter)) fail("cannot assign nil to " + std::string(type_name(parameter)));
      return nil_of(parameter);
    case NodeKind::field:
    case NodeKind::variable:
    case NodeKind::chain: return convert(evaluate_first(word, {}), parameter);
    case NodeKind::pipeline: return convert(evaluate(word), parameter);
    case NodeKind::function: return convert(call_function(word, word, {}), parameter);
    default: return literal_argument(parameter, word);
  }
}

/// A literal takes on the parameter's type, if it can.
Value Executor::literal_argument(const Parameter& parameter, NodeId word) {
  const Node& node = nodes_[word];
  const Number* number = node.kind == NodeKind::number ? &tree_->numbers[node.data] : nullptr;
  const auto expected = [&](const char* what) { fail(std::string("expected ") + what + "; found " + tree_->print(word)); };
  switch (parameter.type) {
    case GoType::any: return number ? ideal_number(word).value : tree_->constants[node.data];
    case GoType::boolean:
      if (node.kind != NodeKind::boolean) expected("bool");
      return tree_->constants[node.data];
    case GoType::string:
      if (node.kind != NodeKind::string) expected("string");
      return tree_->constants[node.data];
    case GoType::int_:
    case GoType::int64:
      if (!number || !number->is_int) expected("integer");
      return parameter.type == GoType::int_ ? Value::of_int(number->int_) : Value::of_int64(number->int_);
    case GoType::uint32:
    case GoType::uint64:
      if (!number || !number->is_uint) expected("unsigned integer");
      return Value::of_uint64(parameter.type == GoType::uint32 ? static_cast<std::uint32_t>(number->uint_) : number->uint_);
    case GoType::float64:
      if (!number || !number->is_float) expected("float");
      return Value::of_float(number->float_);
    default: fail("can't handle " + tree_->print(word) + " for arg of type " + std::string(type_name(parameter)));
  }
}

Value Executor::convert(const Operand& operand, const Parameter& parameter) {
  if (operand.is_invalid()) {
    if (!can_be_nil(parameter)) fail("invalid value; expected " + std::string(type_name(parameter)));
    return nil_of(parameter);
  }
  if (accepts(parameter, operand.value)) return operand.value;
  const std::string_view got = operand.value.is_nil() ? "interface {}" : sluice::type_name(operand.value);
  fail("wrong type for value; expected " + std::string(type_name(parameter)) + "; got " + std::string(got));
}

/// For the builtins that take any reflection value.
Operand Executor::builtin_argument(NodeId word) {
  at_ = word;
  switch (nodes_[word].kind) {
    case NodeKind::dot:
      if (options_.wants_source_map) note_element(dot_.value);
      return dot_;
    case NodeKind::nil: return {};
    case NodeKind::pipeline: return evaluate(word);
    case NodeKind::function: return call_function(word, word, {});
    default: return evaluate_first(word, {});
  }
}

// ---- builtins

Operand Executor::call_and_or(bool is_or, const Arguments& arguments) {
  Operand value;
  for (std::uint32_t i = 0; i < arguments.count; ++i) {
    value = builtin_argument(arguments.words[i]);
    if (is_truthy(value.value) == is_or) return value;
  }
  return arguments.piped ? *arguments.piped : value;
}

Operand Executor::call_builtin(const Node& function, NodeId reported, const Arguments& arguments) {
  const std::string_view name = tree_->names[function.first];
  const auto [fixed, is_variadic] = arity_of(function.builtin);
  check_arity(name, fixed, is_variadic, arguments);
  if (function.builtin == Builtin::and_ || function.builtin == Builtin::or_) {
    return call_and_or(function.builtin == Builtin::or_, arguments);
  }
  if (function.builtin >= Builtin::print) return {.value = call_printer(function.builtin, arguments)};

  Slots<Operand> operands(arguments.size());
  for (std::uint32_t i = 0; i < arguments.count; ++i) operands[i] = builtin_argument(arguments.words[i]);
  if (arguments.piped) operands[arguments.count] = *arguments.piped;
  const auto all = operands.span();
  auto result = [&]() -> Result<Value> {
    switch (function.builtin) {
      case Builtin::not_: return Value::of_bool(!is_truthy(all[0].value));
      case Builtin::eq: return eq(all);
      case Builtin::ne: return ne(all);
      case Builtin::lt: return lt(all);
      case Builtin::le: return le(all);
      case Builtin::gt: return gt(all);
      case Builtin::ge: return ge(all);
      case Builtin::len: return len(all);
      case Builtin::index: return index(all);
      case Builtin::slice: return slice(all);
      default: return call(all, arguments.count > 0 ? tree_->print(arguments.words[0]) : reflected(all[0].value));
    }
  }();
  if (!result) {
    std::vector<Value> values;
    for (const Operand& operand : all) values.push_back(operand.value);
    fail_call(name, reported, std::move(result).error(), values);
  }
  if (has_secrets_ && function.builtin <= Builtin::len && std::ranges::any_of(all, has_scalar_marks, &Operand::value)) {
    result->set_secret_bit(true);
  }
  return {.value = std::move(*result)};
}

/// print, printf, println, html, js, urlquery.
Value Executor::call_printer(Builtin builtin, const Arguments& arguments) {
  const bool is_printf = builtin == Builtin::printf;
  const std::size_t size = arguments.size();
  Slots<Value> slots(size);
  for (std::size_t i = 0; i < size; ++i) {
    const Parameter parameter = is_printf && i == 0 ? GoType::string : GoType::any;
    slots[i] = i < arguments.count ? argument(parameter, arguments.words[i]) : convert(*arguments.piped, parameter);
  }
  const std::span<const Value> values = slots.span();
  switch (builtin) {
    case Builtin::print: return Value::of_string(sprint(values));
    case Builtin::println: return Value::of_string(sprintln(values));
    case Builtin::printf: return Value::of_string(sprintf(values[0].text(), values.subspan(1)));
    case Builtin::html: return escaped(values, html_escape);
    case Builtin::js: return escaped(values, js_escape);
    default: return escaped(values, url_escape);
  }
}

}  // namespace sluice::gotemplate
