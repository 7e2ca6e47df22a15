#include "server/app/tree_flags.hpp"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>

#include "server/source/local.hpp"
#include "server/source/remote_files.hpp"

namespace sluice::app {

namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::filesystem::path cache_folder() {
  if (const std::string own = variable("SLUICE_CACHE"); !own.empty()) return own;
  if (const std::string caches = variable("XDG_CACHE_HOME"); !caches.empty()) return std::filesystem::path(caches) / "sluice";
  const std::string home = variable("HOME");
  return home.empty() ? std::filesystem::path() : std::filesystem::path(home) / ".cache" / "sluice";
}

}  // namespace

Result<helmfile::Options> to_options(const TreeFlags& flags) {
  helmfile::Options options;
  options.file = flags.file;
  options.environment = flags.environment;
  options.selectors = flags.selectors;
  options.state_values_files = flags.state_values_files;
  options.state_values_set = flags.state_values_set;
  options.state_values_set_string = flags.state_values_set_string;
  options.name_space = flags.name_space;
  options.kube_context = flags.kube_context;
  options.chart = flags.chart;
  options.include_transitive_needs = flags.include_transitive_needs;
  // without a selector nothing is left out that a rule could be about
  if (flags.include_needs) {
    options.needs = helmfile::NeedsRule::include;
  } else if (!flags.skip_needs && !flags.selectors.empty()) {
    options.needs = helmfile::NeedsRule::require;
  }
  options.args.values = flags.values;
  options.args.kube_version = flags.kube_version;
  for (const std::string& set : flags.set) options.args.sets.push_back({helmfile::SetFlag::How::set, Text(set)});
  auto args = helmfile::parse_helm_args(flags.args, "--args");
  if (!args) return std::move(args).error();
  append_args(options.args, std::move(*args));
  return options;
}

Result<source::ChartsOptions> to_charts_options(const TreeFlags& flags) {
  source::ChartsOptions options;
  const std::filesystem::path folder = cache_folder();
  if (!folder.empty()) options.cache = folder / "charts";
  for (const std::string& mirror : flags.chart_mirrors) {
    const std::size_t equals = mirror.find('=');
    if (equals == std::string::npos || equals == 0)
      return Error{Errc::invalid, "--chart-mirror \"" + mirror + "\": expected FROM=TO"};
    options.mirrors[mirror.substr(0, equals)] = mirror.substr(equals + 1);
  }
  options.rules.may_speak_plainly = [](const std::string&) { return true; };
  options.may_clone = [](const std::string&) { return true; };
  return options;
}

helmfile::Outside to_outside(const TreeFlags& flags, const functions::Outside* functions) {
  helmfile::Outside outside = source::local_outside(functions);
  source::RemoteRules rules;
  if (auto charts = to_charts_options(flags)) {
    rules.cache = charts->cache;
    rules.download = std::move(charts->rules);
  }
  rules.may_read = [](const std::string&) { return Result<>(); };
  source::RemoteFiles::connect(std::make_shared<source::RemoteFiles>(std::move(rules)), outside);
  return outside;
}

Result<helmfile::Loaded> load_tree(const TreeFlags& flags, const helmfile::Options& options, const helmfile::Outside& outside) {
  auto loaded = helmfile::load(options, outside);
  if (loaded && !flags.quiet) {
    for (const std::string& note : loaded->notes) std::fprintf(stderr, "%s\n", note.c_str());
  }
  return loaded;
}

}  // namespace sluice::app
