// Commands on a helmfile tree that need no cluster: render, releases, deps.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "core/helmfile/dialect.hpp"
#include "core/helmfile/lock.hpp"
#include "core/helmfile/render.hpp"
#include "core/helmfile/written.hpp"
#include "core/value/json.hpp"
#include "core/value/yaml.hpp"
#include "server/app/cli.hpp"
#include "server/app/folder_writer.hpp"
#include "server/app/tree_flags.hpp"
#include "server/app/tree_jobs.hpp"
#include "server/base/clock.hpp"
#include "server/base/files.hpp"
#include "server/source/charts.hpp"
#include "server/source/dependency_lock.hpp"

namespace sluice::app {

void add_tree_flags(CLI::App& command, TreeFlags& flags) {
  command
      .add_option("-f,--file", flags.file, "state file or folder (default: helmfile.yaml, helmfile.yaml.gotmpl or helmfile.d)")
      ->envname("HELMFILE_FILE_PATH");
  command.add_option("-e,--environment", flags.environment, "environment of the state file")->envname("HELMFILE_ENVIRONMENT");
  const auto list = [&command](const char* name, std::vector<std::string>& into, const char* help) {
    command.add_option(name, into, help)->allow_extra_args(false);
  };
  list("-l,--selector", flags.selectors, "only releases with these labels: k=v,k!=v; may be given several times");
  list("--state-values-file", flags.state_values_files, "state values from a file, relative to the state file's folder");
  list("--state-values-set", flags.state_values_set, "state values: k=v,a.b=c");
  list("--state-values-set-string", flags.state_values_set_string, "state values that stay texts");
  list("--values", flags.values, "a values file for every release, after its own");
  list("--set", flags.set, "a value for every release, after its own");
  list("--args", flags.args, "helm's flags, such as --api-versions and --kube-version");
  list("--chart-mirror", flags.chart_mirrors, "FROM=TO: where to ask instead of a repository's URL");
  command.add_option("-n,--namespace", flags.name_space, "namespace of every release");
  command.add_option("--kube-context", flags.kube_context, "context of every release");
  command.add_option("-c,--chart", flags.chart, "chart of every release");
  command.add_flag("--include-needs", flags.include_needs, "also releases that selected ones need");
  command.add_flag("--include-transitive-needs", flags.include_transitive_needs, "the same, with what those need");
  command.add_flag("--skip-needs", flags.skip_needs, "--skip-needs=false: a needed release that is not selected is an error");
  command.add_flag("--skip-deps", flags.skip_deps, "do not complete the dependencies of charts in folders");
  command.add_flag("--allow-no-matching-release", flags.allow_no_matching_release,
                   "exit code 0 instead of 3 when nothing matches");
  command.add_flag("-q,--quiet", flags.quiet, "no notes");
  command.add_option("--concurrency", flags.concurrency, "releases worked on at once; 0: no limit");
}

namespace {

int failed(const Error& error) {
  std::fprintf(stderr, "Error: %s\n", error.what.c_str());
  return 1;
}

void print(const Text& text) {
  const std::string_view bytes = text.view();
  std::fwrite(bytes.data(), 1, bytes.size(), stdout);
}

struct RenderFlags : TreeFlags {
  bool include_crds = false, skip_tests = false, no_hooks = false, skip_schema_validation = false;
  std::vector<std::string> show_only;
  std::string output_dir, output_dir_pattern{helmfile::output_dir_pattern};
};

/// What is the same for all releases of a state file.
struct Rendering {
  const RenderFlags& flags;
  helmfile::RenderSettings settings;
  chart::TemplateOutput output;
  const helmfile::Outside& outside;
};

Rendering rendering_of(const RenderFlags& flags, const helmfile::HelmArgs& args, const helmfile::Outside& outside) {
  Rendering rendering{flags, {}, {}, outside};
  rendering.settings.outside = outside.functions;
  rendering.settings.is_upgrade = args.is_upgrade;
  rendering.output.crds = flags.include_crds || args.include_crds ? chart::Crds::include : chart::Crds::leave_out;
  rendering.output.no_hooks = flags.no_hooks || args.no_hooks;
  rendering.output.skip_tests = flags.skip_tests || args.skip_tests;
  rendering.output.show_only = flags.show_only;
  rendering.output.show_only.insert(rendering.output.show_only.end(), args.show_only.begin(), args.show_only.end());
  return rendering;
}

/// What `--output-dir` asks for instead of text.
Result<> write_files(const helmfile::State& state, const helmfile::Release& release, const chart::Rendered& rendered, const Rendering& rendering) {
  const helmfile::OutputPlace place{rendering.flags.output_dir_pattern, rendering.flags.output_dir, std::filesystem::absolute(state.file)};
  auto path = helmfile::output_path(state, release, place, rendering.outside);
  if (!path) return std::move(path).error();
  const auto wrote = [&rendering](const std::string& file) {
    if (!rendering.flags.quiet) std::fprintf(stderr, "wrote %s\n", file.c_str());
  };
  return FolderWriter(*path, wrote).write_all(rendered, rendering.output, "");
}

Result<Text> render_one(const helmfile::State& state, const Job& job, const Rendering& rendering) {
  const std::string doing = "release \"" + job.release->name + "\"";
  auto layers = helmfile::values_of(state, *job.release, rendering.outside);
  if (!layers) return std::move(layers).error();
  const auto& read = rendering.outside.files.read;
  auto values = helmfile::merge_values(*layers, [&read](std::string_view path) { return read(std::string(path)); });
  if (!values) return std::move(values).error().during(doing);
  helmfile::Release release = *job.release;
  release.deploy.skip_schema_validation |= rendering.flags.skip_schema_validation;
  release.deploy.enable_dns = state.args.enable_dns;  // enableDNS of the file is for deploying, says helmfile
  auto patches = helmfile::chartify_of(state, release, {*job.chart.chart, job.chart.form, *values}, rendering.outside);
  if (!patches) return std::move(patches).error();
  helmfile::RenderSettings settings = rendering.settings;
  settings.chartify = std::move(*patches);
  auto rendered = helmfile::render_release(release, *job.chart.chart, *values, settings);
  if (!rendered) return std::move(rendered).error().during(doing);
  if (!rendering.flags.output_dir.empty()) {
    auto written = write_files(state, release, *rendered, rendering);
    return written ? Result<Text>(Text()) : std::move(written).error().during(doing);
  }
  auto text = chart::print_template_output(*rendered, rendering.output);
  if (!text) return std::move(text).error().during(doing);
  return text;
}

Result<> render_state(helmfile::State& state, source::Charts& charts, const RenderFlags& flags, const helmfile::Outside& outside) {
  const Rendering rendering = rendering_of(flags, state.args, outside);
  auto jobs = prepare_jobs(state, rendering.flags, charts, rendering.outside);
  if (!jobs) return std::move(jobs).error();
  for (const Job& job : *jobs) {
    if (!rendering.flags.quiet) {
      std::fprintf(stderr, "Templating release=%s, chart=%s\n", job.release->name.c_str(), job.release->chart.reference.c_str());
    }
    auto text = render_one(state, job, rendering);
    if (!text) return std::move(text).error();
    if (!text->empty()) {
      print(*text);
      std::fputc('\n', stdout);
    }
    auto cleaned = helmfile::run_hooks(state, job.release, "cleanup", "", rendering.outside);
    if (!cleaned) return std::move(cleaned).error();
  }
  auto hooks = helmfile::run_hooks(state, nullptr, "cleanup", "", rendering.outside);
  return hooks ? Result<>() : std::move(hooks).error();
}

int render(const RenderFlags& flags) {
  auto options = to_charts_options(flags);
  if (!options) return failed(options.error());
  source::Charts charts(std::move(*options));
  return with_tree(flags, [&](helmfile::State& state, const helmfile::Outside& outside) { return render_state(state, charts, flags, outside); });
}

struct ListFlags : TreeFlags {
  std::string output = "table";
};

std::string labels_text(const helmfile::Labels& labels) {
  std::string text;
  for (const auto& [key, value] : labels) text += (text.empty() ? "" : ",") + key + ":" + value;
  return text;
}

/// One release as `helmfile list --output json` writes it, the fields in its order.
Result<std::string> to_json_line(const helmfile::Release& release) {
  std::string line;
  for (const auto& [field, value] : {std::pair<const char*, Value>("name", Value::of_string(release.name)),
                                     {"namespace", Value::of_string(release.name_space)},
                                     {"enabled", Value::of_bool(release.enabled)},
                                     {"installed", Value::of_bool(release.installed)},
                                     {"labels", Value::of_string(labels_text(release.labels))},
                                     {"chart", Value::of_string(release.chart.reference)},
                                     {"version", Value::of_string(release.chart.version)}}) {
    auto text = to_json(value);
    if (!text) return std::move(text).error();
    line += (line.empty() ? "{\"" : ",\"") + std::string(field) + "\":" + text->str();
  }
  return line + "}";
}

void print_table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths(rows.front().size(), 0);
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += row[i] + std::string(widths[i] - row[i].size(), ' ');
      if (i + 1 < row.size()) line += '\t';
    }
    std::printf("%s\n", line.c_str());
  }
}

Result<std::string> in_yaml(const std::string& json) {
  auto rows = read_json(json);
  if (!rows) return std::move(rows).error();
  auto text = to_yaml(*rows);
  if (!text) return std::move(text).error();
  return text->str();
}

int list(const ListFlags& flags) {
  std::string json;
  std::vector<std::vector<std::string>> rows = {{"NAME", "NAMESPACE", "ENABLED", "INSTALLED", "LABELS", "CHART", "VERSION"}};
  const int code = with_tree(flags, [&](helmfile::State& state, const helmfile::Outside&) -> Result<> {
    for (const helmfile::Release& release : state.releases) {
      if (!flags.selectors.empty() && !release.selected) continue;
      auto line = to_json_line(release);
      if (!line) return std::move(line).error();
      json += (json.empty() ? "" : ",") + *line;
      rows.push_back({release.name, release.name_space, release.enabled ? "true" : "false", release.installed ? "true" : "false",
                      labels_text(release.labels), release.chart.reference, release.chart.version});
    }
    return {};
  });
  if (code != 0 || json.empty()) return code;
  if (flags.output == "table") {
    print_table(rows);
    return 0;
  }
  json = "[" + json + "]";
  auto text = flags.output == "json" ? Result<std::string>(json) : in_yaml(json);
  if (!text) return failed(text.error());
  std::printf("%s\n", text->c_str());
  return 0;
}

Result<std::size_t> write_lock_of(const helmfile::State& state, source::Charts& charts, const helmfile::Outside& outside) {
  helmfile::Lock lock;
  std::vector<chart::Dependency> wanted;
  for (const helmfile::Release& release : state.releases) {
    if (release.chart.repository.empty()) continue;
    auto version = charts.resolve(state, release.chart, outside.files);
    if (!version) return std::move(version).error().during("release \"" + release.name + "\"");
    const bool in_registry = release.chart.from == helmfile::ChartSource::From::oci;
    std::string repository = release.chart.url;
    if (in_registry) repository.resize(repository.rfind('/'));
    lock.charts.push_back({release.chart.name, repository, *version});
    chart::Dependency dependency;
    dependency.name = release.chart.name;
    dependency.version = release.chart.version.empty() ? "*" : release.chart.version;
    dependency.repository = repository;
    dependency.alias = release.name_space + "-" + release.name;
    wanted.push_back(std::move(dependency));
  }
  if (lock.charts.empty()) return std::size_t{0};
  std::vector<source::LockedDependency> locked;
  for (const helmfile::LockedChart& chart : lock.charts) locked.push_back({chart.name, chart.version, chart.repository});
  lock.digest = source::dependency_digest(wanted, locked, {});
  lock.generated = to_rfc3339(system_clock().wall());
  const std::size_t count = lock.charts.size();
  auto written = write_file(state.lock_file, helmfile::write_lock(std::move(lock)), 0644);
  if (!written) return std::move(written).error();
  return count;
}

int deps(const TreeFlags& flags) {
  auto options = to_charts_options(flags);
  if (!options) return failed(options.error());
  source::Charts charts(std::move(*options));
  const auto lock = [&](helmfile::State& state, const helmfile::Outside& outside) -> Result<> {
    auto count = write_lock_of(state, charts, outside);
    if (!count) return std::move(count).error();
    if (flags.quiet) return {};
    if (*count == 0) {
      std::fprintf(stderr, "%s: no release has its chart from a repository, so there is nothing to lock\n", state.file.c_str());
    } else {
      std::fprintf(stderr, "%s: %zu charts locked\n", state.lock_file.c_str(), *count);
    }
    return {};
  };
  return with_tree(flags, lock, UseLock::no);  // everything is resolved anew
}

}  // namespace

void add_helmfile_commands(CLI::App& app, int& exit_code) {
  auto render_flags = std::make_shared<RenderFlags>();
  CLI::App* command = app.add_subcommand("render", "print the manifests of a helmfile's releases, as `helmfile template` does");
  add_tree_flags(*command, *render_flags);
  command->add_flag("--include-crds", render_flags->include_crds, "also the charts' crds/ folders");
  command->add_flag("--skip-tests", render_flags->skip_tests, "no test hooks");
  command->add_flag("--no-hooks", render_flags->no_hooks, "no hooks");
  command->add_flag("--skip-schema-validation", render_flags->skip_schema_validation,
                    "do not check values against values.schema.json");
  command->add_option("--kube-version", render_flags->kube_version, "what .Capabilities.KubeVersion is");
  command->add_option("--output-dir", render_flags->output_dir, "files below that folder instead of standard output");
  command->add_option("--output-dir-template", render_flags->output_dir_pattern,
                      "which folder for each release: a template (default: " + render_flags->output_dir_pattern + ")");
  command->add_option("--show-only", render_flags->show_only, "only manifests of these templates")->allow_extra_args(false);
  command->callback([render_flags, &exit_code] { exit_code = render(*render_flags); });

  auto list_flags = std::make_shared<ListFlags>();
  command = app.add_subcommand("releases", "list the releases of a helmfile, as `helmfile list` does; asks no cluster");
  add_tree_flags(*command, *list_flags);
  command->add_option("-o,--output", list_flags->output, "table, json or yaml")->check(CLI::IsMember({"table", "json", "yaml"}));
  command->callback([list_flags, &exit_code] { exit_code = list(*list_flags); });

  auto deps_flags = std::make_shared<TreeFlags>();
  command = app.add_subcommand("deps", "resolve the charts' versions anew and write the lock file, as `helmfile deps` does");
  add_tree_flags(*command, *deps_flags);
  command->callback([deps_flags, &exit_code] { exit_code = deps(*deps_flags); });
}

}  // namespace sluice::app
