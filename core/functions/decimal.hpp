#pragma once

#include <span>

#include "core/base/result.hpp"

namespace sluice::functions {

enum class DecimalOp { add, subtract, multiply, divide };

/// `numbers` combined from left to right as exact decimals of their shortest texts, rounded to the nearest float64 at the end.
/// Quotients keep 16 digits after the point, halves away from zero.
///
/// Follows: shopspring/decimal as Sprig's addf, subf, mulf and divf use it: 0.1 + 0.2 is 0.3.
/// Errors: invalid: "decimal division by 0", "Cannot create a Decimal from +Inf", or a limit.
Result<double> combine_decimals(DecimalOp op, std::span<const double> numbers);

}  // namespace sluice::functions
