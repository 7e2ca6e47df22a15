#include "core/functions/support.hpp"

#include <limits>

#include "core/value/fmt.hpp"
#include "core/value/text.hpp"

namespace sluice::functions {
namespace {

/// Marks all of the result when an argument that only steers it is marked.
gotemplate::FunctionBody with_steering(Body body, unsigned contents, std::size_t parameters) {
  return [body, contents, parameters](Call& call, Arguments arguments) {
    bool secret = false;
    for (std::size_t i = 0; i < arguments.size() && !secret; ++i)
      if ((contents >> std::min(i, parameters - 1) & 1) == 0) secret = has_marks(arguments[i]);
    Result<Value> result = body(call, arguments);
    if (secret && result) return Result<Value>(mark_secret(*result));
    return result;
  };
}

/// "1.00" -> "1": cast cuts a fraction of zeros off before it reads an integer.
std::string_view without_zero_fraction(std::string_view text) {
  const std::size_t last = text.find_last_not_of('0');
  if (last == std::string_view::npos || last + 1 == text.size() || text[last] != '.') return text;
  return text.substr(0, last);
}

}  // namespace

void define(FunctionTable& table, std::initializer_list<Definition> definitions) {
  for (const Definition& definition : definitions) {
    const unsigned every = definition.parameters.empty() ? 0 : (2U << (definition.parameters.size() - 1)) - 1;
    const bool precise = definition.contents != no_contents;
    const bool steered = precise && (definition.contents & every) != every;
    gotemplate::FunctionBody body = definition.body;
    if (steered) body = with_steering(definition.body, definition.contents, definition.parameters.size());
    table.add({.name = definition.name,
               .parameters = definition.parameters,
               .arity = definition.arity,
               .body = std::move(body),
               .marks = precise ? MarkRule::precise : MarkRule::spread});
  }
}

Text strval(const Value& value) {
  if (value.is_string() || value.kind() == Kind::bytes) return value.text();
  return to_text(value);
}

std::vector<Text> strslice(const Value& value) {
  std::vector<Text> texts;
  if (value.is_list()) {
    texts.reserve(value.size());
    for (const Value& item : value.items())
      if (!item.is_nil()) texts.push_back(strval(item));
  } else if (value.kind() == Kind::bytes) {
    for (char c : value.str()) texts.emplace_back(std::to_string(static_cast<unsigned char>(c)));
    if (value.text().has_marks())
      for (Text& text : texts) text = text.marked();
  } else if (!value.is_nil()) {
    texts.push_back(strval(value));
  }
  return texts;
}

bool is_empty(const Value& value) { return !is_truthy(value); }

std::int64_t truncate_to_int64(double x) {
  constexpr double limit = 9223372036854775808.0;
  if (!(x >= -limit && x < limit)) return std::numeric_limits<std::int64_t>::min();
  return static_cast<std::int64_t>(x);
}

std::int64_t to_int64(const Value& value) {
  switch (value.kind()) {
    case Kind::int_:
    case Kind::int64: return value.as_int();
    case Kind::uint64: return static_cast<std::int64_t>(value.as_uint());
    case Kind::float64: return truncate_to_int64(value.as_float());
    case Kind::boolean: return value.as_bool() ? 1 : 0;
    case Kind::string: {
      const auto number = parse_int(without_zero_fraction(value.str()), 0);
      return number ? number.value : 0;
    }
    default: return 0;
  }
}

double to_float64(const Value& value) {
  switch (value.kind()) {
    case Kind::int_:
    case Kind::int64: return static_cast<double>(value.as_int());
    case Kind::uint64: return static_cast<double>(value.as_uint());
    case Kind::float64: return value.as_float();
    case Kind::boolean: return value.as_bool() ? 1 : 0;
    case Kind::string: {
      const auto number = parse_float(value.str());
      return number ? number.value : 0;
    }
    default: return 0;
  }
}

Result<> check_size(const Call& call, std::uint64_t size) {
  if (size <= limits::builder_bytes) return {};
  return past_limit("the result of " + std::string(call.function_name()), limits::builder_bytes, "bytes");
}

Result<> check_elements(const Call& call, std::uint64_t count) {
  if (count <= limits::list_elements) return {};
  return past_limit("the result of " + std::string(call.function_name()), limits::list_elements, "elements");
}

Value make_strings(std::vector<Text> texts) {
  std::vector<Value> items;
  items.reserve(texts.size());
  for (Text& text : texts) items.push_back(Value::of_string(std::move(text)));
  return Value::new_list(std::move(items), ListType::strings);
}

bool marks_cut_characters(const Text& text) {
  auto inside = [view = text.view()](std::size_t at) {
    return at < view.size() && (static_cast<unsigned char>(view[at]) & 0xC0) == 0x80;
  };
  for (const Mark& mark : text.marks())
    if (inside(mark.begin) || inside(mark.end)) return true;
  return false;
}

}  // namespace sluice::functions
