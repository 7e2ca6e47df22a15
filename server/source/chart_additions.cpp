// What a release adds to its chart: the `dependencies` of a helmfile's release. Follows: chartify, ReadAdhocDependencies.

#include "core/chart/metadata.hpp"
#include "core/functions/semver.hpp"
#include "core/helmfile/paths.hpp"
#include "core/value/yaml.hpp"
#include "server/source/chart_names.hpp"
#include "server/source/charts.hpp"

namespace sluice::source {

namespace {

/// The entry of Chart.yaml that makes a chart in charts/ a dependency, which values can switch off by its name.
Value entry_of(const helmfile::ChartDependency& dependency, const std::string& name) {
  const Value entry =
      Value::new_map({{"name", Value::of_string(name)},
                      {"condition", Value::of_string((dependency.alias.empty() ? name : dependency.alias) + ".enabled")},
                      {"version", Value::of_string(dependency.version)}});
  if (!dependency.alias.empty()) entry.map()->set("alias", Value::of_string(dependency.alias));
  return entry;
}

Result<> declare(Tree& tree, const std::vector<Value>& entries) {
  const std::string file = tree.contains("requirements.yaml") ? "requirements.yaml" : "Chart.yaml";
  auto yaml = read_yaml_map(tree[file]);
  if (!yaml) return std::move(yaml).error().during("reading " + file);
  Value& list = yaml->map()->at_or_add("dependencies");
  std::vector<Value> all(list.items().begin(), list.items().end());
  all.insert(all.end(), entries.begin(), entries.end());
  list = Value::new_list(std::move(all));
  auto text = to_yaml(*yaml);
  if (!text) return std::move(text).error();
  tree[file] = text->str() + "\n";
  return {};
}

Result<> check_version(const Tree& chart, const helmfile::ChartDependency& dependency) {
  chart::Metadata metadata;
  const auto file = chart.find("Chart.yaml");
  if (file == chart.end()) return Error{Errc::not_found, "no Chart.yaml in \"" + dependency.chart + "\""};
  if (auto read = chart::read_metadata(file->second, metadata); !read) return std::move(read).error();
  const auto constraint = functions::Constraint::parse(dependency.version);
  if (!constraint) return Error(constraint.error()).during("version \"" + dependency.version + "\"");
  const auto version = functions::parse_version(metadata.version);
  if (version && constraint->admits(*version)) return {};
  return Error{Errc::not_found, "its version is " + metadata.version + ", which is not \"" + dependency.version + "\""};
}

}  // namespace

Result<> Charts::add_dependencies(Tree& tree, const helmfile::State& state,
                                  const std::vector<helmfile::ChartDependency>& dependencies, const helmfile::Files& files) {
  if (dependencies.empty()) return {};
  std::vector<Value> entries;
  for (const helmfile::ChartDependency& dependency : dependencies) {
    const std::string doing = "dependency \"" + dependency.chart + "\"";
    if (dependency.version.empty()) return Error{Errc::invalid, doing + " has no version: give one, or a range such as \"*\""};
    auto name = add_dependency(tree, state, dependency, files);
    if (!name) return std::move(name).error().during(doing);
    entries.push_back(entry_of(dependency, *name));
  }
  return declare(tree, entries);
}

/// Puts the chart into charts/ and says what it is called there.
Result<std::string> Charts::add_dependency(Tree& tree, const helmfile::State& state, const helmfile::ChartDependency& dependency,
                                           const helmfile::Files& files) {
  const std::string folder = helmfile::join_path(state.folder, dependency.chart);
  const bool is_folder = dependency.chart.find("://") == std::string::npos && files.kind(folder) == helmfile::FileKind::folder;
  return is_folder ? add_folder(tree, state, dependency, files) : add_archive(tree, state, dependency, files);
}

Result<std::string> Charts::add_folder(Tree& tree, const helmfile::State& state, const helmfile::ChartDependency& dependency,
                                       const helmfile::Files& files) {
  const std::string folder = helmfile::join_path(state.folder, dependency.chart);
  const std::string name = helmfile::base_name(folder);
  if (auto plain = check_chart_name(name, "name"); !plain) return std::move(plain).error();
  auto chart = read_folder(files, folder);
  if (!chart) return std::move(chart).error();
  if (auto fits = check_version(*chart, dependency); !fits) return std::move(fits).error();
  if (auto completed = complete(*chart, state, folder, files, 1); !completed) return std::move(completed).error();
  for (auto& [path, bytes] : *chart) tree["charts/" + name + "/" + path] = std::move(bytes);
  return name;
}

Result<std::string> Charts::add_archive(Tree& tree, const helmfile::State& state, const helmfile::ChartDependency& dependency,
                                        const helmfile::Files& files) {
  const std::string& chart = dependency.chart;
  const std::string name = helmfile::base_name(chart);
  std::string repository, url = chart;
  if (!chart.starts_with("oci://")) {
    repository = chart.substr(0, chart.find('/'));
    const auto known = std::find_if(state.repositories.begin(), state.repositories.end(),
                                    [&](const helmfile::Repository& one) { return one.name == repository; });
    if (known == state.repositories.end())
      return Error{Errc::not_found, "no such folder, and no repository \"" + repository + "\" in " + state.file};
    url = known->oci ? "oci://" + without_slash(known->url) + "/" + name : known->url;
  }
  auto access = access_for(state, repository, files);
  if (!access) return std::move(access).error();
  auto archive =
      fetch({.repository = url, .name = name, .version = dependency.version, .devel = Devel::no, .access = *access}, files);
  if (!archive) return std::move(archive).error();
  tree["charts/" + name + "-" + archive->version + ".tgz"] = std::move(archive->bytes);
  return name;
}

}  // namespace sluice::source
