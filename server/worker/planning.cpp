// A deployment that was asked for -> a sealed plan, `no_changes`, or the reason why there is none.

#include <nlohmann/json.hpp>

#include "core/plan/diff.hpp"
#include "server/base/credential.hpp"
#include "server/base/failpoint.hpp"
#include "server/base/log.hpp"
#include "server/source/image.hpp"
#include "server/source/commit_files.hpp"
#include "server/source/local.hpp"
#include "server/source/remote_files.hpp"
#include "server/worker/checkout.hpp"
#include "server/worker/deliveries.hpp"
#include "server/worker/impl.hpp"
#include "server/worker/inputs.hpp"
#include "server/worker/programs.hpp"
#include "server/worker/tree.hpp"

namespace sluice::worker {

using boost::asio::awaitable;
using deployment::State;
using plan::Json;
using namespace std::chrono_literals;

namespace {

const Logger log{"plan"};

/// Whether a newer commit of the branch takes precedence: for what was triggered by an event, not for what a person asked for.
bool must_be_head(const store::Deployment& one) { return one.trigger == "push" || one.trigger == "workflow_run"; }

/// KEY=VALUE lines, `#` comments and blank lines skipped, nothing unquoted or expanded.
/// Follows: kubectl create secret --from-env-file.
Result<std::map<std::string, std::string>> read_env_file(const std::string& text, const std::string& where) {
  std::map<std::string, std::string> data;
  std::size_t begin = 0;
  for (int number = 1; begin < text.size(); ++number) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    std::string line = text.substr(begin, end - begin);
    begin = end + 1;
    if (line.ends_with('\r')) line.pop_back();
    const auto first = line.find_first_not_of(" \t");
    if (first == std::string::npos || line[first] == '#') continue;
    const auto equal = line.find('=');
    if (equal == std::string::npos || equal == first) {
      return Error{Errc::invalid, where + ": line " + std::to_string(number) + ": expected KEY=VALUE"};
    }
    data[line.substr(first, equal - first)] = line.substr(equal + 1);
  }
  return data;
}

Result<std::vector<SecretToPlan>> secrets_of(const config::Environment& environment) {
  std::vector<SecretToPlan> all;
  for (const auto& object : environment.secret_objects) {
    SecretToPlan secret{object.namespace_, object.name, {}};
    const std::string where = "secret object " + object.namespace_ + "/" + object.name;
    if (object.env_file) {
      auto text = read_credential(*object.env_file);
      if (!text) return std::move(text).error().during(where);
      auto data = read_env_file(text->reveal(), where);
      if (!data) return std::move(data).error();
      secret.data = std::move(*data);
    }
    for (const auto& [key, source] : object.files) {
      auto text = read_credential(source);
      if (!text) return std::move(text).error().during(where + ", key " + key);
      secret.data[key] = text->reveal();
    }
    all.push_back(std::move(secret));
  }
  return all;
}

/// What the list of deployments shows of a plan; nothing in it is secret.
std::string summary_of(const Planned& planned, const std::vector<std::string>& notes) {
  const plan::Counts counts = planned.diff.counts();
  Json releases = Json::array();
  for (const auto& release : planned.diff.releases) {
    releases.push_back({{"name", release.release}, {"namespace", release.namespace_}, {"operation", release.operation},
                        {"chart", release.chart}, {"revision", release.revision}});
  }
  return plan::to_text(Json{{"text", plan::summary(counts)},
                            {"create", counts.create},
                            {"update", counts.update},
                            {"replace", counts.replace},
                            {"delete", counts.remove},
                            {"unchanged", counts.unchanged},
                            {"image_only", planned.diff.is_image_only()},
                            {"data_losses", planned.diff.data_losses()},
                            {"releases", releases},
                            {"notes", notes}});
}

struct Prepared {
  TreeRequest tree;
  std::shared_ptr<source::CommitTree> files;  ///< what the tree reads
  std::shared_ptr<Programs> programs;
  std::shared_ptr<source::RemoteFiles> remote;
  std::vector<SecretToPlan> secrets;
};

Result<Prepared> prepare(const config::Config& config, const config::Repository& repository, const config::Environment& environment,
                         const Checkout& checkout, const store::Deployment& one, const std::filesystem::path& data_dir,
                         const std::shared_ptr<Redactor>& known) {
  Prepared prepared;
  prepared.files = checkout.tree;
  auto variables = variables_of(environment, Commit{checkout.sha, one.ref});
  if (!variables) return std::move(variables).error();
  auto secrets = secrets_of(environment);
  if (!secrets) return std::move(secrets).error();
  prepared.secrets = std::move(*secrets);
  for (const auto& [name, variable] : *variables)
    if (variable.secret) known->add(variable.text);
  for (const auto& secret : prepared.secrets)
    for (const auto& [key, value] : secret.data) known->add(value);
  prepared.programs = std::make_shared<Programs>(environment.exec, *variables);
  TreeRequest& tree = prepared.tree;
  tree.layout = repository.layout;
  tree.path = repository.path;
  tree.values = repository.values;
  tree.release = repository.release;
  tree.namespace_ = repository.namespace_;
  tree.options.file = repository.path;
  tree.options.environment = environment.name;
  const std::string& selector = repository.environments.at(environment.name).selector;
  if (!selector.empty()) tree.options.selectors.push_back(selector);
  tree.outside.files = files_of(*prepared.files);
  tree.outside.variable = [variables = std::move(*variables)](const std::string& name) -> std::optional<helmfile::Variable> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
  tree.outside.exec = [programs = prepared.programs, known](const helmfile::ExecCall& call) {
    auto output = programs->run(call);
    if (output && output->secret) known->add(output->out);
    return output;
  };
  tree.on_secret = [known](std::string_view value) { known->add(value); };
  if (environment.exec.native_kubectl) {
    tree.connect_kubectl = [programs = prepared.programs](KubectlWorld world) { programs->connect(std::move(world)); };
  }
  const auto may_read = source::listed_sources(config.remote_sources, "remote_sources of the server's configuration");
  prepared.remote = std::make_shared<source::RemoteFiles>(source::RemoteRules{data_dir / "charts", source::strict_rules({}), may_read});
  source::RemoteFiles::connect(prepared.remote, tree.outside);
  tree.charts.may_clone = [may_read](const std::string& url) { return may_read(url).has_value(); };
  tree.secrets = prepared.secrets;
  tree.charts.cache = data_dir / "charts";
  tree.charts.mirrors = config.chart_mirrors;
  tree.charts.rules = source::strict_rules(config.chart_mirrors);
  tree.world = source::local_functions();
  tree.world.schema = source::RemoteFiles::reader(prepared.remote);
  tree.world.host_by_name = [names = config.dns_names](std::string_view host) -> Result<std::string> {
    if (std::ranges::find(names, host) != names.end()) return source::host_by_name(host);
    return Error{Errc::denied, "dns-denied: \"" + std::string(host) + "\" is not among the names that templates may look up: list it in "
                               "dns_names of the server's configuration"};
  };
  tree.render_program = "/proc/self/exe";
  return prepared;
}

Error no_longer_configured(const store::Deployment& one) {
  return {Errc::not_found, "the configuration no longer deploys " + one.repository + " to " + one.environment};
}

}  // namespace

/// One plan at a time for each cluster: one that does not answer holds up nobody else's.
awaitable<void> Worker::Impl::plan_deployments() {
  while (!leaving) {
    const auto rings = bell.rings();
    // those in `planning` were sent back: the live objects moved right before the push
    for (const State state : {State::planning, State::received}) {
      auto ready = co_await parts.store.read(&store::Reader::in_state, state);
      if (!ready) continue;
      for (store::Deployment& one : *ready) {
        if (leaving) co_return;
        if (!parts.store.health().takes_plans) break;  // there is no room for what a plan writes down
        if (!planning_on.insert(one.cluster).second) continue;
        const std::string name = "plan " + std::to_string(one.id.value);
        tasks.start(name, plan_next(std::move(one)));
      }
    }
    co_await bell.wait(rings, 10s);
  }
}

awaitable<void> Worker::Impl::plan_next(store::Deployment one) {
  const std::string cluster_name = one.cluster;
  bool begun = one.state == State::planning;
  if (!begun) {
    store::Transition change{one.id, State::received, State::planning, "", "sluice", std::nullopt};
    begun = (co_await transition(std::move(change))).has_value();
  }
  const Always next_one{[this, &cluster_name] {
    planning_on.erase(cluster_name);
    bell.ring();
  }};
  if (!begun) co_return;
  const auto id = one.id;
  std::string broken;
  try {
    co_await plan(std::move(one));
  } catch (const std::exception& error) {  // no memory, for example: this plan fails, the next is made
    if (leaving) throw;
    broken = error.what();
  }
  if (broken.empty()) co_return;
  log.error("planning ended id={} error={}", id.value, broken);
  store::Transition change{id, State::planning, State::plan_failed, "planning ended: " + broken, "sluice", std::nullopt};
  (void)co_await transition(std::move(change));
}

/// The commit, with up to three tries while the remote does not answer.
awaitable<Result<Checkout>> Worker::Impl::fetch(const config::Repository& repository, const store::Deployment& one, Stale& stale) {
  std::chrono::milliseconds pause = 2s;
  for (int attempt = 1;; ++attempt, pause *= 3) {
    auto work = [this, repository, ref = one.ref, commit = one.commit, head = must_be_head(one), &stale]() -> Result<Checkout> {
      auto& mirror = mirrors[repository.name];
      if (!mirror) {
        auto opened = open_mirror(parts.data_dir, repository);
        if (!opened) return std::move(opened).error();
        mirror = std::make_shared<source::GitMirror>(std::move(*opened));
      }
      return check_out(*mirror, {ref, commit, head}, stale);
    };
    auto checkout = co_await on(source, std::move(work));
    const bool worth_it = !checkout && (checkout.error().code == Errc::unavailable || checkout.error().code == Errc::timeout);
    if (!worth_it || attempt == 3 || leaving) co_return checkout;
    log_line(one.id, "warning", "the repository does not answer, trying again: " + checkout.error().what);
    co_await sleep_for(pause);
  }
}

awaitable<void> Worker::Impl::plan(store::Deployment one) {
  const auto settings = config;  // of now, although a reload may come while this waits
  const auto end = [&](State to, std::string reason) { return store::Transition{one.id, State::planning, to, std::move(reason), "sluice", std::nullopt}; };
  Stale stale;
  auto planned = co_await make(*settings, one, stale);
  if (!planned) {
    const Error& error = planned.error();
    auto change = end(stale.happened ? State::superseded : State::plan_failed, error.what);
    (void)co_await transition(std::move(change));
    // the newer push may have been lost on its way here: nothing else would ever deploy the head
    if (stale.happened && !stale.head.empty() && one.trigger == "push") co_await follow_head(*settings, one, stale.head);
    bell.ring();
    co_return;
  }
  if (!planned->missing_image.empty()) {
    auto change = end(State::waiting_for_image, planned->missing_image + " is not in its registry yet");
    (void)co_await transition(std::move(change));
    co_return;
  }
  if (!planned->has_changes) {
    auto change = end(State::no_changes, "the cluster already is what the commit asks for");
    (void)co_await transition(std::move(change));
    bell.ring();
    co_return;
  }
  (void)failpoint("plan.sealed");
  auto saved = co_await parts.store.write(&store::Writer::save_plan, planned->plan);
  if (saved) {
    log.info("plan ready id={} state={} diff_bytes={}", one.id.value, deployment::to_string(saved->state), planned->plan.diff_text.size());
  } else {
    auto change = end(State::plan_failed, saved.error().what);
    (void)co_await transition(std::move(change));
  }
  (void)failpoint("plan.announced");
  bell.ring();
}

awaitable<Result<NewPlanOrNone>> Worker::Impl::make(const config::Config& settings, const store::Deployment& one, Stale& stale) {
  auto known = std::make_shared<Redactor>();
  auto made = co_await make(settings, one, stale, known);
  if (!made) co_return Error{made.error().code, known->hide(made.error().what)};
  co_return made;
}

awaitable<Result<NewPlanOrNone>> Worker::Impl::make(const config::Config& settings, const store::Deployment& one, Stale& stale, std::shared_ptr<Redactor> known) {
  const config::Repository* repository = config::find_repository(settings, one.repository);
  const auto environment = settings.environments.find(one.environment);
  if (!repository || environment == settings.environments.end() || !repository->environments.contains(one.environment)) co_return no_longer_configured(one);
  const config::Environment rules = environment->second;

  auto checkout = co_await fetch(*repository, one, stale);
  if (!checkout) co_return std::move(checkout).error();
  auto kept = co_await parts.store.write(&store::Writer::set_commit, one.id, checkout->sha, checkout->title);
  if (!kept) co_return std::move(kept).error();
  log_line(one.id, "progress", "commit " + checkout->sha.substr(0, 12) + " is here: " + checkout->title);

  NewPlanOrNone result;
  auto missing = co_await missing_image(repository->environments.at(one.environment), one, checkout->sha);
  if (!missing) co_return std::move(missing).error();
  result.missing_image = std::move(*missing);
  if (!result.missing_image.empty()) co_return result;

  auto client = cluster(one.cluster);
  if (!client) co_return std::move(client).error();
  (*client)->refill_budget();
  (*client)->forget_discovery();  // asked again by its tag: a definition may have come since
  if (auto good = co_await check_identity(settings, one.cluster, **client); !good) co_return std::move(good).error();
  auto prepared = prepare(settings, *repository, rules, *checkout, one, parts.data_dir, known);
  if (!prepared) co_return std::move(prepared).error();
  if (auto planted = failpoint("render.spawned")) co_return *planted;
  auto tree = co_await Tree::load(**client, prepared->tree, render);
  if (!tree) co_return std::move(tree).error();
  std::vector<std::string> notes;
  for (const auto& note : (*tree)->notes()) log_line(one.id, "warning", notes.emplace_back(known->hide(note)));

  PlanRequest request;
  request.environment = one.environment;
  request.commit = checkout->sha;
  request.secrets = std::move(prepared->secrets);
  request.releases = (*tree)->releases();
  request.commands = (*tree)->commands();
  request.mask_key = parts.mask_key;
  if (auto secrets = co_await secrets_in_place(one.environment, one.repository)) {
    request.secret_places = std::move(*secrets);
  } else if (secrets.error().code != Errc::not_found) {
    log_line(one.id, "warning", "what of the last deployment came from secrets cannot be told: " + secrets.error().what);
  }
  auto planned = co_await make_plan(**client, std::move(request));
  if (!planned) co_return std::move(planned).error();
  if (auto planted = failpoint("render.done")) co_return *planted;
  result.has_changes = planned->plan.has_changes();
  if (!result.has_changes) co_return result;

  auto inputs = co_await (*tree)->inputs();
  if (!inputs) co_return std::move(inputs).error();
  Json sealed = Json::parse(*inputs);
  sealed["exec"] = Json::array();
  for (const auto& call : prepared->programs->records()) {
    sealed["exec"].push_back({{"arguments", call.arguments}, {"exit_code", call.exit_code}, {"output_sha256", call.output_sha256}});
    log_line(one.id, "progress", "ran " + call.arguments.front() + " for a template, exit code " + std::to_string(call.exit_code));
  }
  for (const auto& from : prepared->remote->sources()) {
    sealed["remote"].push_back({{"url", from.url}, {"identity", from.identity}});
    log_line(one.id, "progress", "read " + from.url + " at " + from.identity.substr(0, 12));
  }
  planned->plan.inputs = plan::to_text(sealed);
  result.plan.deployment = one.id;
  result.plan.bytes = plan::to_text(planned->plan);
  result.plan.environment = one.environment;
  result.plan.cluster = one.cluster;
  result.plan.summary = summary_of(*planned, notes);
  plan::TextOptions whole;
  result.plan.diff_text = plan::to_text(planned->diff, whole);
  result.plan.diff_was_cut = result.plan.diff_text.size() >= whole.max_bytes;
  result.plan.diff_json = plan::to_text(plan::to_json(planned->diff));
  result.plan.rules = config::rules_for(rules, planned->diff.is_image_only(), !planned->diff.data_losses().empty());
  co_return result;
}

awaitable<Result<std::string>> Worker::Impl::missing_image(const config::Target& target, const store::Deployment& one, std::string sha) {
  if (target.image.empty()) co_return std::string();
  auto image = expand("image.wait_for", target.image, Commit{std::move(sha), one.ref}, one.environment);
  if (!image) co_return std::move(image).error();
  auto look = [image = *image, user = target.image_user, password = target.image_password, host = target.image_token_host]() -> Result<bool> {
    source::Access access;
    access.user = user;
    access.token_host = host;
    if (password) {
      auto secret = read_credential(*password);
      if (!secret) return std::move(secret).error().during("image.password");
      access.password = std::move(*secret);
    }
    return source::image_exists(image, access);
  };
  auto there = co_await on(source, std::move(look));
  if (!there) co_return std::move(there).error();
  co_return *there ? std::string() : *image;
}

awaitable<void> Worker::Impl::look_for_images() {
  while (!leaving) {
    co_await sleep_for(15s);
    auto waiting = co_await parts.store.read(&store::Reader::in_state, State::waiting_for_image);
    if (!waiting) continue;
    for (store::Deployment& one : *waiting) {
      const auto settings = config;
      const config::Repository* repository = config::find_repository(*settings, one.repository);
      if (!repository || !repository->environments.contains(one.environment)) continue;
      auto missing = co_await missing_image(repository->environments.at(one.environment), one, one.commit);
      if (missing && !missing->empty()) continue;
      // there now, or a failure that planning will tell
      store::Transition change{one.id, State::waiting_for_image, State::planning, missing ? "the image is there" : missing.error().what, "sluice", std::nullopt};
      (void)co_await transition(std::move(change));
      bell.ring();
    }
  }
}

awaitable<Result<>> Worker::Impl::check_identity(const config::Config& settings, const std::string& name, kube::Cluster& client) {
  const auto configured = settings.clusters.find(name);
  if (configured == settings.clusters.end()) co_return Result<>();
  auto identity = co_await client.identity();
  if (!identity) co_return std::move(identity).error();
  auto known = co_await parts.store.read(&store::Reader::known_cluster, name);
  if (!known) co_return std::move(known).error();
  const store::KnownCluster found{identity->uid, identity->ca_sha256};
  const std::string& accepted = configured->second.identity;
  const std::string expected = !accepted.empty() ? accepted : *known ? (*known)->uid : found.uid;
  if (found.uid != expected) {
    co_return Error{Errc::denied, "cluster-identity: another cluster answers at the address of " + name + ": its kube-system has uid " + found.uid +
                                      ", expected " + expected + "; if that is meant, set clusters." + name + ".identity to the new uid and reload"};
  }
  // the first one seen is kept; a CA that changed came with a kubeconfig from the administrator, and goes on record
  if (!*known || (*known)->uid != found.uid || (*known)->ca_sha256 != found.ca_sha256) {
    auto kept = co_await parts.store.write(&store::Writer::know_cluster, name, found);
    if (!kept) co_return std::move(kept).error();
  }
  co_return Result<>();
}

awaitable<void> Worker::Impl::follow_head(const config::Config& settings, const store::Deployment& one, std::string head) {
  const config::Repository* repository = config::find_repository(settings, one.repository);
  store::NewDeployment asked;
  asked.repository = one.repository;
  asked.environment = one.environment;
  asked.cluster = one.cluster;
  asked.ref = one.ref;
  asked.commit = std::move(head);
  asked.config_digest = config_digest(settings, *repository, one.environment);
  asked.trigger = one.trigger;
  asked.initiator = one.initiator;
  asked.once = true;
  auto made = co_await parts.store.write(&store::Writer::create_deployment, asked);
  if (!made) log.warn("the branch's head could not be queued id={} error={}", one.id.value, made.error().what);
}

}  // namespace sluice::worker
