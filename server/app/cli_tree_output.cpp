// Commands that tell what a helmfile comes to without rendering its charts: build, show-dag, write-values.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "core/helmfile/dialect.hpp"
#include "core/helmfile/written.hpp"
#include "server/app/cli.hpp"
#include "server/app/tree_jobs.hpp"
#include "server/base/files.hpp"
#include "server/source/local.hpp"

namespace sluice::app {

namespace {

struct BuildFlags : TreeFlags {
  bool embed_values = false;
};

/// The release as `helmfile build` prints it.
Result<Value> built(const helmfile::State& state, const helmfile::Release& release, const BuildFlags& flags, const helmfile::Outside& outside) {
  Value record = release.spec;
  if (flags.embed_values) {
    auto embedded = helmfile::with_values_embedded(state, release, outside);
    if (!embedded) return embedded;
    record = std::move(*embedded);
  } else {
    record = deep_copy(record);
  }
  const Value labels = Value::new_map();
  for (const auto& [key, value] : release.labels) labels.map()->set(Text(key), Value::of_string(value));
  record.map()->set("labels", labels);
  std::vector<Value> needs;
  for (const std::string& need : release.needs) needs.push_back(Value::of_string(need));
  if (!needs.empty()) record.map()->set("needs", Value::new_list(std::move(needs)));
  if (const Value* context = record.find("kubeContext"); context != nullptr && context->str().empty()) record.map()->erase("kubeContext");
  return record;
}

int build(const BuildFlags& flags) {
  return with_tree(flags, [&flags](helmfile::State& state, const helmfile::Outside& outside) -> Result<> {
    const Value spec = deep_copy(state.spec);
    std::vector<Value> releases;
    for (const helmfile::Release& release : state.releases) {
      if (!flags.selectors.empty() && !release.selected) continue;
      auto record = built(state, release, flags, outside);
      if (!record) return std::move(record).error();
      releases.push_back(std::move(*record));
    }
    spec.map()->set("releases", Value::new_list(std::move(releases)));
    spec.map()->set("filepath", Value::of_string(state.file));
    spec.map()->set("renderedvalues", state.values);
    std::printf("---\n#  Source: %s\n\n", state.file.c_str());
    const Text text = helmfile::write_yaml(spec);
    std::fwrite(text.view().data(), 1, text.size(), stdout);
    return {};
  });
}

int show_dag(const TreeFlags& flags) {
  return with_tree(flags, [](helmfile::State& state, const helmfile::Outside&) -> Result<> {
    std::vector<std::vector<std::string>> rows = {{"GROUP", "RELEASE", "DEPENDENCIES"}};
    for (std::size_t group = 0; group < state.groups.size(); ++group) {
      for (const std::size_t i : state.groups[group]) {
        const helmfile::Release& release = state.releases[i];
        std::string needs;
        for (const std::string& need : release.needs) needs += (needs.empty() ? "" : ", ") + need;
        rows.push_back({std::to_string(group + 1), release.id, needs});
      }
    }
    std::size_t widest[2] = {0, 0};
    for (const auto& row : rows) {
      for (std::size_t i = 0; i < 2; ++i) widest[i] = std::max(widest[i], row[i].size());
    }
    for (const auto& row : rows) {
      std::printf("%-*s %-*s %s\n", static_cast<int>(widest[0]), row[0].c_str(), static_cast<int>(widest[1]), row[1].c_str(), row[2].c_str());
    }
    return {};
  });
}

struct WriteValuesFlags : TreeFlags {
  std::string pattern{helmfile::values_file_pattern};
};

Result<> write_values_of(const helmfile::State& state, const helmfile::Release& release, const WriteValuesFlags& flags,
                         const helmfile::Outside& outside) {
  auto hooks = helmfile::run_hooks(state, &release, "prepare", "", outside);
  if (!hooks) return std::move(hooks).error();
  auto layers = helmfile::values_of(state, release, outside);
  if (!layers) return std::move(layers).error();
  auto values = helmfile::written_values(*layers);
  if (!values) return std::move(values).error().during("release \"" + release.name + "\"");
  auto path = helmfile::output_path(state, release, {flags.pattern, "", std::filesystem::absolute(state.file)}, outside);
  if (!path) return std::move(path).error();
  if (!flags.quiet) std::fprintf(stderr, "Writing values file %s\n", path->c_str());
  std::error_code error;
  if (const auto folder = std::filesystem::path(*path).parent_path(); !folder.empty()) std::filesystem::create_directories(folder, error);
  if (error) return Error{Errc::invalid, "mkdir " + *path + ": " + error.message()};
  auto written = write_file(*path, helmfile::write_yaml(*values, helmfile::Quotes::doubled).str(), 0644);
  if (!written) return written;
  hooks = helmfile::run_hooks(state, &release, "cleanup", "", outside);
  return hooks ? Result<>() : std::move(hooks).error();
}

int write_values(const WriteValuesFlags& flags) {
  return with_tree(flags, [&flags](helmfile::State& state, const helmfile::Outside& outside) -> Result<> {
    for (const auto& group : state.groups) {
      for (const std::size_t i : group) {
        if (!state.releases[i].installed) continue;
        if (auto done = write_values_of(state, state.releases[i], flags, outside); !done) return done;
      }
    }
    return {};
  });
}

}  // namespace

void add_tree_output_commands(CLI::App& app, int& exit_code) {
  auto build_flags = std::make_shared<BuildFlags>();
  CLI::App* command = app.add_subcommand("build", "print a helmfile after all its templates, bases and values, as `helmfile build` does");
  add_tree_flags(*command, *build_flags);
  command->add_flag("--embed-values", build_flags->embed_values, "the contents of values files instead of their paths");
  command->callback([build_flags, &exit_code] { exit_code = build(*build_flags); });

  auto dag_flags = std::make_shared<TreeFlags>();
  command = app.add_subcommand("show-dag", "list the groups in which releases are pushed, and what they need, as `helmfile show-dag` does");
  add_tree_flags(*command, *dag_flags);
  command->callback([dag_flags, &exit_code] { exit_code = show_dag(*dag_flags); });

  auto values_flags = std::make_shared<WriteValuesFlags>();
  command = app.add_subcommand("write-values", "write the merged values of each release to a file, as `helmfile write-values` does");
  add_tree_flags(*command, *values_flags);
  command->add_option("--output-file-template", values_flags->pattern, "where to: a template (default: " + values_flags->pattern + ")");
  command->callback([values_flags, &exit_code] { exit_code = write_values(*values_flags); });
}

}  // namespace sluice::app
