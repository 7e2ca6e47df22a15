#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/helmfile/helmfile.hpp"
#include "server/app/tree_flags.hpp"
#include "server/source/charts.hpp"

namespace sluice::app {

/// A release to work on, with its chart.
struct Job {
  helmfile::Release* release;
  source::ObtainedChart chart;
};

/// The installed releases of a state's groups, in order, after the `prepare` hooks of the file and of each. All charts are there
/// before the first is used, as with helmfile.
Result<std::vector<Job>> prepare_jobs(helmfile::State& state, const TreeFlags& flags, source::Charts& charts,
                                      const helmfile::Outside& outside);

enum class UseLock { no, yes };

/// Loads the tree without a cluster and gives each of its states to `work`. The exit code: 1 for an Error, 3 (or 0 if that is
/// allowed) when nothing was selected. Says what is wrong.
int with_tree(const TreeFlags& flags, const std::function<Result<>(helmfile::State& state, const helmfile::Outside& outside)>& work,
              UseLock use_lock = UseLock::yes);

/// Whether the arguments of `lint` speak of a helmfile tree rather than of charts: all of them are flags of a tree, and the
/// current folder is no chart.
bool lints_tree(const std::vector<std::string>& arguments);
/// `sluice lint` on a tree, as `helmfile lint`.
int lint_tree(const std::vector<std::string>& arguments);

}  // namespace sluice::app
