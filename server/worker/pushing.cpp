// An approved plan -> the cluster: the lease (which is the gate), the push with its journal, the true end.

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "core/base/digest.hpp"
#include "server/base/failpoint.hpp"
#include "server/base/log.hpp"
#include "server/worker/impl.hpp"
#include "server/worker/inputs.hpp"
#include "server/worker/programs.hpp"
#include "server/worker/push.hpp"

namespace sluice::worker {

using boost::asio::awaitable;
using deployment::State;
using namespace std::chrono_literals;

namespace {

const Logger log{"push"};

/// A journal entry as the store keeps it. The same request has the same number in every run of the same plan.
store::JournalStep to_step(const JournalEntry& entry) {
  const auto hash = sha256(entry.release + "\n" + entry.step + "\n" + std::to_string(entry.number));
  store::JournalStep step;
  step.step = static_cast<int>((static_cast<unsigned>(hash[0]) << 23) | (static_cast<unsigned>(hash[1]) << 15) |
                               (static_cast<unsigned>(hash[2]) << 7) | (static_cast<unsigned>(hash[3]) >> 1));
  step.object = entry.object;
  step.verb = entry.verb;
  return step;
}

std::string_view to_text(Note::Level level) {
  switch (level) {
    case Note::Level::warning: return "warning";
    case Note::Level::error: return "error";
    case Note::Level::evidence: return "evidence";
    default: return "progress";
  }
}

/// The protection rules for a plan, by what its summary says of it.
deployment::Protection rules_of(const config::Environment& environment, const std::string& summary) {
  const auto about = plan::parse_json(summary);
  const bool is_image_only = about && plan::find(*about, "image_only") && about->value("image_only", false);
  const plan::Json* losses = about ? plan::find(*about, "data_losses") : nullptr;
  return config::rules_for(environment, is_image_only, losses && !losses->empty());
}

/// Takes the releases out that the approver held back. The rest is as approved.
std::vector<std::string> leave_out(plan::Plan& plan, const std::vector<std::string>& hold) {
  std::vector<std::string> held;
  std::erase_if(plan.releases, [&](const plan::ReleasePlan& release) {
    const std::string full = release.namespace_ + "/" + release.name;
    const bool out = std::find(hold.begin(), hold.end(), release.name) != hold.end() || std::find(hold.begin(), hold.end(), full) != hold.end();
    if (out) held.push_back(full);
    return out;
  });
  return held;
}

/// The sentence that a deployment ends with.
std::string summary(const Outcome& outcome) {
  std::string text = outcome.error;
  for (const auto& release : outcome.releases) {
    if (release.error.empty()) continue;
    text += (text.empty() ? "" : "; ") + release.namespace_ + "/" + release.name + ": " + release.error;
  }
  if (outcome.stopped) text += std::string(text.empty() ? "" : "; ") + "stopped after the release in hand, as asked";
  if (text.size() > 2000) text = text.substr(0, 2000) + "…";
  return text;
}

State end_of(const Outcome& outcome) {
  if (outcome.succeeded() && !outcome.stopped) return State::succeeded;
  bool all_back = outcome.error.empty() && !outcome.stopped;
  bool any_back = false;
  for (const auto& release : outcome.releases) {
    if (release.result == ReleaseResult::failed) all_back = false;
    if (release.result == ReleaseResult::rolled_back) any_back = true;
  }
  return all_back && any_back ? State::rolled_back : State::failed;
}

}  // namespace

awaitable<void> Worker::Impl::push_deployments() {
  while (!leaving) {
    const auto rings = bell.rings();
    bool waits = false;
    for (const store::DeploymentId id : std::vector(pushing.begin(), pushing.end())) {
      auto one = co_await parts.store.read(&store::Reader::deployment, id);
      if (one && one->cancel_requested) stopping.insert(id);
    }
    for (const State state : {State::interrupted, State::approved}) {
      auto ready = co_await parts.store.read(&store::Reader::in_state, state);
      if (!ready) continue;
      for (const store::Deployment& one : *ready) {
        if (leaving) co_return;
        // after a lease was lost, the push that lost it may not have come to its end yet
        if (pushing.contains(one.id)) continue;
        const auto environment = config->environments.find(one.environment);
        if (environment == config->environments.end()) {
          // an interrupted one would hold its cluster for ever
          if (state == State::interrupted) co_await give_up(one, "the configuration has no environment \"" + one.environment + "\" any more");
          continue;
        }
        auto approved = co_await parts.store.read(&store::Reader::plan, one.id);
        store::LeaseAsk ask{one.id, rules_of(environment->second, approved ? approved->summary : std::string())};
        auto lease = co_await parts.store.write(&store::Writer::take_lease, ask);
        if (lease) {
          log.info("push begins id={} environment={} resumes={}", one.id.value, one.environment, lease->is_resume);
          pushing.insert(one.id);
          tasks.start("push " + std::to_string(one.id.value), push(std::move(*lease), one));
        } else if (lease.error().code == Errc::unavailable) {
          waits = true;
        } else {
          log.warn("push refused id={} error={}", one.id.value, lease.error().what);
        }
      }
    }
    co_await bell.wait(rings, waits ? 1s : 10s);
  }
}

awaitable<void> Worker::Impl::give_up(const store::Deployment& one, std::string reason) {
  store::Transition change{one.id, one.state, State::failed, std::move(reason), "sluice", std::nullopt};
  (void)co_await transition(std::move(change));
}

awaitable<Result<CommandOutput>> Worker::Impl::run_command(store::Deployment deployment, plan::Command command) {
  const auto settings = config;
  const auto environment = settings->environments.find(deployment.environment);
  if (environment == settings->environments.end()) co_return Error{Errc::not_found, "the configuration has no environment \"" + deployment.environment + "\" any more"};
  auto variables = variables_of(environment->second, Commit{deployment.commit, deployment.ref});
  if (!variables) co_return std::move(variables).error();
  helmfile::ExecCall call;
  call.program = command.program;
  call.arguments = command.arguments;
  auto programs = std::make_shared<Programs>(environment->second.exec, std::move(*variables));
  auto work = [programs, call] { return programs->run(call); };
  auto output = co_await on(hooks, std::move(work));
  if (!output) co_return std::move(output).error();
  log_line(deployment.id, "progress", "ran " + call.program + " for a hook, exit code " + std::to_string(output->exit_code));
  if (output->secret) co_return CommandOutput{output->exit_code, "", ""};
  co_return CommandOutput{output->exit_code, std::move(output->out), std::move(output->error_text)};
}

namespace {

/// What the tasks of one push tell each other.
struct Progress {
  explicit Progress(boost::asio::any_io_executor executor) : changed(std::move(executor)) {}
  Bell changed;
  std::optional<Result<Outcome>> outcome;
  std::string broken;  ///< how the push ended, if not with an outcome
  bool ended = false;
  bool lost = false;  ///< the lease: somebody else may push now
};

/// Renews the lease for as long as the push runs.
awaitable<void> keep_lease(store::Store& store, store::DeploymentId id, std::int64_t fence, std::shared_ptr<Progress> progress) {
  while (!progress->lost) {
    co_await sleep_for(10s);
    auto renewed = co_await store.write(&store::Writer::renew_lease, id, fence);
    if (!renewed && renewed.error().code != Errc::unavailable) progress->lost = true;
  }
  progress->changed.ring();
}

/// What the journal answered. A push whose lease is lost gets no answer: it may write nothing more, not even that it failed, and is
/// ended where it stands.
awaitable<Result<>> while_fenced(std::shared_ptr<Progress> progress, Result<> written) {
  if (written || written.error().code != Errc::denied) co_return written;
  progress->lost = true;
  progress->changed.ring();
  co_await sleep_for(24h);
  co_return written;
}

awaitable<void> run_push(std::shared_ptr<kube::Cluster> cluster, PushRequest request, std::shared_ptr<Progress> progress) {
  auto outcome = co_await worker::push(*cluster, std::move(request));
  progress->outcome = std::move(outcome);
}

}  // namespace

awaitable<void> Worker::Impl::push(store::Lease lease, store::Deployment deployment) {
  const auto id = deployment.id;
  const auto fence = lease.fence;
  const auto finish = [&](State from, State to, std::string reason) {
    store::Transition change;
    change.deployment = id;
    change.from = from;
    change.to = to;
    change.reason = std::move(reason);
    change.fence = fence;
    return change;
  };
  const Always ended{[this, id] {
    pushing.erase(id);
    stopping.erase(id);
    bell.ring();
  }};
  (void)failpoint("deploy.lease");
  auto plan = plan::read_plan(lease.plan_bytes);
  auto client = cluster(deployment.cluster);
  if (!plan || !client) {
    const std::string why = plan ? client.error().what : plan.error().what;
    auto failed = finish(State::deploying, State::failed, why);
    (void)co_await transition(std::move(failed));
    co_return;
  }
  (void)failpoint("deploy.digest_ok");

  auto progress = std::make_shared<Progress>(parts.executor);
  PushRequest request;
  request.plan = std::move(*plan);
  for (const auto& held : leave_out(request.plan, lease.hold)) log_line(id, "warning", held + ": held back by the approver, not pushed");
  request.resume = lease.is_resume ? Resume::yes : Resume::no;
  store::Store& store = parts.store;
  std::map<int, JournalPast> past;
  if (lease.is_resume) {
    auto rows = co_await store.read(&store::Reader::journal, id);
    // without knowing what was written nothing may be sent; the next try reads again
    if (!rows) {
      auto handed_back = finish(State::deploying, State::interrupted, rows.error().what);
      (void)co_await transition(std::move(handed_back));
      co_return;
    }
    for (const auto& row : *rows) past[row.step] = {row.confirmed, row.verb, row.uid};
  }
  request.journal.past = [past](const JournalEntry& entry) -> std::optional<JournalPast> {
    const auto found = past.find(to_step(entry).step);
    return found == past.end() ? std::nullopt : std::optional(found->second);
  };
  request.journal.sending = [&store, id, fence, progress](JournalEntry entry) -> awaitable<Result<>> {
    if (auto planted = failpoint("deploy.before_object")) co_return *planted;
    const auto step = to_step(entry);
    auto written = co_await store.write(&store::Writer::journal_sending, id, fence, step);
    auto answer = co_await while_fenced(progress, std::move(written));
    co_return answer;
  };
  request.journal.confirmed = [&store, id, fence, progress](JournalEntry entry, std::string uid, std::string version) -> awaitable<Result<>> {
    if (auto planted = failpoint("deploy.after_object")) co_return *planted;
    auto step = to_step(entry);
    step.confirmed = true;
    step.uid = std::move(uid);
    step.resource_version = std::move(version);
    auto written = co_await store.write(&store::Writer::journal_confirmed, id, fence, step);
    if (auto planted = failpoint("deploy.journaled")) co_return *planted;
    auto answer = co_await while_fenced(progress, std::move(written));
    co_return answer;
  };
  request.note = [this, id](const Note& note) {
    log_line(id, std::string(to_text(note.level)), (note.release.empty() ? "" : note.release + ": ") + note.text);
  };
  request.run = [this, deployment](plan::Command command) { return run_command(deployment, std::move(command)); };
  request.should_stop = [this, id, progress] { return leaving || progress->lost || stopping.contains(id); };
  (*client)->refill_budget();

  const auto note_end = [progress](std::string_view task, std::string_view failure) {
    if (task != "push") return;
    progress->ended = true;
    progress->broken = failure;
    progress->changed.ring();
  };
  TaskGroup crew(parts.executor, note_end);
  crew.start("lease", keep_lease(parts.store, id, fence, progress));
  crew.start("push", run_push(*client, std::move(request), progress));
  while (!progress->ended && !progress->lost) {
    const auto rings = progress->changed.rings();
    co_await progress->changed.wait(rings, 1h);
  }
  co_await crew.stop();
  if (progress->lost) {
    log.warn("push lost its lease id={} fence={}", id.value, fence);
    co_return;
  }
  if (!progress->outcome) {
    log.error("push ended id={} error={}", id.value, progress->broken);
    co_await sleep_for(5s);
    auto handed_back = finish(State::deploying, State::interrupted, "the push ended: " + progress->broken);
    (void)co_await transition(std::move(handed_back));
    co_return;
  }
  auto outcome = std::move(*progress->outcome);

  store::Transition end;
  if (!outcome) {
    // Nothing was written. Where the live objects moved, a new plan shows what is different now; nobody has to trigger again.
    const bool moved = outcome.error().code == Errc::conflict && outcome.error().what.starts_with("plan-stale");
    end = finish(State::deploying, moved ? State::planning : State::failed, outcome.error().what);
  } else {
    end = finish(State::deploying, end_of(*outcome), summary(*outcome));
    if (outcome->stopped && stopping.contains(id)) end.to = State::cancelled;
  }
  const bool handed_back = leaving && outcome && outcome->stopped && !stopping.contains(id);
  (void)failpoint("deploy.before_finish");
  if (handed_back) {
    end.to = State::interrupted;
    end.reason = "the daemon was stopped; it resumes when it is back";
  } else if (end.to == State::succeeded) {
    // "succeeded" is said only after the cluster was read: push waits for readiness itself, this is the state people see meanwhile
    auto verified = finish(State::deploying, State::verifying, "everything is written");
    (void)co_await transition(std::move(verified));
    end.from = State::verifying;
  }
  (void)co_await transition(std::move(end));
  (void)failpoint("deploy.after_finish");
}

}  // namespace sluice::worker
