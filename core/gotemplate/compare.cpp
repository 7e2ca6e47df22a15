#include <compare>
#include <string>

#include "core/gotemplate/builtins.hpp"
#include "core/value/fmt.hpp"
#include "core/value/segments.hpp"

namespace sluice::gotemplate {

namespace {

/// The classes of values that can be compared with each other; int and uint also among themselves.
enum class Class { none, boolean, complex, int_, uint, float_, string };

Class class_of(const Value& value) {
  switch (value.kind()) {
    case Kind::boolean: return Class::boolean;
    case Kind::int_:
    case Kind::int64: return Class::int_;
    case Kind::uint64: return Class::uint;
    case Kind::float64: return Class::float_;
    case Kind::complex128: return Class::complex;
    case Kind::string: return Class::string;
    default: return Class::none;
  }
}

Error incompatible(const Value& a, const Value& b) {
  return {Errc::invalid, "incompatible types for comparison: " + std::string(type_name(a)) + " and " + std::string(type_name(b))};
}

const Error no_comparison{Errc::invalid, "missing argument for comparison"};
const Error bad_type{Errc::invalid, "invalid type for comparison"};

/// As %s prints it.
std::string shown(const Value& value) { return masked(sprintf("%s", std::span(&value, 1))); }

bool is_nil_like(const Value& value) { return value.is_nil() || value.is_typed_nil(); }

/// Of two values that have no class: nil, lists, maps, structs.
Result<bool> equal_others(const Value& a, const Value& b) {
  if (!a.is_nil() && !b.is_nil() && kind_name(a) != kind_name(b)) {
    return Error{Errc::invalid, "non-comparable types " + shown(a) + ": " + std::string(type_name(a)) + ", " +
                                    std::string(type_name(b)) + ": " + masked(to_text(b))};
  }
  if (is_nil_like(a) || is_nil_like(b)) return is_nil_like(a) == is_nil_like(b);
  if (!b.is_object() || kind_name(b) == "map") {
    return Error{Errc::invalid, "non-comparable type " + shown(b) + ": " + std::string(type_name(b))};
  }
  return type_name(a) == type_name(b) && a.object()->equals(*b.object());
}

Result<bool> equal(const Value& a, const Value& b) {
  const Class of_a = class_of(a);
  const Class of_b = class_of(b);
  if (of_a == Class::int_ && of_b == Class::uint) return a.as_int() >= 0 && static_cast<std::uint64_t>(a.as_int()) == b.as_uint();
  if (of_a == Class::uint && of_b == Class::int_) return b.as_int() >= 0 && static_cast<std::uint64_t>(b.as_int()) == a.as_uint();
  if (of_a != of_b) {
    if (!a.is_nil() && !b.is_nil()) return incompatible(a, b);
    return false;
  }
  switch (of_a) {
    case Class::boolean: return a.as_bool() == b.as_bool();
    case Class::complex: return a.as_complex() == b.as_complex();
    case Class::int_: return a.as_int() == b.as_int();
    case Class::uint: return a.as_uint() == b.as_uint();
    case Class::float_: return a.as_float() == b.as_float();
    case Class::string: return a.str() == b.str();
    case Class::none: return equal_others(a, b);
  }
  return false;
}

Result<bool> less(const Value& a, const Value& b) {
  const Class of_a = class_of(a);
  const Class of_b = class_of(b);
  if (of_a == Class::none || of_b == Class::none) return bad_type;
  if (of_a == Class::int_ && of_b == Class::uint) return a.as_int() < 0 || static_cast<std::uint64_t>(a.as_int()) < b.as_uint();
  if (of_a == Class::uint && of_b == Class::int_) return b.as_int() >= 0 && a.as_uint() < static_cast<std::uint64_t>(b.as_int());
  if (of_a != of_b) return incompatible(a, b);
  switch (of_a) {
    case Class::int_: return a.as_int() < b.as_int();
    case Class::uint: return a.as_uint() < b.as_uint();
    case Class::float_: return a.as_float() < b.as_float();
    case Class::string: return a.str() < b.str();
    default: return bad_type;
  }
}

Result<bool> less_or_equal(const Value& a, const Value& b) {
  const auto is_less = less(a, b);
  if (!is_less || *is_less) return is_less;
  return equal(a, b);
}

Result<Value> to_value(const Result<bool>& truth, bool inverted = false) {
  if (!truth) return truth.error();
  return Value::of_bool(*truth != inverted);
}

}  // namespace

Result<Value> eq(std::span<const Operand> arguments) {
  if (arguments.size() < 2) return no_comparison;
  for (const Operand& other : arguments.subspan(1)) {
    const auto same = equal(arguments[0].value, other.value);
    if (!same) return same.error();
    if (*same) return Value::of_bool(true);
  }
  return Value::of_bool(false);
}

Result<Value> ne(std::span<const Operand> arguments) { return to_value(equal(arguments[0].value, arguments[1].value), true); }
Result<Value> lt(std::span<const Operand> arguments) { return to_value(less(arguments[0].value, arguments[1].value)); }
Result<Value> le(std::span<const Operand> arguments) { return to_value(less_or_equal(arguments[0].value, arguments[1].value)); }
Result<Value> gt(std::span<const Operand> arguments) {
  return to_value(less_or_equal(arguments[0].value, arguments[1].value), true);
}
Result<Value> ge(std::span<const Operand> arguments) { return to_value(less(arguments[0].value, arguments[1].value), true); }

}  // namespace sluice::gotemplate
