#include "tests/server/store/workload.hpp"

#include <map>
#include <thread>

#include "core/base/digest.hpp"
#include "server/store/store.hpp"

namespace sluice::store {

namespace {

const Person ann{.name = "ann", .id = 1, .roles = {deployment::Role::admin}, .environments = {}};

struct Worker {
  Store& store;
  unsigned seed;
  int operations;
  const std::function<void(const std::string&)>& tell;

  void tell_refusal(const Error& error) const {
    if (error.code == Errc::unavailable) tell("F " + error.what);
  }

  /// Like the intake: each thread sends its own deliveries, some of them twice.
  void deliver(int thread) const {
    for (int i = 0; i < operations; ++i) {
      const std::string guid = std::to_string(seed) + "-" + std::to_string(thread) + "-" + std::to_string(i);
      const NewDelivery delivery{.guid = guid,
                                 .hook_id = "1",
                                 .event = "push",
                                 .action = "",
                                 .repository = "ann/web",
                                 .trigger_key = "push:" + guid,
                                 .body = "{\"guid\":\"" + guid + "\",\"fill\":\"" + std::string(2000, 'x') + "\"}"};
      auto inserted = store.write_now([&](Writer& w) { return w.insert_delivery(delivery); });
      if (inserted) {
        tell("D " + guid + " " + std::to_string(inserted->id.value));
      } else {
        tell_refusal(inserted.error());
      }
    }
  }

  void queue_up() const {
    auto claimed = store.write_now([](Writer& w) { return w.claim_deliveries(4); });
    if (!claimed) return tell_refusal(claimed.error());
    for (const Delivery& one : *claimed) {
      const NewDeployment wanted{.repository = "ann/web",
                                 .environment = one.id.value % 2 == 0 ? "prod" : "lab",
                                 .cluster = one.id.value % 2 == 0 ? "vps" : "box",
                                 .ref = "refs/heads/main",
                                 .commit = to_hex(sha256(one.guid)).substr(0, 40),
                                 .config_digest = "c",
                                 .trigger = "push",
                                 .title = "",
                                 .initiator = ann,
                                 .origin = {},
                                 .delivery = {},
                                 .once = true};
      auto settled = store.write_now([&](Writer& w) { return w.settle_delivery(one.id, DeliveryState::done, "", {wanted}); });
      if (!settled) tell_refusal(settled.error());
    }
  }

  std::vector<Deployment> in(State state) const {
    auto some = store.read_now([&](const Reader& r) { return r.in_state(state); });
    return some ? *some : std::vector<Deployment>{};
  }

  void plan() const {
    for (const Deployment& one : in(State::received)) {
      const auto begin = [&](Writer& w) {
        return w.transition({.deployment = one.id, .from = State::received, .to = State::planning, .reason = "", .by = "worker", .fence = {}});
      };
      if (auto begun = store.write_now(begin); !begun) {
        tell_refusal(begun.error());
        continue;
      }
      const NewPlan plan{.deployment = one.id,
                         .bytes = "plan of " + std::to_string(one.id.value),
                         .environment = one.environment,
                         .cluster = one.cluster,
                         .summary = "{}",
                         .diff_text = "",
                         .diff_json = "",
                         .rules = {.reviewers = {}, .branches = {}, .tags = {}, .queue = deployment::QueueOrder::fifo}};
      if (auto saved = store.write_now([&](Writer& w) { return w.save_plan(plan); }); !saved) tell_refusal(saved.error());
    }
  }

  void approve() const {
    for (const Deployment& one : in(State::awaiting_approval)) {
      const DecisionAsk ask{.deployment = one.id,
                            .request = {.wish = deployment::Wish::approve, .by = ann, .digest = one.digest, .comment = ""},
                            .rules = {},
                            .hold = {}};
      auto decided = store.write_now([&](Writer& w) { return w.decide(ask); });
      if (decided) {
        tell("A " + std::to_string(one.id.value));
      } else {
        tell_refusal(decided.error());
      }
    }
  }

  /// Three objects, each journaled around its write; a resume goes on with the first that is not confirmed.
  bool push_objects(const Lease& lease) const {
    std::map<int, bool> confirmed;
    const auto steps = store.read_now([&](const Reader& r) { return r.journal(lease.deployment); });
    if (steps) {
      for (const JournalStep& step : *steps) confirmed[step.step] = step.confirmed;
    }
    for (int k = 0; k < 3; ++k) {
      if (confirmed[k]) continue;
      JournalStep step{.step = k, .object = "v1 ConfigMap web/" + std::to_string(k), .verb = "apply", .uid = "u", .resource_version = "1"};
      if (!store.write_now([&](Writer& w) { return w.journal_sending(lease.deployment, lease.fence, step); })) return false;
      tell("W " + std::to_string(lease.deployment.value) + " " + std::to_string(k));
      if (!store.write_now([&](Writer& w) { return w.journal_confirmed(lease.deployment, lease.fence, step); })) return false;
      tell("C " + std::to_string(lease.deployment.value) + " " + std::to_string(k));
    }
    return true;
  }

  void push(State from) const {
    for (const Deployment& one : in(from)) {
      auto lease = store.write_now([&](Writer& w) { return w.take_lease({.deployment = one.id, .rules = {}}); });
      if (!lease) {
        tell_refusal(lease.error());
        continue;
      }
      if (!push_objects(*lease)) continue;
      const auto end = [&](Writer& w) {
        return w.transition(
            {.deployment = one.id, .from = State::deploying, .to = State::succeeded, .reason = "", .by = "worker", .fence = lease->fence});
      };
      if (store.write_now(end)) tell("E " + std::to_string(one.id.value) + " succeeded");
    }
  }

  void work() const {
    push(State::interrupted);
    for (int round = 0; round < operations / 4; ++round) {
      queue_up();
      plan();
      approve();
      push(State::approved);
      push(State::interrupted);
    }
  }
};

}  // namespace

void use(Store& store, unsigned seed, int operations, const std::function<void(const std::string&)>& tell) {
  const Worker worker{store, seed, operations, tell};
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) threads.emplace_back([&worker, i] { worker.deliver(i); });
  worker.work();
  for (auto& thread : threads) thread.join();
}

}  // namespace sluice::store
