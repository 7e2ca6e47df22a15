#include "server/app/tree_flags.hpp"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <sstream>

#include "core/helmfile/paths.hpp"

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

std::vector<std::string> words_of(const std::vector<std::string>& texts) {
  std::vector<std::string> words;
  for (const std::string& text : texts) {
    std::istringstream stream(text);
    for (std::string word; stream >> word;) words.push_back(word);
  }
  return words;
}

}  // namespace

helmfile::Options to_options(const TreeFlags& flags) {
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

Result<HelmArgs> parse_helm_args(const std::vector<std::string>& texts) {
  HelmArgs args;
  const std::vector<std::string> words = words_of(texts);
  const std::map<std::string, bool*> switches = {{"--include-crds", &args.include_crds},
                                                 {"--skip-tests", &args.skip_tests},
                                                 {"--no-hooks", &args.no_hooks},
                                                 {"--is-upgrade", &args.is_upgrade},
                                                 {"--skip-schema-validation", &args.skip_schema_validation}};
  const std::map<std::string, std::vector<std::string>*> lists = {{"--api-versions", &args.api_versions},
                                                                  {"-a", &args.api_versions},
                                                                  {"--values", &args.values},
                                                                  {"-f", &args.values},
                                                                  {"--set", &args.set},
                                                                  {"--set-string", &args.set_string},
                                                                  {"--set-file", &args.set_file},
                                                                  {"--show-only", &args.show_only},
                                                                  {"-s", &args.show_only}};
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::size_t equals = words[i].starts_with("--") ? words[i].find('=') : std::string::npos;
    const std::string flag = words[i].substr(0, equals);
    std::string value = equals == std::string::npos ? "" : words[i].substr(equals + 1);
    if (const auto found = switches.find(flag); found != switches.end()) {
      *found->second = value.empty() || value == "true";
      continue;
    }
    const auto list = lists.find(flag);
    if (list == lists.end() && flag != "--kube-version") {
      return Error{Errc::unsupported, "--args: helm's flag " + flag + " is not supported"};
    }
    if (equals == std::string::npos) {
      if (i + 1 == words.size()) return Error{Errc::invalid, "--args: " + flag + " needs a value"};
      value = words[++i];
    }
    if (list == lists.end()) {
      args.kube_version = value;
    } else if (flag == "--api-versions" || flag == "-a") {
      std::istringstream stream(value);
      for (std::string one; std::getline(stream, one, ',');) args.api_versions.push_back(one);
    } else {
      list->second->push_back(value);
    }
  }
  return args;
}

Result<helmfile::ReleaseValues> values_with_flags(helmfile::ReleaseValues values, const TreeFlags& flags, const HelmArgs& args,
                                                  const std::string& folder, const helmfile::Files& files) {
  for (const auto* paths : {&flags.values, &args.values}) {
    for (const std::string& path : *paths) {
      auto bytes = files.read(helmfile::join_path(folder, path));
      if (!bytes) return std::move(bytes).error();
      values.layers.push_back({path, Text(*bytes)});
    }
  }
  using How = helmfile::SetFlag::How;
  for (const auto& [how, list] : {std::pair(How::set, &flags.set), {How::set, &args.set}, {How::set_string, &args.set_string}}) {
    for (const std::string& argument : *list) values.sets.push_back({how, Text(argument)});
  }
  for (const std::string& argument : args.set_file) {
    const std::size_t equals = argument.find('=');
    if (equals == std::string::npos) return Error{Errc::invalid, "--set-file " + argument + ": expected NAME=PATH"};
    const std::string path = helmfile::join_path(folder, argument.substr(equals + 1));
    values.sets.push_back({How::set_file, Text(argument.substr(0, equals + 1) + path)});
  }
  return values;
}

Result<helmfile::Loaded> load_tree(const TreeFlags& flags, const helmfile::Options& options, const helmfile::Outside& outside) {
  auto loaded = helmfile::load(options, outside);
  if (loaded && !flags.quiet) {
    for (const std::string& note : loaded->notes) std::fprintf(stderr, "%s\n", note.c_str());
  }
  return loaded;
}

}  // namespace sluice::app
