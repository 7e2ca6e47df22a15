#include "core/gotemplate/builtins.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "core/value/fmt.hpp"

namespace sluice::gotemplate {

namespace {

Error error(std::string text) { return {Errc::invalid, std::move(text)}; }

/// A position in something of `size` elements.
Result<std::size_t> index_argument(const Value& index, std::size_t size) {
  std::int64_t position = 0;
  switch (index.kind()) {
    case Kind::int_:
    case Kind::int64: position = index.as_int(); break;
    case Kind::uint64: position = static_cast<std::int64_t>(index.as_uint()); break;
    case Kind::nil: return error("cannot index slice/array with nil");
    default: return error("cannot index slice/array with type " + std::string(type_name(index)));
  }
  if (position < 0 || static_cast<std::uint64_t>(position) > size) return error("index out of range: " + std::to_string(position));
  return static_cast<std::size_t>(position);
}

bool is_map_like(const Value& value) { return value.is_map() || (value.is_object() && value.object()->go_kind() == "map"); }

Result<Value> map_element(const Value& map, const Value& key) {
  if (key.is_nil()) return error("value is nil; should be of type string");
  if (!key.is_string()) return error("value has type " + std::string(type_name(key)) + "; should be string");
  if (map.is_object()) {
    Value element = Value::of_bytes({});
    map.object()->field(key.str(), element);
    return element;
  }
  if (const Value* element = map.find(key.str())) return *element;
  return map.map_type() == MapType::strings ? Value::of_string({}) : Value();
}

Result<Value> sequence_element(const Value& sequence, const Value& key) {
  const auto position = index_argument(key, sequence.size());
  if (!position) return position.error();
  if (*position == sequence.size()) {
    return error(sequence.is_string() ? "reflect: string index out of range" : "reflect: slice index out of range");
  }
  if (sequence.is_list()) return sequence.items()[*position];
  Value byte = Value::of_uint64(static_cast<unsigned char>(sequence.str()[*position]));
  byte.set_secret_bit(sequence.text().has_marks());
  return byte;
}

}  // namespace

Result<Value> len(std::span<const Operand> arguments) {
  const Value& value = arguments[0].value;
  switch (value.kind()) {
    case Kind::nil:
      return error(arguments[0].is_wrapped ? "len of nil pointer" : "reflect: call of reflect.Value.Type on zero Value");
    case Kind::string:
    case Kind::bytes:
    case Kind::list:
    case Kind::map: return Value::of_int(static_cast<std::int64_t>(value.size()));
    case Kind::object:
      if (std::vector<Map::Entry> entries; value.object()->entries(entries)) {
        return Value::of_int(static_cast<std::int64_t>(entries.size()));
      }
      break;
    default: break;
  }
  // A pointer is followed before it is asked.
  const std::string_view type = type_name(value);
  return error("len of type " + std::string(type.substr(type.starts_with('*') ? 1 : 0)));
}

Result<Value> index(std::span<const Operand> arguments) {
  Value item = arguments[0].value;
  if (item.is_nil()) return error("index of untyped nil");
  for (const Operand& key : arguments.subspan(1)) {
    if (item.is_nil()) return error("index of nil pointer");
    Result<Value> element = Value();
    if (is_map_like(item)) {
      element = map_element(item, key.value);
    } else if (item.is_list() || item.is_string() || item.kind() == Kind::bytes) {
      element = sequence_element(item, key.value);
    } else {
      return error("can't index item of type " + std::string(type_name(item)));
    }
    if (!element) return element;
    item = std::move(*element);
  }
  return item;
}

Result<Value> slice(std::span<const Operand> arguments) {
  const Value& item = arguments[0].value;
  const auto indexes = arguments.subspan(1);
  if (item.is_nil()) return error("slice of untyped nil");
  if (indexes.size() > 3) return error("too many slice indexes: " + std::to_string(indexes.size()));
  if (!item.is_string() && !item.is_list() && item.kind() != Kind::bytes) {
    return error("can't slice item of type " + std::string(type_name(item)));
  }
  if (item.is_string() && indexes.size() == 3) return error("cannot 3-index slice a string");
  std::array<std::size_t, 3> bounds{0, item.size(), item.size()};
  for (std::size_t i = 0; i < indexes.size(); ++i) {
    // Unlike index, slice does not look into an interface.
    if (indexes[i].is_wrapped) return error("cannot index slice/array with type interface {}");
    const auto bound = index_argument(indexes[i].value, item.size());
    if (!bound) return bound.error();
    bounds[i] = *bound;
  }
  const auto reversed = [](std::size_t a, std::size_t b) {
    return error("invalid slice index: " + std::to_string(a) + " > " + std::to_string(b));
  };
  if (bounds[0] > bounds[1]) return reversed(bounds[0], bounds[1]);
  if (bounds[1] > bounds[2]) return reversed(bounds[1], bounds[2]);
  if (item.is_string()) return Value::of_string(item.text().substr(bounds[0], bounds[1]));
  if (!item.is_list()) return Value::of_bytes(item.text().substr(bounds[0], bounds[1]));
  const auto part = item.items().subspan(bounds[0], bounds[1] - bounds[0]);
  return Value::new_list({part.begin(), part.end()}, item.list_type());
}

Result<Value> call(std::span<const Operand> arguments, std::string_view callee) {
  const Value& function = arguments[0].value;
  if (function.is_nil()) return error("call of nil");
  return error("non-function " + std::string(callee) + " of type " + std::string(type_name(function)));
}

Text escaper_input(std::span<const Value> arguments) {
  if (arguments.size() == 1 && arguments[0].is_string()) return arguments[0].text();
  std::vector<Value> printable(arguments.begin(), arguments.end());
  for (Value& value : printable) {
    if (value.is_nil()) value = Value::of_string("<no value>");
  }
  return sprint(printable);
}

}  // namespace sluice::gotemplate
