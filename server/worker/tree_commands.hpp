#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/helmfile/helmfile.hpp"
#include "server/worker/plan.hpp"

namespace sluice::worker {

/// The documents of a file or folder, as in helmfile::Files.
using ReadManifests = std::function<Result<std::vector<plan::Document>>(const std::string& path)>;

/// A helmfile's hooks of `events`, of the release or of the file if null, as commands of a plan: templates executed, files read.
/// Errors: the templates'; unsupported, for a kustomization or a file elsewhere that is to be applied.
Result<std::vector<CommandToPlan>> commands_of(const helmfile::State& state, const helmfile::Release* release,
                                               const std::vector<std::string>& events, const helmfile::Outside& outside,
                                               const ReadManifests& read);

}  // namespace sluice::worker
