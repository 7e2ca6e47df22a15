#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace sluice::deployment {

/// A point in time told by both clocks, so that a jump of the calendar neither shortens nor lengthens a deadline.
struct Moment {
  std::chrono::sys_time<std::chrono::milliseconds> wall;
  std::chrono::nanoseconds monotonic{};
  std::string boot;  ///< The start of the machine that `monotonic` counts from.

  bool operator==(const Moment&) const = default;
};

/// How long ago `since` was: by the monotonic clock within one start of the machine, by the calendar otherwise.
/// nothing when the calendar says that `since` is yet to come: it was set back, so nobody knows.
std::optional<std::chrono::milliseconds> elapsed(const Moment& since, const Moment& now);

/// Whether a deadline of `limit` after `since` is over. Not knowing counts as over.
bool is_over(const Moment& since, std::chrono::milliseconds limit, const Moment& now);

}  // namespace sluice::deployment
