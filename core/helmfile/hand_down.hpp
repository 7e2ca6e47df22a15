#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/value/value.hpp"

namespace sluice::helmfile {

// `helmfiles[].inherits`: what a file gets of the one that names it.

/// repositories, helmDefaults, commonLabels, apiVersions, kubeVersion or templates: not `environments`, which come before the
/// file is read.
bool can_be_handed_down(std::string_view part);

/// Fills `child` up with those parts of `parent`. What the child itself says wins; of a list the parent's items come first, a
/// repository that both name is the child's.
/// Follows: helmfile 1.8.0, pkg/state/inherited.go. There, too, a `false` or 0 of the child's helmDefaults does not win.
void hand_down(const Value& child, const Value& parent, const std::vector<std::string>& parts);

}  // namespace sluice::helmfile
