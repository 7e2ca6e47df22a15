#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/helmfile/helmfile.hpp"
#include "core/helmfile/lock.hpp"
#include "core/helmfile/release_templates.hpp"

namespace sluice::helmfile {

/// The `repositories` of a state file, with credentials from variables where the file has none.
std::vector<Repository> read_repositories(const Value& spec, const Outside& outside, const std::string& folder);

/// One release from its rendered record.
/// Errors: invalid or not_found, naming the release.
Result<Release> read_release(const Value& record, const Value& spec, const ReleaseContext& state,
                             const std::vector<Repository>& repositories, const std::optional<Lock>& lock);

std::vector<Hook> read_hooks(const Value& record);

/// Does `condition` ("a.b.enabled", "true", "false") hold in the state values?
Result<bool> condition_holds(const std::string& condition, const Value& values);

}  // namespace sluice::helmfile
