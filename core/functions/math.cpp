// Arithmetic. Whole numbers wrap around as in Go; fractions are added and multiplied as exact decimals.

#include <cmath>
#include <limits>

#include "core/functions/decimal.hpp"
#include "core/functions/support.hpp"
#include "core/value/fmt.hpp"
#include "core/value/text.hpp"

namespace sluice::functions {
namespace {

std::uint64_t wrapping(const Value& value) { return static_cast<std::uint64_t>(to_int64(value)); }
Value whole(std::uint64_t number) { return Value::of_int64(static_cast<std::int64_t>(number)); }

Result<Value> add(Call&, Arguments args) {
  std::uint64_t sum = 0;
  for (const Value& arg : args) sum += wrapping(arg);
  return whole(sum);
}
Result<Value> add1(Call&, Arguments args) { return whole(wrapping(args[0]) + 1); }
Result<Value> sub(Call&, Arguments args) { return whole(wrapping(args[0]) - wrapping(args[1])); }
Result<Value> mul(Call&, Arguments args) {
  std::uint64_t product = wrapping(args[0]);
  for (const Value& arg : args.subspan(1)) product *= wrapping(arg);
  return whole(product);
}

Result<Value> div(Call&, Arguments args) {
  const std::int64_t a = to_int64(args[0]), b = to_int64(args[1]);
  if (b == 0) return failure("runtime error: integer divide by zero");
  return b == -1 ? whole(-static_cast<std::uint64_t>(a)) : Value::of_int64(a / b);
}

Result<Value> mod(Call&, Arguments args) {
  const std::int64_t a = to_int64(args[0]), b = to_int64(args[1]);
  if (b == 0) return failure("runtime error: integer divide by zero");
  return Value::of_int64(b == -1 ? 0 : a % b);
}

Result<Value> max(Call&, Arguments args) {
  std::int64_t best = to_int64(args[0]);
  for (const Value& arg : args.subspan(1)) best = std::max(best, to_int64(arg));
  return Value::of_int64(best);
}
Result<Value> min(Call&, Arguments args) {
  std::int64_t best = to_int64(args[0]);
  for (const Value& arg : args.subspan(1)) best = std::min(best, to_int64(arg));
  return Value::of_int64(best);
}

/// Go's math.Max and math.Min let a NaN win.
Result<Value> extreme(Arguments args, double (*choose)(double, double)) {
  double best = to_float64(args[0]);
  for (const Value& arg : args.subspan(1)) {
    const double next = to_float64(arg);
    best = std::isnan(best) || std::isnan(next) ? std::numeric_limits<double>::quiet_NaN() : choose(best, next);
  }
  return Value::of_float(best);
}
Result<Value> maxf(Call&, Arguments args) {
  return extreme(args, [](double a, double b) { return std::fmax(a, b); });
}
Result<Value> minf(Call&, Arguments args) {
  return extreme(args, [](double a, double b) { return std::fmin(a, b); });
}

Result<Value> combine(Call& call, DecimalOp op, std::vector<double> numbers, Arguments args) {
  for (const Value& arg : args) numbers.push_back(to_float64(arg));
  if (auto paid = call.spend(numbers.size()); !paid) return std::move(paid).error();
  auto total = combine_decimals(op, numbers);
  if (!total) return std::move(total).error();
  return Value::of_float(*total);
}
Result<Value> addf(Call& call, Arguments args) { return combine(call, DecimalOp::add, {0}, args); }
Result<Value> add1f(Call& call, Arguments args) { return combine(call, DecimalOp::add, {1}, args); }
Result<Value> subf(Call& call, Arguments args) { return combine(call, DecimalOp::subtract, {}, args); }
Result<Value> mulf(Call& call, Arguments args) { return combine(call, DecimalOp::multiply, {}, args); }
Result<Value> divf(Call& call, Arguments args) { return combine(call, DecimalOp::divide, {}, args); }

Result<Value> floor(Call&, Arguments args) { return Value::of_float(std::floor(to_float64(args[0]))); }
Result<Value> ceil(Call&, Arguments args) { return Value::of_float(std::ceil(to_float64(args[0]))); }

/// Halves go up and, as in Sprig, all other negative numbers down.
Result<Value> round(Call&, Arguments args) {
  const double threshold = args.size() > 2 ? args[2].as_float() : 0.5;
  const double power = std::pow(10, static_cast<double>(args[1].as_int()));
  const double scaled = power * to_float64(args[0]);
  double ignored = 0;
  const double fraction = std::modf(scaled, &ignored);
  return Value::of_float((fraction >= threshold ? std::ceil(scaled) : std::floor(scaled)) / power);
}

// --- conversions to numbers

Result<Value> to_int(Call&, Arguments args) { return Value::of_int(to_int64(args[0])); }
Result<Value> to_int64_value(Call&, Arguments args) { return Value::of_int64(to_int64(args[0])); }
Result<Value> to_float(Call&, Arguments args) { return Value::of_float(to_float64(args[0])); }

/// What the value prints as, read as octal.
Result<Value> to_decimal(Call&, Arguments args) {
  const auto number = parse_int(to_text(args[0]).view(), 8);
  return Value::of_int64(number ? number.value : 0);
}

Result<Value> atoi(Call&, Arguments args) { return Value::of_int(parse_int(args[0].str(), 10).value); }

}  // namespace

void add_math_functions(FunctionTable& table) {
  constexpr GoType any = GoType::any;
  constexpr Arity variadic = Arity::variadic;
  define(table, {
                    {"add", {any}, add, no_contents, variadic},
                    {"add1", {any}, add1},
                    {"sub", {any, any}, sub},
                    {"mul", {any, any}, mul, no_contents, variadic},
                    {"div", {any, any}, div},
                    {"mod", {any, any}, mod},
                    {"max", {any, any}, max, no_contents, variadic},
                    {"biggest", {any, any}, max, no_contents, variadic},
                    {"min", {any, any}, min, no_contents, variadic},
                    {"maxf", {any, any}, maxf, no_contents, variadic},
                    {"minf", {any, any}, minf, no_contents, variadic},
                    {"addf", {any}, addf, no_contents, variadic},
                    {"add1f", {any}, add1f},
                    {"subf", {any, any}, subf, no_contents, variadic},
                    {"mulf", {any, any}, mulf, no_contents, variadic},
                    {"divf", {any, any}, divf, no_contents, variadic},
                    {"floor", {any}, floor},
                    {"ceil", {any}, ceil},
                    {"round", {any, GoType::int_, GoType::float64}, round, no_contents, variadic},
                    {"int", {any}, to_int},
                    {"int64", {any}, to_int64_value},
                    {"float64", {any}, to_float},
                    {"toDecimal", {any}, to_decimal},
                    {"atoi", {GoType::string}, atoi},
                });
}

}  // namespace sluice::functions
