#pragma once

#include <string>
#include <vector>

#include "core/base/result.hpp"

namespace sluice::worker {

/// The command to run for a program behind `kubectl` in a pipe, its file first. Only programs that change text are known, and of
/// their flags only those that can neither name a file nor start anything: what a repository writes there is not trusted.
/// Errors: denied, naming the argument; not_found, if the program is not installed.
Result<std::vector<std::string>> filter_command(const std::vector<std::string>& words);

}  // namespace sluice::worker
