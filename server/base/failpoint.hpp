#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "core/base/result.hpp"

namespace sluice {

/// The places where a test may make sluice fail. There is no other name.
std::span<const std::string_view> failpoint_names();

#ifdef SLUICE_FAILPOINTS

/// Passes the failpoint `name`, doing there what the environment says: SLUICE_FAILPOINT="NAME=ACTIONS[;NAME=ACTIONS...]"
/// where ACTIONS are joined with commas:
///   kill        the process gets SIGKILL here
///   error:E     the caller gets an Error to return; E is an errno name (ENOSPC, EIO, ...) and appears in its text
///   sleep:MS    this thread stops for MS milliseconds
///   count:N     the other actions happen at the N-th pass only; alone it means count:N,kill
/// Usage: if (auto planted = failpoint("git.fetched")) return *planted;   (or without the if, where nothing can fail)
/// A wrong SLUICE_FAILPOINT ends the process with exit code 78 at the first failpoint passed.
std::optional<Error> failpoint(std::string_view name);

/// Reads SLUICE_FAILPOINT's text anew; for tests of one process. nothing = no failpoint is set.
Result<> set_failpoints(std::string_view text);

#else

inline std::optional<Error> failpoint(std::string_view) { return std::nullopt; }

#endif

}  // namespace sluice
