#include "server/worker/tree_render.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/chart/reuse.hpp"
#include "core/chart/values.hpp"
#include "core/functions/recorder.hpp"
#include "core/helmfile/render.hpp"
#include "core/value/json.hpp"
#include "server/worker/kubectl.hpp"
#include "server/worker/tree_commands.hpp"

namespace sluice::worker {

using plan::Json;

namespace {

/// A release of the tree with the chart that it is made of.
struct Entry {
  const helmfile::State* state = nullptr;  ///< null for a lone chart and for manifests
  helmfile::Release release;
  source::ObtainedChart chart;
  std::vector<CommandToPlan> commands;
  int group = 0;
};

/// The data of a Secret, or of each in a list of them, is secret wherever it ends up.
void mark_data(Value& object) {
  if (!object.map()) return;
  const Value* kind = object.find("kind");
  if (kind && kind->str() == "Secret") {
    for (const char* part : {"data", "stringData"}) {
      if (Value* data = object.map()->find(part)) *data = mark_secret(*data);
    }
  }
  if (Value* items = object.map()->find("items"); items && items->list()) {
    for (Value& item : items->list()->items) mark_data(item);
  }
}

Error unsupported(const std::string& release, const std::string& field, const std::string& why) {
  return {Errc::unsupported, "release \"" + release + "\": " + field + " is not supported: " + why};
}

/// What `syncReleaseLabels` writes: all but the names that Helm keeps for itself.
plan::ReleaseLabels record_labels(const helmfile::Release& release) {
  plan::ReleaseLabels labels(release.labels.begin(), release.labels.end());
  std::erase_if(labels, [](const auto& label) { return label.first.empty() || plan::is_label_of_helm(label.first); });
  return labels;
}

Result<> check_record_labels(const helmfile::Release& release) {
  for (const auto& [key, value] : record_labels(release)) {
    if (plan::is_label(key, value)) continue;
    return Error{Errc::invalid, "release \"" + release.name + "\": syncReleaseLabels: Kubernetes takes no label \"" + key + "\" with the value \"" + value + "\""};
  }
  return {};
}

/// Fields that helm would obey and this push does not.
Result<> refuse_unsupported(const helmfile::Release& release, const std::string& context) {
  const helmfile::DeployOptions& deploy = release.deploy;
  if (deploy.force) return unsupported(release.name, "force", "an object that cannot be changed in place is replaced only where that is safe");
  if (deploy.recreate_pods) return unsupported(release.name, "recreatePods", "pods are replaced by their controller");
  if (deploy.force_conflicts || !(deploy.server_side.empty() || deploy.server_side == "false")) {
    return unsupported(release.name, deploy.force_conflicts ? "forceConflicts" : "serverSide: " + deploy.server_side,
                       "objects are written by three-way merge, as Helm 3 writes them");
  }
  if (!deploy.update_strategy.empty()) return unsupported(release.name, "updateStrategy", "a release is never uninstalled to be updated");
  if (deploy.track_mode == "kubedog") return unsupported(release.name, "trackMode: kubedog", "use wait: true, and sluice follows every object");
  if (!release.kube_context.empty() && release.kube_context != context) {
    return unsupported(release.name, "kubeContext \"" + release.kube_context + "\"", "the cluster is the environment's");
  }
  return {};
}

plan::Cascade cascade_of(const std::string& word) {
  if (word == "foreground") return plan::Cascade::foreground;
  return word == "orphan" ? plan::Cascade::orphan : plan::Cascade::background;
}

enum class Fate { stays, goes };

plan::PushOptions push_options(const helmfile::DeployOptions& deploy, Fate fate) {
  plan::PushOptions options;
  options.wait = deploy.wait || deploy.atomic;
  options.wait_for_jobs = deploy.wait_for_jobs;
  options.wait_for_deletion = deploy.delete_wait;
  options.atomic = deploy.atomic;
  options.cleanup_on_fail = deploy.cleanup_on_fail;
  options.history_max = deploy.history_max;
  options.timeout = deploy.timeout;
  if (fate == Fate::stays) options.description = deploy.description;
  if (fate == Fate::goes) options.timeout = deploy.delete_wait ? deploy.delete_timeout : helmfile::DeployOptions().delete_timeout;
  return options;
}

/// The values of a release record, numbers as Helm reads them from there. What was given to the release may have been secret, and
/// the record does not tell: all of it is taken for secret, as what it has made of the chart's defaults.
Result<chart::LastValues> last_values(const Json& last, const chart::Chart& chart) {
  auto values = read_json(plan::to_text(last.at("chart_values")), {.target = JsonTarget::map});
  if (!values) return std::move(values).error().during("the values of the last release");
  auto config = read_json(plan::to_text(last.at("config")), {.target = JsonTarget::map});
  if (!config) return std::move(config).error().during("the values of the last release");
  helmfile::mark_changes(chart.values, *values);
  return chart::LastValues{plan::text_at(last, "chart"), std::move(*values), mark_secret(*config)};
}

class LocalTree final : public TreeRenderer {
 public:
  LocalTree(TreeInput input, TreeWorld world) : input_(std::move(input)), world_(std::move(world)) {}

  Result<TreeContents> load() override;
  Result<RenderedRelease> render(std::size_t index, const ReleaseFacts& facts) override;
  Result<std::string> inputs() override;
  Result<> clean_up() override;

 private:
  void connect_functions();
  Result<> load_helmfile();
  Result<> load_state(const helmfile::State& one, int& group);
  Result<> load_release(const helmfile::State& one, const helmfile::Release& release, int group);
  Result<> prepare(const helmfile::State& one, const helmfile::Release* release);
  Result<> load_chart();
  Result<> read_manifests(const std::string& folder, std::vector<plan::Document>& documents);
  ReadManifests manifests_reader();
  Result<> load_layout();
  ReleaseToPlan to_plan(const Entry& entry) const;
  Result<Value> values_of(const Entry& entry);
  RenderedRelease rendered_manifests() const;

  TreeInput input_;
  TreeWorld world_;
  functions::Recorder recorder_;
  functions::Outside functions_;  ///< through the recorder
  helmfile::Loaded loaded_;
  std::vector<Entry> entries_;
  std::vector<CommandToPlan> commands_;    ///< of the state files themselves
  std::vector<plan::Document> manifests_;  ///< of the layout `manifests`
  std::vector<std::string> notes_;
};

void LocalTree::connect_functions() {
  world_.functions.lookup = [this](const functions::ObjectQuery& query) -> Result<Value> {
    auto found = world_.find_object(query);
    if (!found) return std::move(found).error();
    if (!*found) return Value::new_map();
    Value object = to_value(**found);
    mark_data(object);
    return object;
  };
  functions_ = recorder_.through(world_.functions);
  world_.outside.functions = &functions_;
}

Result<> LocalTree::load_helmfile() {
  auto read = helmfile::load(input_.options, world_.outside);
  if (!read) return std::move(read).error();
  loaded_ = std::move(*read);
  notes_ = loaded_.notes;
  if (!loaded_.matched) return Error{Errc::not_found, helmfile::no_match_text(input_.options)};
  int group = 0;
  for (const helmfile::State& one : loaded_.states) {
    if (auto done = load_state(one, group); !done) return done;
  }
  return {};
}

/// The releases of one file, in the order of work: what is to be removed first, those that need others before these; then the
/// rest, those that are needed first.
/// Differs: helmfile goes on when a removal fails.
Result<> LocalTree::load_state(const helmfile::State& one, int& group) {
  const bool removes_all = input_.options.reverse;
  if (!removes_all) {
    if (auto prepared = prepare(one, nullptr); !prepared) return prepared;
    for (auto members = one.groups.rbegin(); members != one.groups.rend(); ++members) {
      for (const std::size_t index : *members) {
        if (one.releases[index].installed) continue;
        if (auto done = load_release(one, one.releases[index], group); !done) return done;
      }
      ++group;
    }
  }
  for (const auto& members : one.groups) {
    for (const std::size_t index : members) {
      if (!one.releases[index].installed && !removes_all) continue;
      if (auto done = load_release(one, one.releases[index], group); !done) return done;
    }
    ++group;
  }
  auto last = commands_of(one, nullptr, {"cleanup"}, world_.outside, manifests_reader());
  if (!last) return std::move(last).error();
  std::move(last->begin(), last->end(), std::back_inserter(commands_));
  return {};
}

Result<> LocalTree::load_release(const helmfile::State& one, const helmfile::Release& release, int group) {
  if (auto good = refuse_unsupported(release, input_.context); !good) return good;
  if (release.deploy.sync_release_labels) {
    if (auto good = check_record_labels(release); !good) return good;
  }
  Entry entry{&one, release, {}, {}, group};
  if (release.installed && !input_.options.reverse) {
    if (auto prepared = prepare(one, &release); !prepared) return prepared;
    auto chart = world_.chart_of(one, release);
    if (!chart) return std::move(chart).error();
    entry.chart = std::move(*chart);
  }
  std::vector<std::string> events = {"preuninstall", "postuninstall", "cleanup"};
  if (!input_.options.reverse) events.insert(events.begin(), {"preapply", "presync", "postsync"});
  auto all = commands_of(one, &release, events, world_.outside, manifests_reader());
  if (!all) return std::move(all).error().during("release \"" + release.name + "\"");
  entry.commands = std::move(*all);
  entries_.push_back(std::move(entry));
  return {};
}

/// Runs the hooks that come before charts are read. Policy has said whether they may: nobody has approved anything yet.
Result<> LocalTree::prepare(const helmfile::State& one, const helmfile::Release* release) {
  auto logs = helmfile::run_hooks(one, release, "prepare", "", world_.outside);
  if (!logs) return std::move(logs).error().during(release ? "release \"" + release->name + "\"" : "in " + one.file);
  if (!logs->empty()) notes_.push_back("hook: " + *logs);
  return {};
}

ReadManifests LocalTree::manifests_reader() {
  return [this](const std::string& path) -> Result<std::vector<plan::Document>> {
    std::vector<plan::Document> documents;
    const auto& files = world_.outside.files;
    if (files.kind(path) == helmfile::FileKind::folder) {
      if (auto read = read_manifests(path, documents); !read) return std::move(read).error();
      return documents;
    }
    auto text = files.read(path);
    if (!text) return std::move(text).error();
    return plan::split_manifest("---\n# Source: " + path + "\n" + *text);
  };
}

Result<> LocalTree::load_chart() {
  Entry entry;
  entry.release.name = input_.release;
  entry.release.name_space = input_.namespace_;
  entry.release.chart.from = helmfile::ChartSource::From::folder;
  entry.release.chart.reference = input_.path;
  entry.release.chart.path = input_.path;
  entry.release.deploy.wait = true;
  auto chart = world_.chart_of(loaded_.states.emplace_back(), entry.release);
  if (!chart) return std::move(chart).error();
  entry.chart = std::move(*chart);
  entries_.push_back(std::move(entry));
  return {};
}

Result<> LocalTree::read_manifests(const std::string& folder, std::vector<plan::Document>& documents) {
  auto names = world_.outside.files.list(folder);
  if (!names) return std::move(names).error();
  for (const auto& [name, kind] : *names) {
    const std::string path = folder.empty() || folder == "." ? name : folder + "/" + name;
    if (kind == helmfile::FileKind::folder) {
      if (auto inner = read_manifests(path, documents); !inner) return inner;
    } else if (name.ends_with(".yaml") || name.ends_with(".yml") || name.ends_with(".json")) {
      auto text = world_.outside.files.read(path);
      if (!text) return std::move(text).error();
      const std::string manifest = "---\n# Source: " + path + "\n" + *text + (text->ends_with('\n') ? "" : "\n");
      for (auto& document : plan::split_manifest(manifest)) documents.push_back(std::move(document));
    }
  }
  return {};
}

Result<> LocalTree::load_layout() {
  if (input_.layout == config::Layout::helmfile) return load_helmfile();
  if (input_.layout == config::Layout::chart) return load_chart();
  Entry entry;
  entry.release.name = input_.release.empty() ? "manifests" : input_.release;
  entry.release.name_space = input_.namespace_;
  entry.release.deploy.wait = true;
  entries_.push_back(std::move(entry));
  if (auto read = read_manifests(input_.path, manifests_); !read) return read;
  if (manifests_.empty()) return Error{Errc::not_found, "no .yaml, .yml or .json file in " + input_.path};
  return {};
}

ReleaseToPlan LocalTree::to_plan(const Entry& entry) const {
  ReleaseToPlan release;
  release.name = entry.release.name;
  release.namespace_ = entry.release.name_space.empty() ? input_.context_namespace : entry.release.name_space;
  release.group = entry.group;
  release.installed = entry.release.installed;
  const bool goes = !entry.release.installed || input_.options.reverse;
  release.options = push_options(entry.release.deploy, goes ? Fate::goes : Fate::stays);
  release.reuse_values = entry.release.deploy.reuse_values;
  release.cascade = cascade_of(entry.release.deploy.cascade);
  if (entry.release.deploy.sync_release_labels) release.labels = record_labels(entry.release);
  release.create_namespace = entry.release.deploy.create_namespace;
  release.take_ownership = entry.release.deploy.take_ownership;
  release.skip_crds = entry.release.deploy.skip_crds;
  release.commands = entry.commands;
  return release;
}

Result<TreeContents> LocalTree::load() {
  connect_functions();
  if (auto done = load_layout(); !done) return std::move(done).error();
  TreeContents contents{{}, commands_, notes_};
  for (const Entry& entry : entries_) contents.releases.push_back(to_plan(entry));
  return contents;
}

static Result<Value> during(const std::string& where, Result<Value> values) {
  return values ? std::move(values) : Result<Value>(std::move(values).error().during(where));
}

Result<Value> LocalTree::values_of(const Entry& entry) {
  const std::string where = "release \"" + entry.release.name + "\"";
  const auto read = [this](std::string_view path) { return world_.outside.files.read(std::string(path)); };
  if (!entry.state) {
    chart::ValueFlags flags;
    flags.files = input_.values;
    return during(where, chart::read_values(flags, read));
  }
  auto layers = helmfile::values_of(*entry.state, entry.release, world_.outside);
  if (!layers) return std::move(layers).error();
  return during(where, helmfile::merge_values(*layers, read));
}

RenderedRelease LocalTree::rendered_manifests() const {
  RenderedRelease rendered;
  rendered.chart = "manifests";
  rendered.manifests = manifests_;
  for (const auto& document : manifests_) rendered.manifest += "---\n# Source: " + document.source + "\n" + document.text.str() + "\n";
  rendered.chart_record = [] { return Json{{"metadata", {{"apiVersion", "v2"}, {"name", "manifests"}, {"version", "0.0.0"}}}}; };
  rendered.config = Json::object();
  return rendered;
}

Result<RenderedRelease> LocalTree::render(std::size_t index, const ReleaseFacts& facts) {
  const Entry& entry = entries_.at(index);
  if (input_.layout == config::Layout::manifests) return rendered_manifests();
  const std::string where = "release \"" + entry.release.name + "\"";
  auto values = values_of(entry);
  if (!values) return std::move(values).error();
  auto chart = entry.chart.chart;
  if (!facts.last.is_null()) {
    auto last = last_values(facts.last, *chart);
    if (!last) return std::move(last).error().during(where);
    auto reused = chart::reuse_values(*chart, *values, *last);
    if (!reused) return std::move(reused).error().during(where);
    chart = std::move(reused->chart);
    *values = std::move(reused->values);
  }
  helmfile::RenderSettings settings;
  settings.capabilities = input_.capabilities;
  settings.is_upgrade = facts.is_upgrade;
  settings.revision = facts.revision;
  settings.outside = &functions_;
  if (entry.state) {
    auto patches = helmfile::chartify_of(*entry.state, entry.release, {*entry.chart.chart, entry.chart.form, *values}, world_.outside);
    if (!patches) return std::move(patches).error();
    settings.chartify = std::move(*patches);
  }
  auto rendered = helmfile::render_release(entry.release, *chart, *values, settings);
  if (!rendered) return std::move(rendered).error().during(where);
  return to_rendered(chart, *rendered, plan::from_value(*values));
}

Result<std::string> LocalTree::inputs() {
  Json charts = Json::object();
  for (const Entry& entry : entries_) {
    if (!entry.chart.chart) continue;
    charts[entry.release.name_space + "/" + entry.release.name] = {
        {"version", entry.chart.version}, {"digest", entry.chart.digest}, {"from", entry.chart.from}};
  }
  return plan::to_text(Json{{"charts", charts}, {"recorded", plan::from_value(recorder_.record())}});
}

/// Hooks of `cleanup`, as at the end of `helmfile diff`: the plan is all there is to come.
Result<> LocalTree::clean_up() {
  for (const Entry& entry : entries_) {
    if (!entry.state) continue;
    auto done = helmfile::run_hooks(*entry.state, &entry.release, "cleanup", "", world_.outside);
    if (!done) return std::move(done).error();
  }
  for (const helmfile::State& one : loaded_.states) {
    auto done = helmfile::run_hooks(one, nullptr, "cleanup", "", world_.outside);
    if (!done) return std::move(done).error();
  }
  return {};
}

}  // namespace

std::unique_ptr<TreeRenderer> make_tree_renderer(TreeInput input, TreeWorld world) {
  return std::make_unique<LocalTree>(std::move(input), std::move(world));
}

}  // namespace sluice::worker
