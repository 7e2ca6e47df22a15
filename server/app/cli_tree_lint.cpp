// lint on a helmfile tree: helm lint for each release with its values, without a cluster.

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>

#include "core/chart/lint.hpp"
#include "core/helmfile/render.hpp"
#include "server/app/tree_jobs.hpp"
#include "server/source/local.hpp"

namespace sluice::app {

namespace {

int failed(const Error& error) {
  std::fprintf(stderr, "Error: %s\n", error.what.c_str());
  return 1;
}

/// CLI11 wants the last argument first.
std::vector<std::string> reversed(const std::vector<std::string>& arguments) { return {arguments.rbegin(), arguments.rend()}; }

/// What linting one release printed, and whether it has an error.
struct Outcome {
  std::string text;
  bool failed = false;
};

Result<Outcome> lint_one(const helmfile::State& state, const Job& job, const helmfile::Outside& outside) {
  const std::string doing = "release \"" + job.release->name + "\"";
  auto layers = helmfile::values_of(state, *job.release, outside);
  if (!layers) return std::move(layers).error();
  auto values = helmfile::merge_values(*layers, [&outside](std::string_view path) { return outside.files.read(std::string(path)); });
  if (!values) return std::move(values).error().during(doing);
  chart::LintRequest request;
  request.folder = job.chart.from;
  if (!job.release->name_space.empty()) request.namespace_ = job.release->name_space;
  request.values = *values;
  request.skip_schema = job.release->deploy.skip_schema_validation;
  request.outside = outside.functions;
  if (!state.args.kube_version.empty()) {
    auto version = chart::parse_kube_version(state.args.kube_version);
    if (!version) return std::move(version).error();
    request.kube_version = std::move(*version);
  }
  Outcome outcome{"==> Linting " + job.release->chart.reference + "\n"};
  for (const chart::LintMessage& message : chart::lint(*job.chart.files, request)) {
    outcome.failed = outcome.failed || message.severity == chart::Severity::error;
    outcome.text += to_string(message) + "\n";
  }
  outcome.text += outcome.failed ? "\n" : "\n1 chart(s) linted, 0 chart(s) failed\n\n";
  return outcome;
}

int lint_states(helmfile::Loaded& loaded, const TreeFlags& flags, source::Charts& charts, const helmfile::Outside& outside) {
  for (helmfile::State& state : loaded.states) {
    auto jobs = prepare_jobs(state, flags, charts, outside);
    if (!jobs) return failed(jobs.error());
    for (const Job& job : *jobs) {
      if (!flags.quiet) {
        std::fprintf(stderr, "Linting release=%s, chart=%s\n", job.release->name.c_str(), job.release->chart.reference.c_str());
      }
      auto outcome = lint_one(state, job, outside);
      if (!outcome) return failed(std::move(outcome).error().during("in " + state.file));
      std::fputs(outcome->text.c_str(), stdout);
      if (outcome->failed) {
        return failed({Errc::invalid, "in " + state.file + ": release \"" + job.release->name + "\": 1 chart(s) linted, 1 chart(s) failed"});
      }
    }
  }
  return 0;
}

}  // namespace

bool lints_tree(const std::vector<std::string>& arguments) {
  if (std::filesystem::exists("Chart.yaml")) return false;
  CLI::App probe;
  TreeFlags flags;
  probe.set_help_flag();
  probe.allow_extras();
  add_tree_flags(probe, flags);
  try {
    probe.parse(reversed(arguments));
  } catch (const CLI::ParseError&) {
    return false;
  }
  return probe.remaining().empty();
}

int lint_tree(const std::vector<std::string>& arguments) {
  CLI::App command{"Look for mistakes in the charts of a helmfile's releases, with their values, as helmfile lint does", "sluice lint"};
  TreeFlags flags;
  add_tree_flags(command, flags);
  try {
    command.parse(reversed(arguments));
  } catch (const CLI::ParseError& error) {
    return command.exit(error) == 0 ? 0 : 2;
  }
  const functions::Outside functions = source::local_functions();
  const helmfile::Outside outside = to_outside(flags, &functions);
  auto options = to_options(flags);
  if (!options) return failed(options.error());
  options->command = "lint";
  auto charts_options = to_charts_options(flags);
  if (!charts_options) return failed(charts_options.error());
  charts_options->keep_files = true;
  auto loaded = load_tree(flags, *options, outside);
  if (!loaded) return failed(loaded.error());
  if (!loaded->matched) {
    std::fprintf(stderr, "%s\n", helmfile::no_match_text(*options).c_str());
    return flags.allow_no_matching_release ? 0 : 3;
  }
  source::Charts charts(std::move(*charts_options));
  return lint_states(*loaded, flags, charts, outside);
}

}  // namespace sluice::app
