#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "core/helmfile/dialect.hpp"
#include "core/helmfile/hand_down.hpp"
#include "core/helmfile/helmfile.hpp"
#include "core/helmfile/paths.hpp"
#include "core/helmfile/record.hpp"
#include "core/helmfile/release_read.hpp"
#include "core/helmfile/schema.hpp"
#include "core/helmfile/state_loader.hpp"
#include "core/helmfile/state_values.hpp"

namespace sluice::helmfile {

namespace {

constexpr int max_nesting = 16;

Result<std::vector<std::string>> state_files_in(const std::string& folder, const Files& files, bool reverse) {
  std::vector<std::string> found;
  for (const char* pattern : {"*.y*ml", "*.y*ml.gotmpl"}) {
    auto matching = glob(files, join_path(folder, pattern));
    if (!matching) return matching;
    found.insert(found.end(), matching->begin(), matching->end());
  }
  std::sort(found.begin(), found.end());
  if (reverse) std::reverse(found.begin(), found.end());
  return found;
}

Result<std::vector<std::string>> find_state_files(const std::string& given, const Outside& outside, bool reverse) {
  const Files& files = outside.files;
  if (!given.empty()) {
    std::string path = clean_path(given);
    if (is_remote(given)) {
      auto fetched = fetch(outside, given);
      if (!fetched) return std::move(fetched).error().during("state file");
      path = std::move(*fetched);
    }
    switch (files.kind(path)) {
      case FileKind::file: return std::vector<std::string>{path};
      case FileKind::folder: return state_files_in(path, files, reverse);
      case FileKind::none: return Error{Errc::not_found, "specified state file " + given + " is not found"};
    }
  }
  const bool plain = files.kind("helmfile.yaml") == FileKind::file;
  const bool templated = files.kind("helmfile.yaml.gotmpl") == FileKind::file;
  const bool folder = files.kind("helmfile.d") == FileKind::folder;
  if (plain && templated) {
    return Error{Errc::invalid, "both helmfile.yaml and helmfile.yaml.gotmpl exist. Please remove one of them"};
  }
  const std::string file = plain ? "helmfile.yaml" : "helmfile.yaml.gotmpl";
  if ((plain || templated) && folder) {
    return Error{Errc::invalid, "configuration conflict: you can have either " + file + " or helmfile.d, but not both"};
  }
  if (folder) return state_files_in("helmfile.d", files, reverse);
  if (plain || templated) return std::vector<std::string>{file};
  return Error{Errc::not_found,
               "no state file found. It must be named helmfile.d/*.{yaml,yml,yaml.gotmpl,yml.gotmpl}, helmfile.yaml, or "
               "helmfile.yaml.gotmpl, otherwise specified with the --file flag or HELMFILE_FILE_PATH environment variable"};
}

/// What a visit of state files takes from the command line or from the file that names them.
struct Visit {
  std::vector<std::string> selectors = {};
  const Value* override_values = nullptr;  ///< entries of `helmfiles[].values`; null: those of the command line
  std::string override_folder = {};        ///< what their paths are relative to
  const StateText* parent = nullptr;
  std::vector<std::string> inherits = {};  ///< which parts of the parent the file gets
  int nesting = 0;
};

class Visitor {
 public:
  Visitor(const Options& options, const Outside& outside) : options_(options), templates_(outside) {}

  Result<Loaded> run() {
    auto visited = visit(options_.file, {.selectors = options_.selectors});
    if (!visited) return std::move(visited).error();
    return std::move(loaded_);
  }

 private:
  Result<> visit(const std::string& given, const Visit& visit_of) {
    if (visit_of.nesting > max_nesting) {
      return Error{Errc::invalid, "state files nest more than " + std::to_string(max_nesting) + " deep at " + given};
    }
    auto files = find_state_files(given, templates_.outside(), options_.reverse);
    if (!files) return std::move(files).error();
    for (const std::string& file : *files) {
      auto done = visit_file(file, visit_of);
      if (!done) return std::move(done).error().during("in " + file);
    }
    return {};
  }

  Result<> visit_file(const std::string& file, const Visit& visit_of) {
    StateRequest request{.file = file, .environment = options_.environment, .name_space = options_.name_space};
    auto overrides = override_environment(file, visit_of);
    if (!overrides) return std::move(overrides).error();
    request.override_values = std::move(*overrides);
    const auto is_handed_down = [&visit_of](std::string_view part) {
      return std::find(visit_of.inherits.begin(), visit_of.inherits.end(), part) != visit_of.inherits.end();
    };
    if (is_handed_down("environments")) request.inherited = visit_of.parent->environment.copy();
    auto text = load_state_text(templates_, request, loaded_.notes);
    if (!text) return std::move(text).error();
    if (!*text) {
      loaded_.notes.push_back(file + " does not define the environment \"" + options_.environment + "\" and is left out");
      return {};
    }
    if (visit_of.parent != nullptr) hand_down((*text)->spec, visit_of.parent->spec, visit_of.inherits);
    if (!options_.reverse) {
      auto nested = visit_nested(file, **text, visit_of);
      if (!nested) return nested;
    }
    auto state = read_state(file, **text, visit_of.selectors);
    if (!state) return std::move(state).error();
    loaded_.states.push_back(std::move(*state));
    return options_.reverse ? visit_nested(file, **text, visit_of) : Result<>();
  }

  /// The environment that state values make; nothing without any.
  Result<std::optional<Environment>> override_environment(const std::string& file, const Visit& visit_of) {
    Environment environment{.name = options_.environment};
    const std::string folder = visit_of.override_values == nullptr ? directory_of(file) : visit_of.override_folder;
    Value entries;
    if (visit_of.override_values != nullptr) {
      entries = *visit_of.override_values;
    } else if (visit_of.nesting == 0) {
      std::vector<Value> files;
      for (const std::string& path : options_.state_values_files) files.push_back(Value::of_string(path));
      entries = Value::new_list(std::move(files));
    }
    const bool sets = visit_of.nesting == 0 && !(options_.state_values_set.empty() && options_.state_values_set_string.empty());
    if (entries.size() == 0 && !sets) return std::optional<Environment>();
    auto loaded = load_values_entries(templates_, entries, folder, environment, MissingFile::error, loaded_.notes);
    if (!loaded) return std::move(loaded).error();
    environment.values = *loaded;
    if (sets) {
      const Value set = Value::new_map();
      for (const std::string& argument : options_.state_values_set) {
        auto done = set_state_values(set, argument);
        if (!done) return std::move(done).error().during("--state-values-set");
      }
      for (const std::string& argument : options_.state_values_set_string) {
        auto done = set_state_values_string(set, argument);
        if (!done) return std::move(done).error().during("--state-values-set-string");
      }
      drop_nulls(set);
      merge_state_values(environment.values, set);
    }
    return std::optional(std::move(environment));
  }

  static void drop_nulls(const Value& map) {
    std::vector<std::string> nulls;
    for (const Map::Entry& entry : *map.map()) {
      if (entry.value.is_nil()) nulls.push_back(entry.key.str());
    }
    for (const std::string& key : nulls) map.map()->erase(key);
  }

  Result<> visit_nested(const std::string& file, const StateText& text, const Visit& visit_of) {
    std::vector<Value> entries(items_of(text.spec, "helmfiles").begin(), items_of(text.spec, "helmfiles").end());
    if (options_.reverse) std::reverse(entries.begin(), entries.end());
    for (std::size_t i = 0; i < entries.size(); ++i) {
      const std::string place = "helmfiles[" + std::to_string(options_.reverse ? entries.size() - 1 - i : i) + "]";
      auto done = visit_entry(file, text, entries[i], place, visit_of);
      if (!done) return std::move(done).error().during(place);
    }
    return {};
  }

  Result<> visit_entry(const std::string& file, const StateText& text, const Value& entry, const std::string& entry_name,
                       const Visit& visit_of) {
    const std::string pattern = text_of(entry, "path");
    const Value* selectors = entry.find("selectors");
    const bool inherited = bool_of(entry, "selectorsInherited", false);
    if (pattern.empty()) return Error{Errc::invalid, entry_name + " needs a path"};
    if (inherited && selectors != nullptr && selectors->size() > 0) {
      return Error{Errc::invalid,
                   "you cannot use 'selectorsInherited: true' along with and explicit selector for path: " + pattern};
    }
    const std::vector<std::string> inherits = texts_of(entry, "inherits");
    for (const std::string& part : inherits) {
      if (part == "environments" || can_be_handed_down(part)) continue;
      return Error{Errc::invalid, "inherits: \"" + part +
                                      "\" cannot be inherited: allowed are repositories, helmDefaults, commonLabels, apiVersions, "
                                      "kubeVersion, templates and environments"};
    }
    const std::string folder = directory_of(file);
    std::string place = join_path(folder, pattern);
    if (is_remote(pattern)) {
      auto fetched = fetch(templates_.outside(), pattern);
      if (!fetched) return std::move(fetched).error();
      place = std::move(*fetched);
    }
    auto paths = glob(templates_.outside().files, place);
    if (!paths) return std::move(paths).error();
    if (options_.reverse) std::reverse(paths->begin(), paths->end());
    if (paths->empty()) {
      if (text_of(text.spec, "missingFileHandler") == "Error") return Error{Errc::not_found, "no matches for path: " + pattern};
      loaded_.notes.push_back("no matches for path: " + pattern);
    }
    Visit nested{.selectors = selectors == nullptr || inherited ? visit_of.selectors : texts_of(entry, "selectors"),
                 .override_values = entry.find("values"),
                 .override_folder = folder,
                 .parent = &text,
                 .inherits = inherits,
                 .nesting = visit_of.nesting + 1};
    for (const std::string& path : *paths) {
      if (path == file || path == folder) return Error{Errc::invalid, file + " contains a recursion into itself at " + entry_name};
      auto done = visit(path, nested);
      if (!done) return done;
    }
    return {};
  }

  Result<State> read_state(const std::string& file, const StateText& text, const std::vector<std::string>& selectors) {
    State state{.file = file,
                .folder = directory_of(file),
                .environment = text.environment.name,
                .values = text.values,
                .spec = text.spec};
    auto overridden = read_overrides(state);
    if (!overridden) return std::move(overridden).error();
    const ReleaseContext context{.file = file,
                                 .folder = state.folder,
                                 .environment = text.environment.as_template_data(),
                                 .values = state.values,
                                 .kube_context = state.kube_context,
                                 .name_space = state.name_space,
                                 .chart = state.chart};
    state.environment_data = context.environment;
    auto args = read_args(text.spec);
    if (!args) return std::move(args).error();
    state.args = std::move(*args);
    state.command = options_.command;
    state.repositories = read_repositories(text.spec, templates_.outside(), state.folder);
    state.hooks = read_hooks(text.spec);
    const std::string lock_path = text_of(text.spec, "lockFilePath");
    state.lock_file = join_path(state.folder, lock_path.empty() ? lock_file_name(file) : lock_path);
    auto lock = read_lock(state.lock_file);
    if (!lock) return std::move(lock).error();
    for (const Value& record : items_of(text.spec, "releases")) {
      auto release = read_one_release(record, text.spec, context, state, *lock);
      if (!release) return std::move(release).error();
      state.releases.push_back(std::move(*release));
    }
    note_needs_of_removed(state);
    auto selected = select(state, selectors);
    if (!selected) return std::move(selected).error();
    return state;
  }

  Result<> read_overrides(State& state) const {
    const auto one = [&](const char* field, const char* flag, const std::string& given, std::string& into) -> Result<> {
      into = text_of(state.spec, field);
      if (given.empty()) return {};
      if (!into.empty()) {
        return Error{Errc::invalid, std::string("cannot use option --") + flag + " and set attribute " + field};
      }
      into = given;
      return {};
    };
    auto done = one("kubeContext", "kube-context", options_.kube_context, state.kube_context);
    if (done) done = one("namespace", "namespace", options_.name_space, state.name_space);
    if (done) done = one("chart", "chart", options_.chart, state.chart);
    return done;
  }

  /// The command line's, then the file's.
  Result<HelmArgs> read_args(const Value& spec) const {
    HelmArgs args = options_.args;
    const Value* defaults = spec.find("helmDefaults");
    if (defaults == nullptr) return args;
    auto own = parse_helm_args(texts_of(*defaults, "args"), "helmDefaults.args");
    if (!own) return own;
    append_args(args, std::move(*own));
    if (options_.command == "lint") return args;  // helmfile gives it nothing of the rest
    auto of_template = parse_helm_args(without_dry_run(texts_of(*defaults, "templateArgs")), "helmDefaults.templateArgs");
    if (!of_template) return of_template;
    append_args(args, std::move(*of_template));
    if (options_.command == "template") return args;
    auto shown = check_diff_args(texts_of(*defaults, "diffArgs"), "helmDefaults.diffArgs");
    if (!shown) return std::move(shown).error();
    auto of_upgrade = parse_helm_args(texts_of(*defaults, "syncArgs"), "helmDefaults.syncArgs");
    if (!of_upgrade) return of_upgrade;
    append_args(args, std::move(*of_upgrade));
    return args;
  }

  Result<std::optional<Lock>> read_lock(const std::string& path) const {
    const Files& files = templates_.outside().files;
    if (!options_.use_lock || files.kind(path) != FileKind::file) return std::optional<Lock>();
    auto bytes = files.read(path);
    if (!bytes) return std::move(bytes).error();
    auto lock = parse_lock(*bytes, path);
    if (!lock) return std::move(lock).error();
    return std::optional(std::move(*lock));
  }

  /// Inheritance, what it gets from the file, its templates, then the fields.
  Result<Release> read_one_release(const Value& record, const Value& spec, const ReleaseContext& context, const State& state,
                                   const std::optional<Lock>& lock) {
    const Value none = Value::new_map();
    const Value* templates = spec.find("templates");
    auto release = inherit_templates(record, templates == nullptr ? none : *templates, texts_of(spec, "defaultInherit"));
    if (!release) return std::move(release).error();
    const Value own = deep_copy(*release);
    Map& fields = *own.map();
    const Value* defaults = spec.find("helmDefaults");
    if (text_of(own, "kubeContext").empty() && defaults != nullptr) {
      fields.set("kubeContext", Value::of_string(text_of(*defaults, "kubeContext")));
    }
    if (const Value* common = spec.find("commonLabels"); common != nullptr) {
      Value& labels = fields.at_or_add("labels");
      if (!labels.is_map()) labels = Value::new_map();
      for (const Map::Entry& entry : *common->map()) labels.map()->set(entry.key, entry.value);
    }
    for (const char* field : {"apiVersions", "kubeVersion"}) {
      const Value* common = spec.find(field);
      if (common != nullptr && is_zero(fields.at_or_add(field))) fields.set(field, *common);
    }
    auto rendered = execute_release_templates(templates_, context, own);
    if (!rendered) return std::move(rendered).error();
    auto read = read_release(*rendered, spec, context, state.repositories, lock);
    if (!read) return read;
    apply_args(state.args, read->deploy);
    if (!state.args.kube_version.empty()) read->kube_version = state.args.kube_version;
    read->api_versions.insert(read->api_versions.end(), state.args.api_versions.begin(), state.args.api_versions.end());
    read->chart.devel |= state.args.devel;
    return read;
  }

  void note_needs_of_removed(const State& state) {
    std::map<std::string, bool> installed;
    for (const Release& release : state.releases) installed[release.id] = release.installed;
    for (const Release& release : state.releases) {
      for (const std::string& need : release.needs) {
        const auto found = installed.find(need);
        if (!release.installed || found == installed.end() || found->second) continue;
        loaded_.notes.push_back("release " + release.name + " needs " + need + ", which is not installed (installed: false)");
      }
    }
  }

  /// Marks what selectors and conditions choose, and puts it into groups.
  Result<> select(State& state, const std::vector<std::string>& arguments) {
    std::vector<Selector> selectors;
    for (const std::string& argument : arguments) {
      auto selector = parse_selector(argument);
      if (!selector) return std::move(selector).error();
      selectors.push_back(std::move(*selector));
    }
    std::set<std::string> ids;
    for (Release& release : state.releases) {
      release.selected = release.enabled && any_selects(selectors, release.labels);
      if (!release.selected) continue;
      loaded_.matched = true;
      if (!ids.insert(release.id).second) return duplicate(release);
    }
    // of releases with one id, the selected one stands for all
    std::vector<Node> nodes;
    std::vector<std::size_t> index;
    std::map<std::string, std::size_t> seen;
    for (std::size_t i = 0; i < state.releases.size(); ++i) {
      const Release& release = state.releases[i];
      const auto [at, fresh] = seen.emplace(release.id, nodes.size());
      if (!fresh && !ids.contains(release.id)) return duplicate(release);
      if (fresh) {
        nodes.push_back({release.id, release.needs});
        index.push_back(i);
      } else if (release.selected) {
        nodes[at->second].needs = release.needs;
        index[at->second] = i;
      }
    }
    if (ids.empty()) return {};
    const NeedsRule rule = options_.include_transitive_needs ? NeedsRule::include : options_.needs;
    auto groups = group_by_needs(nodes, ids, rule);
    if (!groups) return std::move(groups).error();
    for (auto& group : *groups) {
      for (std::size_t& node : group) node = index[node];
    }
    if (options_.reverse) std::reverse(groups->begin(), groups->end());
    state.groups = std::move(*groups);
    return {};
  }

  static Error duplicate(const Release& release) {
    std::string where;
    if (!release.name_space.empty()) where += " in namespace \"" + release.name_space + "\"";
    if (!release.kube_context.empty()) where += " in kubecontext \"" + release.kube_context + "\"";
    return {Errc::invalid,
            "duplicate release \"" + release.name + "\" found" + where + ": several releases of that name match the selectors"};
  }

  const Options& options_;
  Templates templates_;
  Loaded loaded_;
};

}  // namespace

Result<Loaded> load(const Options& options, const Outside& outside) { return Visitor(options, outside).run(); }

std::string no_match_text(const Options& options) {
  std::string selectors;
  for (const std::string& selector : options.selectors) selectors += (selectors.empty() ? "" : ", ") + selector;
  return "no releases found that matches specified selector(" + selectors + ") and environment(" + options.environment +
         "), in any helmfile";
}

}  // namespace sluice::helmfile
