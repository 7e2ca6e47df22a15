#pragma once

#include <string_view>
#include <vector>

#include "core/chart/chart.hpp"

namespace sluice::chart {

/// The documents of a rendered file, in order; views into `file`. What is empty is left out.
///
/// Follows: Helm 3, releaseutil.SplitManifests: the text is trimmed and split at the expression `(?:^|\s*\n)---\s*`; so anything
/// may follow the three dashes, and of two separators in a row the second stays in the text. Helm 4 splits at `(?m)^---[ \t]*`
/// and keeps the blanks at the ends of documents.
std::vector<std::string_view> split_documents(std::string_view file, HelmVersion helm = HelmVersion::v3);

}  // namespace sluice::chart
