#include "server/worker/tree.hpp"

#include <algorithm>
#include <list>
#include <nlohmann/json.hpp>

#include "core/chart/chart.hpp"
#include "core/chart/values.hpp"
#include "core/functions/recorder.hpp"
#include "core/helmfile/render.hpp"
#include "server/kube/cluster.hpp"
#include "server/task/work_thread.hpp"

namespace sluice::worker {

using boost::asio::awaitable;
using plan::Json;

namespace {

/// A release of the tree with the chart that it is made of.
struct Entry {
  const helmfile::State* state = nullptr;  ///< null for a lone chart and for manifests
  helmfile::Release release;
  source::ObtainedChart chart;
  int group = 0;
};

/// An object of the cluster as a template's `lookup` gives it: numbers as Go's decoder of Kubernetes objects types them.
Value to_value(const Json& json) {
  switch (json.type()) {
    case Json::value_t::boolean: return Value::of_bool(json.get<bool>());
    case Json::value_t::number_integer:
    case Json::value_t::number_unsigned: return Value::of_int64(json.get<std::int64_t>());
    case Json::value_t::number_float: return Value::of_float(json.get<double>());
    case Json::value_t::string: return Value::of_string(json.get_ref<const std::string&>());
    case Json::value_t::array: {
      std::vector<Value> items;
      for (const Json& item : json) items.push_back(to_value(item));
      return Value::new_list(std::move(items));
    }
    case Json::value_t::object: {
      std::vector<Map::Entry> entries;
      for (const auto& [key, value] : json.items()) entries.push_back({Text(key), to_value(value)});
      return Value::of_map(make_ref<Map>(std::move(entries)));
    }
    default: return {};
  }
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
  if (!release.hooks.empty()) {
    return unsupported(release.name, "hook \"" + release.hooks.front().command + "\"", "programs beside a deployment are not run");
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
  std::vector<plan::Document> manifests;  ///< of the layout `manifests`
  std::vector<std::string> notes;

  void connect_world();
  Result<> load();
  Result<> load_helmfile();
  Result<> load_chart(source::Charts& charts);
  Result<> load_manifests(const std::string& folder);
  Result<RenderedRelease> render(const Entry& entry, const ReleaseFacts& facts);
  Result<Value> values_of(const Entry& entry);
  RenderedRelease rendered_manifests() const;
};

void Tree::State::connect_world() {
  request.world.lookup = [this](const functions::ObjectQuery& query) -> Result<Value> {
    auto found = reader.lookup(query.api_version, query.kind, query.namespace_, query.name);
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
    if (!one.hooks.empty()) return unsupported(one.file, "hook \"" + one.hooks.front().command + "\"", "programs beside a deployment are not run");
    for (const auto& members : one.groups) {
      for (const std::size_t index : members) {
        const helmfile::Release& release = one.releases[index];
        if (auto good = refuse_unsupported(release, access); !good) return good;
        Entry entry{&one, release, {}, group};
        if (release.installed) {
          auto chart = charts.chart_of(one, release, request.outside.files);
          if (!chart) return std::move(chart).error();
          entry.chart = std::move(*chart);
        }
        entries.push_back(std::move(entry));
      }
      ++group;
    }
  }
  return {};
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

Result<> Tree::State::load_manifests(const std::string& folder) {
  auto names = request.outside.files.list(folder);
  if (!names) return std::move(names).error();
  for (const auto& [name, kind] : *names) {
    const std::string path = folder.empty() || folder == "." ? name : folder + "/" + name;
    if (kind == helmfile::FileKind::folder) {
      if (auto inner = load_manifests(path); !inner) return inner;
    } else if (name.ends_with(".yaml") || name.ends_with(".yml") || name.ends_with(".json")) {
      auto text = request.outside.files.read(path);
      if (!text) return std::move(text).error();
      const std::string manifest = "---\n# Source: " + path + "\n" + *text + (text->ends_with('\n') ? "" : "\n");
      for (auto& document : plan::split_manifest(manifest)) manifests.push_back(std::move(document));
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
  if (auto read = load_manifests(request.path); !read) return read;
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
    release.render = [state = state_, entry = &entry](ReleaseFacts facts) { return render_there(state, entry, facts); };
    all.push_back(std::move(release));
  }
  return all;
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
