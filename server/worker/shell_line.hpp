#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"

namespace sluice::worker {

/// One program of a pipeline.
struct ShellCommand {
  std::vector<std::string> words;
  bool drop_errors = false;  ///< 2>/dev/null
};

/// Reads a shell's command line as far as it is one pipeline of programs with fixed words: quotes and backslashes are understood,
/// `2>/dev/null` too. All else that means something to a shell is refused, so that what is accepted needs no shell to run.
/// Errors: unsupported, with the column: "column 12: `;` is not understood here".
Result<std::vector<ShellCommand>> parse_pipeline(std::string_view line);

}  // namespace sluice::worker
