#include "server/worker/worker.hpp"

#include "server/base/credential.hpp"
#include "server/base/log.hpp"
#include "server/worker/deliveries.hpp"
#include "server/worker/impl.hpp"

namespace sluice::worker {

using boost::asio::awaitable;
using namespace std::chrono_literals;

namespace {
const Logger log{"worker"};

constexpr std::size_t reason_limit = 4000;

/// A reason that is kept and listed: the beginning, which says where, and the end, which says what. Errors of templates that
/// include one another name every step on the way.
std::string without_middle(std::string text) {
  if (text.size() <= reason_limit) return text;
  const auto inside_character = [&text](std::size_t at) { return (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80; };
  std::size_t begin = reason_limit / 2;
  std::size_t end = text.size() - reason_limit / 2;
  while (inside_character(begin)) --begin;
  while (end < text.size() && inside_character(end)) ++end;
  return text.substr(0, begin) + " …(+" + std::to_string(end - begin) + ")… " + text.substr(end);
}

void task_ended(std::string_view task, std::string_view failure) {
  if (!failure.empty() && failure != "cancelled") log.error("task ended by itself task={} error={}", task, failure);
}
}  // namespace

Worker::Impl::Impl(Parts given)
    : parts(std::move(given)), config(parts.config), bell(parts.executor), tasks(parts.executor, task_ended) {}

Worker::Worker(Parts parts) : impl_(std::make_unique<Impl>(std::move(parts))) {}
Worker::~Worker() = default;

void Worker::start() {
  impl_->tasks.start("deliveries", impl_->forever("deliveries", &Impl::take_deliveries));
  impl_->tasks.start("planning", impl_->forever("planning", &Impl::plan_deployments));
  impl_->tasks.start("pushing", impl_->forever("pushing", &Impl::push_deployments));
  impl_->tasks.start("images", impl_->forever("images", &Impl::look_for_images));
  impl_->tasks.start("announcements", impl_->forever("announcements", &Impl::announce_changes));
  impl_->tasks.start("messages", impl_->forever("messages", &Impl::send_messages));
  impl_->tasks.start("sweep", impl_->forever("sweep", &Impl::sweep));
}

awaitable<void> Worker::Impl::forever(std::string name, awaitable<void> (Impl::*work)()) {
  while (true) {
    std::string broken;
    try {
      co_await (this->*work)();
    } catch (const std::exception& error) {
      if (leaving) throw;
      broken = error.what();
    }
    if (broken.empty()) co_return;
    log.error("task begins again task={} error={}", name, broken);
    co_await sleep_for(std::chrono::seconds(1));
  }
}

void Worker::nudge() { impl_->bell.ring(); }

void Worker::set_config(std::shared_ptr<const config::Config> config) {
  impl_->config = std::move(config);
  // a new kubeconfig, allow list or remote counts from the next plan on; what is running keeps what it has
  impl_->clusters.clear();
  auto drop_mirrors = [impl = impl_.get()] { impl->mirrors.clear(); };
  impl_->source.post(std::move(drop_mirrors));
  nudge();
}

awaitable<void> Worker::stop() {
  impl_->leaving = true;
  impl_->bell.ring();
  co_await impl_->tasks.stop();
  impl_->source.stop();
  impl_->render.stop();
}

Result<std::shared_ptr<kube::Cluster>> Worker::Impl::cluster(const std::string& name) {
  if (const auto known = clusters.find(name); known != clusters.end()) return known->second;
  const auto settings = config->clusters.find(name);
  if (settings == config->clusters.end()) return Error{Errc::not_found, "the configuration has no cluster \"" + name + "\" any more"};
  auto kubeconfig = read_credential(settings->second.kubeconfig);
  if (!kubeconfig) return std::move(kubeconfig).error().during("cluster " + name);
  kube::KubeconfigRules rules;
  rules.context = settings->second.context;
  rules.files = kube::FileReferences::refuse_outside_folder;
  auto access = kube::read_kubeconfig(kubeconfig->reveal(), rules);
  if (!access) return std::move(access).error().during("cluster " + name);
  kube::ClusterRules limits;
  auto allow = kube::AllowList::parse(settings->second.allow);
  if (!allow) return std::move(allow).error().during("cluster " + name);
  limits.allow = std::move(*allow);
  auto made = kube::Cluster::make(parts.executor, std::move(*access), std::move(limits));
  if (!made) return std::move(made).error().during("cluster " + name);
  std::shared_ptr<kube::Cluster> shared = std::move(*made);
  clusters[name] = shared;
  return shared;
}

awaitable<Result<>> Worker::Impl::transition(store::Transition change) {
  const auto id = change.deployment.value;
  const auto state = change.to;
  const std::string to(deployment::to_string(state));
  change.reason = without_middle(std::move(change.reason));
  const std::string reason = change.reason;
  auto done = co_await parts.store.write(&store::Writer::transition, std::move(change));
  if (done) {
    log.info("deployment changed state id={} state={} reason={}", id, to, reason);
  } else {
    log.warn("deployment did not change state id={} state={} error={}", id, to, done.error().what);
  }
  co_return done;
}

void Worker::Impl::log_line(store::DeploymentId id, std::string kind, std::string text) {
  std::vector<store::NewEvent> events{{id, std::move(kind), std::move(text)}};
  auto write = [events = std::move(events)](store::Writer& writer) { return writer.append_events(events).has_value(); };
  parts.store.post(std::move(write), [](std::optional<Error>) {});
}

awaitable<void> Worker::Impl::take_deliveries() {
  while (!leaving) {
    const auto rings = bell.rings();
    auto claimed = co_await parts.store.write(&store::Writer::claim_deliveries, 16);
    if (!claimed) log.warn("no deliveries can be claimed error={}", claimed.error().what);
    if (!claimed || claimed->empty()) {
      co_await bell.wait(rings, claimed ? 30s : 2s);
      continue;
    }
    for (const store::Delivery& delivery : *claimed) {
      Settlement settlement = settle(delivery, *config);
      const auto id = delivery.id.value;
      auto settled = co_await parts.store.write(&store::Writer::settle_delivery, delivery.id, settlement.end, settlement.result, settlement.deployments);
      if (!settled) {
        log.warn("delivery could not be settled id={} error={}", id, settled.error().what);
        continue;
      }
      log.info("delivery settled id={} event={} deployments={} result={}", id, delivery.event, settled->size(), settlement.result);
    }
    bell.ring();
  }
}

awaitable<void> Worker::Impl::sweep() {
  int rounds = 0;
  while (!leaving) {
    co_await sleep_for(5s);
    auto swept = co_await parts.store.write(&store::Writer::sweep);
    if (swept && *swept > 0) bell.ring();
    if (++rounds % 720 == 0) {
      // some at a time, so that nobody waits for long, and until nothing is left, or the file would grow for ever
      for (bool has_more = true; has_more && !leaving; co_await sleep_for(20ms)) {
        auto purged = co_await parts.store.write(&store::Writer::purge);
        has_more = purged && purged->has_more;
        if (purged) log.debug("purged bodies={} deliveries={} events={} messages={}", purged->bodies, purged->deliveries, purged->events, purged->messages);
      }
    }
  }
}

}  // namespace sluice::worker
