#pragma once

#include "core/helmfile/outside.hpp"
#include "server/source/git.hpp"

namespace sluice::source {

/// A commit's files as a helmfile reads them. `tree` must outlive the result.
helmfile::Files files_of(CommitTree& tree);

}  // namespace sluice::source
