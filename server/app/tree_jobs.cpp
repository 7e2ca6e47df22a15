#include "server/app/tree_jobs.hpp"

#include <cstdio>

#include "server/source/local.hpp"

namespace sluice::app {

static int failed(const Error& error) {
  std::fprintf(stderr, "Error: %s\n", error.what.c_str());
  return 1;
}

static int nothing_matched(const TreeFlags& flags, const helmfile::Options& options) {
  std::fprintf(stderr, "%s\n", helmfile::no_match_text(options).c_str());
  return flags.allow_no_matching_release ? 0 : 3;
}

int with_tree(const TreeFlags& flags, const std::function<Result<>(helmfile::State&, const helmfile::Outside&)>& work,
              UseLock use_lock) {
  functions::Outside functions = source::local_functions();
  functions.host_by_name = source::host_by_name;
  const helmfile::Outside outside = to_outside(flags, &functions);
  auto options = to_options(flags);
  if (!options) return failed(options.error());
  options->use_lock = use_lock == UseLock::yes;
  auto loaded = load_tree(flags, *options, outside);
  if (!loaded) return failed(loaded.error());
  if (!loaded->matched) return nothing_matched(flags, *options);
  for (helmfile::State& state : loaded->states) {
    if (auto done = work(state, outside); !done) return failed(std::move(done).error().during("in " + state.file));
  }
  return 0;
}

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
