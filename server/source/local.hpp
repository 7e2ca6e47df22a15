#pragma once

#include <memory>

#include "core/functions/outside.hpp"
#include "core/helmfile/outside.hpp"

namespace sluice::source {

/// The world of a person at a shell: files from the current folder on, the environment of this process, programs run as they
/// are. For the command line only: the daemon reads commits and runs nothing that its configuration does not list.
helmfile::Outside local_outside(const functions::Outside* functions);

/// Files from the current folder on. Reads at most 128 MiB at once.
helmfile::Files local_files();

/// The clock, random bytes and time zones of this machine, and schemas from anywhere. No cluster and no name service.
functions::Outside local_functions();

/// The first address of `host`, as this machine resolves it. Errors: not_found.
Result<std::string> host_by_name(std::string_view host);

}  // namespace sluice::source
