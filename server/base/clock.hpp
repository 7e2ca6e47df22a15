#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace sluice {

/// A point in calendar time, in UTC. For people and for deadlines of days; never for order, never for leases.
using WallTime = std::chrono::sys_time<std::chrono::milliseconds>;

/// Time since the machine was started. Does not jump; means nothing after a reboot (see `boot_id`).
using MonotonicTime = std::chrono::nanoseconds;

/// The two clocks as values: what owns one can be given another by a test.
struct Clock {
  std::function<WallTime()> wall;
  std::function<MonotonicTime()> monotonic;
};

/// The clocks of this machine.
Clock system_clock();

/// "2026-11-25T01:05:21.123Z"
std::string to_rfc3339(WallTime time);
/// Reads what `to_rfc3339` writes, with or without the fraction.
Result<WallTime> parse_rfc3339(std::string_view text);

/// Tells one start of the machine from the next: leases on the monotonic clock are worth nothing across a change of it.
std::string boot_id();

}  // namespace sluice
