#include "server/worker/tree.hpp"

#include <algorithm>
#include <list>
#include <map>
#include <nlohmann/json.hpp>

#include "core/base/digest.hpp"
#include "core/chart/chart.hpp"
#include "core/chart/values.hpp"
#include "core/functions/recorder.hpp"
#include "core/helmfile/render.hpp"
#include "server/kube/cluster.hpp"
#include "server/task/work_thread.hpp"
#include "server/worker/tree_commands.hpp"

namespace sluice::worker {

using boost::asio::awaitable;
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

/// The Secret as it will be, on what there is now.
Json with_data(const SecretToPlan& secret, std::optional<Json> now) {
  Json object = now ? std::move(*now) : Json{{"apiVersion", "v1"}, {"kind", "Secret"}, {"type", "Opaque"}, {"metadata", {{"name", secret.name}, {"namespace", secret.namespace_}}}};
  Json data = Json::object();
  for (const auto& [key, bytes] : secret.data) data[key] = to_base64(bytes);
  object["data"] = std::move(data);
  return object;
}

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

/// Fields that helm would obey and this push does not.
Result<> refuse_unsupported(const helmfile::Release& release, const kube::Access& access) {
  if (release.deploy.force) return unsupported(release.name, "force", "an object that cannot be changed in place is replaced only where that is safe");
  if (release.deploy.recreate_pods) return unsupported(release.name, "recreatePods", "pods are replaced by their controller");
  if (release.deploy.reuse_values) return unsupported(release.name, "reuseValues", "values come from the commit alone");
  if (release.deploy.enable_dns) return unsupported(release.name, "enableDNS", "templates may not ask name servers");
  if (!release.kube_context.empty() && release.kube_context != access.context) {
    return unsupported(release.name, "kubeContext \"" + release.kube_context + "\"", "the cluster is the environment's");
  }
  return {};
}

plan::PushOptions push_options(const helmfile::DeployOptions& deploy) {
  plan::PushOptions options;
  options.wait = deploy.wait || deploy.atomic;
  options.wait_for_jobs = deploy.wait_for_jobs;
  options.wait_for_deletion = deploy.delete_wait;
  options.atomic = deploy.atomic;
  options.cleanup_on_fail = deploy.cleanup_on_fail;
  options.history_max = deploy.history_max;
  options.timeout = deploy.timeout;
  return options;
}

}  // namespace

struct Tree::State {
  State(TreeRequest asked, WorkThread& on_thread, kube::Discovery kinds, kube::Access where, kube::ClusterRules rules)
      : request(std::move(asked)), thread(on_thread), discovery(std::move(kinds)), access(where), reader(std::move(where), std::move(rules), discovery) {}

  TreeRequest request;
  WorkThread& thread;
  kube::Discovery discovery;
  kube::Access access;
  kube::BlockingReader reader;
  chart::Capabilities capabilities;
  functions::Recorder recorder;
  functions::Outside world;  ///< through the recorder
  helmfile::Loaded loaded;
  std::list<Entry> entries;
  std::vector<CommandToPlan> commands;    ///< of the state files themselves
  std::vector<plan::Document> manifests;  ///< of the layout `manifests`
  std::vector<std::string> notes;

  void connect_world();
  KubectlWorld kubectl_world();
  /// An object as it will be once the plan's Secrets are written; with an empty name the list.
  Result<std::optional<Json>> find_object(std::string_view api_version, std::string_view kind, const std::string& namespace_,
                                          const std::string& name);
  Result<> load();
  Result<> load_helmfile();
  Result<> load_state(const helmfile::State& one, source::Charts& charts, int& group);
  Result<> load_release(const helmfile::State& one, const helmfile::Release& release, source::Charts& charts, int group);
  Result<> prepare(const helmfile::State& one, const helmfile::Release* release);
  Result<> load_chart(source::Charts& charts);
  Result<> read_manifests(const std::string& folder, std::vector<plan::Document>& documents);
  ReadManifests manifests_reader();
  Result<RenderedRelease> render(const Entry& entry, const ReleaseFacts& facts);
  Result<Value> values_of(const Entry& entry);
  RenderedRelease rendered_manifests() const;
};

Result<std::optional<Json>> Tree::State::find_object(std::string_view api_version, std::string_view kind, const std::string& namespace_,
                                                     const std::string& name) {
  auto found = reader.lookup(api_version, kind, namespace_, name);
  if (!found || api_version != "v1" || kind != "Secret") return found;
  for (const SecretToPlan& secret : request.secrets) {
    if (!namespace_.empty() && secret.namespace_ != namespace_) continue;
    if (!name.empty()) {
      if (secret.name == name && secret.namespace_ == namespace_) return std::optional<Json>(with_data(secret, std::move(*found)));
      continue;
    }
    if (!*found) *found = Json{{"apiVersion", "v1"}, {"kind", "SecretList"}, {"items", Json::array()}};
    Json& items = (**found)["items"];
    const auto there = std::find_if(items.begin(), items.end(), [&](const Json& item) {
      return plan::text_at(item, "metadata/name") == secret.name && plan::text_at(item, "metadata/namespace") == secret.namespace_;
    });
    if (there == items.end()) items.push_back(with_data(secret, std::nullopt));
    else *there = with_data(secret, std::move(*there));
  }
  return found;
}

KubectlWorld Tree::State::kubectl_world() {
  KubectlWorld answers;
  answers.namespace_ = access.namespace_.empty() ? "default" : access.namespace_;
  answers.context = access.context;
  answers.resource = [this](std::string_view name) { return discovery.find_named(name); };
  using Known = std::map<std::string, std::optional<Json>>;
  answers.find = [this, known = std::make_shared<Known>()](const kube::Resource& resource, const std::string& namespace_,
                                                           const std::string& name) -> Result<std::optional<Json>> {
    const std::string key = resource.path(namespace_, name);
    if (const auto before = known->find(key); before != known->end()) return before->second;
    auto found = find_object(resource.api_version(), resource.kind, namespace_, name);
    if (found) known->emplace(key, *found);
    return found;
  };
  return answers;
}

void Tree::State::connect_world() {
  if (request.connect_kubectl) request.connect_kubectl(kubectl_world());
  request.world.lookup = [this](const functions::ObjectQuery& query) -> Result<Value> {
    auto found = find_object(query.api_version, query.kind, query.namespace_, query.name);
    if (!found) return std::move(found).error();
    if (!*found) return Value::new_map();
    Value object = to_value(**found);
    mark_data(object);
    return object;
  };
  world = recorder.through(request.world);
  request.outside.functions = &world;
}

Result<> Tree::State::load_helmfile() {
  auto read = helmfile::load(request.options, request.outside);
  if (!read) return std::move(read).error();
  loaded = std::move(*read);
  notes = loaded.notes;
  if (!loaded.matched) return Error{Errc::not_found, helmfile::no_match_text(request.options)};
  source::Charts charts(request.charts);
  int group = 0;
  for (const helmfile::State& one : loaded.states) {
    if (auto done = load_state(one, charts, group); !done) return done;
  }
  return {};
}

/// The releases of one file, in the order of work: what is to be removed first, those that need others before these; then the
/// rest, those that are needed first.
/// Differs: helmfile goes on when a removal fails.
Result<> Tree::State::load_state(const helmfile::State& one, source::Charts& charts, int& group) {
  const bool removes_all = request.options.reverse;
  if (!removes_all) {
    if (auto prepared = prepare(one, nullptr); !prepared) return prepared;
    for (auto members = one.groups.rbegin(); members != one.groups.rend(); ++members) {
      for (const std::size_t index : *members) {
        if (one.releases[index].installed) continue;
        if (auto done = load_release(one, one.releases[index], charts, group); !done) return done;
      }
      ++group;
    }
  }
  for (const auto& members : one.groups) {
    for (const std::size_t index : members) {
      if (!one.releases[index].installed && !removes_all) continue;
      if (auto done = load_release(one, one.releases[index], charts, group); !done) return done;
    }
    ++group;
  }
  auto last = commands_of(one, nullptr, {"cleanup"}, request.outside, manifests_reader());
  if (!last) return std::move(last).error();
  std::move(last->begin(), last->end(), std::back_inserter(commands));
  return {};
}

Result<> Tree::State::load_release(const helmfile::State& one, const helmfile::Release& release, source::Charts& charts, int group) {
  if (auto good = refuse_unsupported(release, access); !good) return good;
  Entry entry{&one, release, {}, {}, group};
  if (release.installed && !request.options.reverse) {
    if (auto prepared = prepare(one, &release); !prepared) return prepared;
    auto chart = charts.chart_of(one, release, request.outside.files);
    if (!chart) return std::move(chart).error();
    entry.chart = std::move(*chart);
  }
  std::vector<std::string> events = {"preuninstall", "postuninstall", "cleanup"};
  if (!request.options.reverse) events.insert(events.begin(), {"preapply", "presync", "postsync"});
  auto all = commands_of(one, &release, events, request.outside, manifests_reader());
  if (!all) return std::move(all).error().during("release \"" + release.name + "\"");
  entry.commands = std::move(*all);
  entries.push_back(std::move(entry));
  return {};
}

/// Runs the hooks that come before charts are read. Policy has said whether they may: nobody has approved anything yet.
Result<> Tree::State::prepare(const helmfile::State& one, const helmfile::Release* release) {
  auto logs = helmfile::run_hooks(one, release, "prepare", "", request.outside);
  if (!logs) return std::move(logs).error().during(release ? "release \"" + release->name + "\"" : "in " + one.file);
  if (!logs->empty()) notes.push_back("hook: " + *logs);
  return {};
}

ReadManifests Tree::State::manifests_reader() {
  return [this](const std::string& path) -> Result<std::vector<plan::Document>> {
    std::vector<plan::Document> documents;
    const auto& files = request.outside.files;
    if (files.kind(path) == helmfile::FileKind::folder) {
      if (auto read = read_manifests(path, documents); !read) return std::move(read).error();
      return documents;
    }
    auto text = files.read(path);
    if (!text) return std::move(text).error();
    return plan::split_manifest("---\n# Source: " + path + "\n" + *text);
  };
}

Result<> Tree::State::load_chart(source::Charts& charts) {
  Entry entry;
  entry.release.name = request.release;
  entry.release.name_space = request.namespace_;
  entry.release.chart.from = helmfile::ChartSource::From::folder;
  entry.release.chart.reference = request.path;
  entry.release.chart.path = request.path;
  entry.release.deploy.wait = true;
  auto chart = charts.chart_of(loaded.states.emplace_back(), entry.release, request.outside.files);
  if (!chart) return std::move(chart).error();
  entry.chart = std::move(*chart);
  entries.push_back(std::move(entry));
  return {};
}

Result<> Tree::State::read_manifests(const std::string& folder, std::vector<plan::Document>& documents) {
  auto names = request.outside.files.list(folder);
  if (!names) return std::move(names).error();
  for (const auto& [name, kind] : *names) {
    const std::string path = folder.empty() || folder == "." ? name : folder + "/" + name;
    if (kind == helmfile::FileKind::folder) {
      if (auto inner = read_manifests(path, documents); !inner) return inner;
    } else if (name.ends_with(".yaml") || name.ends_with(".yml") || name.ends_with(".json")) {
      auto text = request.outside.files.read(path);
      if (!text) return std::move(text).error();
      const std::string manifest = "---\n# Source: " + path + "\n" + *text + (text->ends_with('\n') ? "" : "\n");
      for (auto& document : plan::split_manifest(manifest)) documents.push_back(std::move(document));
    }
  }
  return {};
}

Result<> Tree::State::load() {
  connect_world();
  if (request.layout == config::Layout::helmfile) return load_helmfile();
  if (request.layout == config::Layout::chart) {
    source::Charts charts(request.charts);
    return load_chart(charts);
  }
  Entry entry;
  entry.release.name = request.release.empty() ? "manifests" : request.release;
  entry.release.name_space = request.namespace_;
  entry.release.deploy.wait = true;
  entries.push_back(std::move(entry));
  if (auto read = read_manifests(request.path, manifests); !read) return read;
  if (manifests.empty()) return Error{Errc::not_found, "no .yaml, .yml or .json file in " + request.path};
  return {};
}

Result<Value> Tree::State::values_of(const Entry& entry) {
  const auto read = [this](std::string_view path) { return request.outside.files.read(std::string(path)); };
  if (!entry.state) {
    chart::ValueFlags flags;
    flags.files = request.values;
    return chart::read_values(flags, read);
  }
  auto layers = helmfile::values_of(*entry.state, entry.release, request.outside);
  if (!layers) return std::move(layers).error();
  return helmfile::merge_values(*layers, read);
}

RenderedRelease Tree::State::rendered_manifests() const {
  RenderedRelease rendered;
  rendered.chart = "manifests";
  rendered.manifests = manifests;
  for (const auto& document : manifests) rendered.manifest += "---\n# Source: " + document.source + "\n" + document.text.str() + "\n";
  rendered.chart_record = Json{{"metadata", {{"apiVersion", "v2"}, {"name", "manifests"}, {"version", "0.0.0"}}}};
  rendered.config = Json::object();
  return rendered;
}

Result<RenderedRelease> Tree::State::render(const Entry& entry, const ReleaseFacts& facts) {
  if (request.layout == config::Layout::manifests) return rendered_manifests();
  const std::string where = "release \"" + entry.release.name + "\"";
  auto values = values_of(entry);
  if (!values) return std::move(values).error().during(where);
  helmfile::RenderSettings settings;
  settings.capabilities = capabilities;
  settings.is_upgrade = facts.is_upgrade;
  settings.revision = facts.revision;
  settings.outside = &world;
  auto rendered = helmfile::render_release(entry.release, *entry.chart.chart, *values, settings);
  if (!rendered) return std::move(rendered).error().during(where);
  return to_rendered(*entry.chart.chart, *rendered, plan::from_value(*values));
}

awaitable<Result<std::shared_ptr<Tree>>> Tree::load(kube::Cluster& cluster, TreeRequest request, WorkThread& thread) {
  auto version = co_await cluster.version();
  if (!version) co_return std::move(version).error();
  auto discovery = co_await cluster.discovery();
  if (!discovery) co_return std::move(discovery).error();
  auto state = std::make_shared<State>(std::move(request), thread, **discovery, cluster.access(), cluster.rules());
  auto parsed = chart::parse_kube_version(*version);
  if (!parsed) co_return std::move(parsed).error().during("the API server's version");
  state->capabilities.kube_version = std::move(*parsed);
  state->capabilities.api_versions = (*discovery)->api_versions();
  auto load = [state] { return state->load(); };
  auto loaded = co_await on(thread, std::move(load));
  if (!loaded) co_return std::move(loaded).error();
  co_return std::make_shared<Tree>(std::move(state));
}

Tree::~Tree() = default;

static awaitable<Result<RenderedRelease>> render_there(std::shared_ptr<Tree::State> state, const Entry* entry, ReleaseFacts facts) {
  auto render = [state, entry, facts] { return state->render(*entry, facts); };
  co_return co_await on(state->thread, std::move(render));
}

std::vector<ReleaseToPlan> Tree::releases() {
  std::vector<ReleaseToPlan> all;
  for (const Entry& entry : state_->entries) {
    ReleaseToPlan release;
    release.name = entry.release.name;
    release.namespace_ = entry.release.name_space.empty() ? state_->access.namespace_ : entry.release.name_space;
    release.group = entry.group;
    release.installed = entry.release.installed;
    release.options = push_options(entry.release.deploy);
    release.create_namespace = entry.release.deploy.create_namespace;
    release.take_ownership = entry.release.deploy.take_ownership;
    release.skip_crds = entry.release.deploy.skip_crds;
    release.commands = entry.commands;
    release.render = [state = state_, entry = &entry](ReleaseFacts facts) { return render_there(state, entry, facts); };
    all.push_back(std::move(release));
  }
  return all;
}

std::vector<CommandToPlan> Tree::commands() const { return state_->commands; }

/// Hooks of `cleanup`, as at the end of `helmfile diff`: the plan is all there is to come.
awaitable<Result<>> Tree::clean_up() {
  auto work = [state = state_]() -> Result<> {
    for (const Entry& entry : state->entries) {
      if (!entry.state) continue;
      auto done = helmfile::run_hooks(*entry.state, &entry.release, "cleanup", "", state->request.outside);
      if (!done) return std::move(done).error();
    }
    for (const helmfile::State& one : state->loaded.states) {
      auto done = helmfile::run_hooks(one, nullptr, "cleanup", "", state->request.outside);
      if (!done) return std::move(done).error();
    }
    return {};
  };
  co_return co_await on(state_->thread, std::move(work));
}

const std::vector<std::string>& Tree::notes() const { return state_->notes; }

Result<std::string> Tree::inputs() const {
  Json charts = Json::object();
  for (const Entry& entry : state_->entries) {
    if (!entry.chart.chart) continue;
    charts[entry.release.name_space + "/" + entry.release.name] = {
        {"version", entry.chart.version}, {"digest", entry.chart.digest}, {"from", entry.chart.from}};
  }
  return plan::to_text(Json{{"charts", charts}, {"recorded", plan::from_value(state_->recorder.record())}});
}

}  // namespace sluice::worker
