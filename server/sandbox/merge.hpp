#pragma once

#include <nlohmann/json_fwd.hpp>

namespace sluice::sandbox {

/// RFC 7386.
void merge_patch(nlohmann::json& target, const nlohmann::json& patch);

/// Strategic merge, with the merge keys of the lists that charts touch (containers, env, ports, volumes, ...) and the
/// directives $patch (delete, replace) and $setElementOrder.
void strategic_merge(nlohmann::json& target, const nlohmann::json& patch);

/// Server-side apply for one manager: what it applied before and applies no more is taken out, what it applies now is put in.
/// Approximates ownership of lists by the same merge keys.
void apply(nlohmann::json& live, const nlohmann::json& before, const nlohmann::json& now);

}  // namespace sluice::sandbox
