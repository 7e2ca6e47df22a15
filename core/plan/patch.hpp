#pragma once

#include <string_view>

#include "core/plan/json.hpp"

namespace sluice::plan {

/// What the three-way merge looks at. A missing one is null.
struct ThreeWay {
  const Json& original;  ///< the object in the last release's manifest
  const Json& modified;  ///< the object in the new manifest
  const Json& current;   ///< the object in the cluster
};

/// The strategic merge patch that brings `current` to `modified`: what the manifest says is set, what left the manifest since
/// the last release is removed, what others have set and no manifest names is left alone. An empty object: nothing to do.
///
/// Follows: Kubernetes, strategicpatch.CreateThreeWayMergePatch with overwrite, as Helm 3 drives it.
/// Differs: quantities are compared as numbers; a list in which the merge key repeats (a port over TCP and UDP) is replaced
/// as a whole, for which the original corrupts the list.
Json strategic_patch(std::string_view kind, const ThreeWay& versions);

/// The same for kinds whose lists have no merge keys (custom resources), as a JSON merge patch (RFC 7386).
/// Differs from Helm 3, which merges custom resources two-way and so neither sees nor corrects what changed in the cluster.
Json json_patch(const ThreeWay& versions);

}  // namespace sluice::plan
