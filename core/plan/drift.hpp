#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "core/plan/diff.hpp"

namespace sluice::plan {

// Drift is the diff that would bring the manifests of the last deployed revisions back: `before` is what is there, `after` what
// was deployed. ReleaseDiff::revision is the deployed one. These two show it from that side.

/// Per release the fields that differ, with who changed them, and the objects that are missing; a line of counts at the end.
std::string drift_text(const Diff& drift, Colour colour);

/// {summary: {releases, objects, changed, missing}, releases: [{release, namespace, revision, chart, notes, objects: [{kind, group,
/// namespace, name, state: "changed"|"missing", notes, fields: [{path, live, deployed, by, at}]}]}]}. Objects that are as they were
/// deployed are only counted.
Json drift_json(const Diff& drift);

}  // namespace sluice::plan
