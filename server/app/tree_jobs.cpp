#include "server/app/tree_jobs.hpp"

namespace sluice::app {

Result<std::vector<Job>> prepare_jobs(helmfile::State& state, const TreeFlags& flags, source::Charts& charts,
                                      const helmfile::Outside& outside) {
  std::vector<Job> jobs;
  auto hooks = helmfile::run_hooks(state, nullptr, "prepare", "", outside);
  if (!hooks) return std::move(hooks).error();
  for (const auto& group : state.groups) {
    for (const std::size_t i : group) {
      helmfile::Release& release = state.releases[i];
      if (!release.installed) continue;
      if (flags.skip_deps) release.deploy.skip_deps = true;
      hooks = helmfile::run_hooks(state, &release, "prepare", "", outside);
      if (!hooks) return std::move(hooks).error();
      auto chart = charts.chart_of(state, release, outside.files);
      if (!chart) return std::move(chart).error();
      jobs.push_back({&release, std::move(*chart)});
    }
  }
  return jobs;
}

}  // namespace sluice::app
