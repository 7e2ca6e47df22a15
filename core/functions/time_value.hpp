#pragma once

#include "core/functions/time.hpp"
#include "core/value/value.hpp"

namespace sluice::functions {

/// Go's time.Time as templates hold it, with its methods.
Value make_time_value(Time time);
/// The time in a value; null if it holds something else.
const Time* time_in(const Value& value);
/// Go's time.Duration, with its methods.
Value make_duration_value(Duration duration);

}  // namespace sluice::functions
