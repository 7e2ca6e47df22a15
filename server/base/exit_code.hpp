#pragma once

namespace sluice {

/// What the process ends with. The values of sysexits.h where there is one.
enum class ExitCode : int {
  done = 0,
  failed = 1,
  diff_found = 2,
  usage = 64,
  bad_input = 65,
  unreachable = 69,
  internal = 70,
  storage = 74,
  try_again = 75,
  not_permitted = 77,
  configuration = 78,
};

/// Ends the process at once: no destructor, no handler, no second attempt at anything. For a state in which going on could
/// break a promise (a flush that failed). What happened has to be logged before.
[[noreturn]] void exit_now(ExitCode code) noexcept;

}  // namespace sluice
