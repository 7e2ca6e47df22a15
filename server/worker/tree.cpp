#include "server/worker/tree.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "core/base/digest.hpp"
#include "server/kube/cluster.hpp"
#include "server/task/work_thread.hpp"
#include "server/worker/render_process.hpp"

namespace sluice::worker {

using boost::asio::awaitable;
using plan::Json;

namespace {

/// The Secret as it will be, on what there is now.
Json with_data(const SecretToPlan& secret, std::optional<Json> now) {
  Json object = now ? std::move(*now) : Json{{"apiVersion", "v1"}, {"kind", "Secret"}, {"type", "Opaque"}, {"metadata", {{"name", secret.name}, {"namespace", secret.namespace_}}}};
  Json data = Json::object();
  for (const auto& [key, bytes] : secret.data) data[key] = to_base64(bytes);
  object["data"] = std::move(data);
  return object;
}

/// Calls `tell` with each value of the Secret, or of those in a list.
void tell_values(const Json& found, const std::function<void(std::string_view)>& tell) {
  if (const Json* items = plan::find(found, "items"); items && items->is_array())
    for (const Json& item : *items) tell_values(item, tell);
  const Json* data = plan::find(found, "data");
  if (!data || !data->is_object()) return;
  for (const Json& value : *data)
    if (const auto bytes = value.is_string() ? from_base64(value.get_ref<const std::string&>()) : std::nullopt) tell(*bytes);
}

}  // namespace

/// The side of a tree that reaches the world.
struct Tree::State {
  State(TreeRequest asked, WorkThread& on_thread, kube::Discovery kinds, kube::Access where, kube::ClusterRules rules)
      : request(std::move(asked)), thread(on_thread), discovery(std::move(kinds)), access(where),
        reader(std::move(where), std::move(rules), discovery) {}

  TreeRequest request;
  WorkThread& thread;
  kube::Discovery discovery;
  kube::Access access;
  kube::BlockingReader reader;
  chart::Capabilities capabilities;
  std::unique_ptr<source::Charts> charts;
  std::unique_ptr<TreeRenderer> renderer;
  TreeContents contents;

  KubectlWorld kubectl_world();
  /// An object as it will be once the plan's Secrets are written; with an empty name the list.
  Result<std::optional<Json>> find_object(std::string_view api_version, std::string_view kind, const std::string& namespace_,
                                          const std::string& name);
  TreeInput input() const;
  TreeWorld world();
  Result<> load();
};

Result<std::optional<Json>> Tree::State::find_object(std::string_view api_version, std::string_view kind, const std::string& namespace_,
                                                     const std::string& name) {
  auto found = reader.lookup(api_version, kind, namespace_, name);
  if (!found || api_version != "v1" || kind != "Secret") return found;
  for (const SecretToPlan& secret : request.secrets) {
    if (!namespace_.empty() && secret.namespace_ != namespace_) continue;
    if (!name.empty()) {
      if (secret.name == name && secret.namespace_ == namespace_) found = std::optional<Json>(with_data(secret, std::move(*found)));
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
  if (*found && request.on_secret) tell_values(**found, request.on_secret);
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

TreeInput Tree::State::input() const {
  return {request.layout,    request.options,       request.path, request.values, request.release, request.namespace_,
          access.context,    access.namespace_,     capabilities};
}

TreeWorld Tree::State::world() {
  TreeWorld world{request.outside, request.world, {}, {}};
  world.find_object = [this](const functions::ObjectQuery& query) {
    return find_object(query.api_version, query.kind, query.namespace_, query.name);
  };
  world.chart_of = [this](const helmfile::State& state, const helmfile::Release& release) {
    return charts->chart_of(state, release, request.outside.files);
  };
  return world;
}

Result<> Tree::State::load() {
  if (request.connect_kubectl) request.connect_kubectl(kubectl_world());
  const bool elsewhere = !request.render_program.empty();
  request.charts.only_bytes = elsewhere;
  charts = std::make_unique<source::Charts>(request.charts);
  if (elsewhere) {
    auto started = start_render_process(request.render_program, input(), world());
    if (!started) return std::move(started).error();
    renderer = std::move(*started);
  } else {
    renderer = make_tree_renderer(input(), world());
  }
  auto loaded = renderer->load();
  if (!loaded) return std::move(loaded).error();
  contents = std::move(*loaded);
  return {};
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

static awaitable<Result<RenderedRelease>> render_there(std::shared_ptr<Tree::State> state, std::size_t index, ReleaseFacts facts) {
  auto render = [state, index, facts] { return state->renderer->render(index, facts); };
  co_return co_await on(state->thread, std::move(render));
}

std::vector<ReleaseToPlan> Tree::releases() {
  std::vector<ReleaseToPlan> all = state_->contents.releases;
  for (std::size_t index = 0; index < all.size(); ++index) {
    all[index].render = [state = state_, index](ReleaseFacts facts) { return render_there(state, index, facts); };
  }
  return all;
}

std::vector<CommandToPlan> Tree::commands() const { return state_->contents.commands; }

awaitable<Result<>> Tree::clean_up() {
  auto work = [state = state_] { return state->renderer->clean_up(); };
  co_return co_await on(state_->thread, std::move(work));
}

const std::vector<std::string>& Tree::notes() const { return state_->contents.notes; }

awaitable<Result<std::string>> Tree::inputs() const {
  auto ask = [state = state_] { return state->renderer->inputs(); };
  co_return co_await on(state_->thread, std::move(ask));
}

}  // namespace sluice::worker
