#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"

namespace sluice::helmfile {

/// What happens to a needed release that the selectors leave out.
enum class NeedsRule {
  skip,     ///< it stays out; the order among the selected ones is kept (helmfile's default)
  include,  ///< it comes in, with what it needs in turn (--include-needs)
  require,  ///< an error that names it (--skip-needs=false)
};

/// "[CONTEXT/][NAMESPACE/]NAME"; with a context and no namespace "CONTEXT//NAME".
std::string release_id(std::string_view kube_context, std::string_view name_space, std::string_view name);

/// The id that an entry of `needs` stands for: what it leaves out comes from the needing release.
std::string need_id(std::string_view need, std::string_view kube_context, std::string_view name_space);

/// A release as the order of work sees it.
struct Node {
  std::string id = {};
  std::vector<std::string> needs = {};  ///< ids
};

/// Indices into `nodes`, group by group; each group may be worked on at once, after all groups before it. The depth of a
/// node is taken from the graph of all nodes, then what is not in `selected` drops out and empty groups vanish.
///
/// Errors: invalid for a cycle (with its path), for a need that no node has, and for one that is not selected under
/// NeedsRule::require.
Result<std::vector<std::vector<std::size_t>>> group_by_needs(const std::vector<Node>& nodes, std::set<std::string> selected,
                                                             NeedsRule rule);

}  // namespace sluice::helmfile
