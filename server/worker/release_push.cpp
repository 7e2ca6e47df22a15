#include "server/worker/release_push.hpp"

#include <algorithm>

#include "core/chart/chart.hpp"
#include "server/base/failpoint.hpp"
#include "server/task/bell.hpp"
#include "server/worker/commands.hpp"
#include "server/worker/plan.hpp"
#include "server/worker/planner.hpp"
#include "server/worker/records.hpp"

namespace sluice::worker {

namespace asio = boost::asio;
using plan::Json;
using plan::Operation;
using plan::Verb;
using std::chrono::seconds;

namespace {

// how a hook has ended, in the journal
constexpr std::string_view hook_succeeded = "hook-succeeded";
constexpr std::string_view hook_failed = "hook-failed";

const char* pending_status(Operation operation) {
  if (operation == Operation::install) return "pending-install";
  return operation == Operation::rollback ? "pending-rollback" : "pending-upgrade";
}

const char* event_prefix(Operation operation) {
  if (operation == Operation::install) return "install";
  if (operation == Operation::uninstall) return "delete";
  return operation == Operation::rollback ? "rollback" : "upgrade";
}

std::string failure_text(const plan::ReleasePlan& release, const std::string& what) {
  if (release.operation == Operation::upgrade) return "Upgrade \"" + release.name + "\" failed: " + what;
  if (release.operation == Operation::rollback) return "Rollback \"" + release.name + "\" failed: " + what;
  return "Release \"" + release.name + "\" failed: " + what;
}

/// What failed, out of the description that failure_text() gave a record.
std::string failure_of(const plan::ReleasePlan& release, const std::string& description) {
  const std::string head = failure_text(release, "");
  return description.starts_with(head) ? description.substr(head.size()) : description;
}

std::string success_text(const plan::ReleasePlan& release) {
  if (!release.options.description.empty()) return release.options.description;
  return release.operation == Operation::install ? "Install complete" : "Upgrade complete";
}

bool has(const std::vector<std::string>& list, std::string_view item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

/// Without a policy of its own a hook is deleted before it is created anew.
bool deletes(const plan::HookAction& hook, std::string_view when) {
  if (hook.delete_policies.empty()) return when == "before-hook-creation";
  return has(hook.delete_policies, when);
}

}  // namespace

asio::awaitable<ReleaseOutcome> ReleasePush::run() {
  const auto begin = std::chrono::steady_clock::now();
  ReleaseOutcome outcome;
  outcome.name = plan_.name;
  outcome.namespace_ = plan_.namespace_;
  outcome.revision = plan_.last_revision;
  if (plan_.operation == Operation::unchanged) {
    outcome.result = ReleaseResult::unchanged;
    co_return outcome;
  }
  sender_.note(Note::Level::info, std::string(plan::to_string(plan_.operation)) + " begins");
  auto done = co_await synchronise(outcome);
  if (!done) co_await fail(outcome, std::move(done).error());
  auto after = co_await commands("postsync", outcome.error);
  if (!after) outcome.error += (outcome.error.empty() ? "postsync: " : "; postsync: ") + after.error().what;
  auto cleaned = co_await commands("cleanup", "");
  if (!cleaned) sender_.note(Note::Level::warning, "cleanup: " + cleaned.error().what);
  for (auto& line : sender_.take_changed()) outcome.changed.push_back(std::move(line));
  outcome.took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
  sender_.note(outcome.error.empty() ? Note::Level::info : Note::Level::error,
               std::string(to_string(outcome.result)) + (outcome.error.empty() ? "" : ": " + outcome.error));
  co_return outcome;
}

asio::awaitable<Result<>> ReleasePush::commands(std::string event, std::string failure) {
  auto done = co_await run_commands(cluster_, request_, sender_, label(), plan_.commands, std::move(event), std::move(failure));
  co_return done;
}

asio::awaitable<Result<>> ReleasePush::synchronise(ReleaseOutcome& outcome) {
  auto before = co_await commands("presync", "");
  if (!before) co_return std::move(before).error().during("presync");
  if (plan_.operation != Operation::uninstall) {
    auto written = co_await write_release(outcome);
    co_return written;
  }
  before = co_await commands("preuninstall", "");
  if (!before) co_return std::move(before).error().during("preuninstall");
  auto removed = co_await remove_release(outcome);
  if (!removed) co_return std::move(removed).error();
  auto after = co_await commands("postuninstall", "");
  if (!after) co_return std::move(after).error().during("postuninstall");
  co_return Result<>();
}

asio::awaitable<void> ReleasePush::install_definitions() {
  if (definitions_ || plan_.operation == Operation::unchanged || plan_.operation == Operation::uninstall) co_return;
  definitions_ = co_await create_definitions();
}

asio::awaitable<Result<>> ReleasePush::write_release(ReleaseOutcome& outcome) {
  auto space = co_await sender_.send("namespace", 0, plan_.create_namespace);
  if (!space) co_return std::move(space).error();
  co_await install_definitions();
  if (!*definitions_) co_return *definitions_;
  auto earlier = co_await begin_record();
  if (!earlier) co_return std::move(earlier).error();
  if (*earlier == Earlier::undone) {
    outcome.result = ReleaseResult::rolled_back;
    outcome.revision = 0;
    outcome.error = "release " + plan_.name + " failed, and has been uninstalled due to atomic being set; the log says why";
    co_return Result<>();
  }
  if (*earlier == Earlier::failed) co_return Error{Errc::invalid, failure_of(plan_, plan::text_at(record_, "info/description"))};
  if (*earlier != Earlier::deployed) {
    auto changed = co_await change_objects();
    if (!changed) co_return std::move(changed).error();
  }
  if (auto planted = failpoint("deploy.before_finish")) co_return *planted;
  auto finished = co_await finish_record();
  if (!finished) co_return std::move(finished).error();
  if (auto planted = failpoint("deploy.after_finish")) co_return *planted;
  outcome.result = ReleaseResult::deployed;
  outcome.revision = plan_.revision;
  co_return Result<>();
}

asio::awaitable<Result<>> ReleasePush::change_objects() {
  objects_touched_ = true;
  const std::string event = event_prefix(plan_.operation);
  auto before = co_await run_hooks("pre-" + event);
  if (!before) co_return std::move(before).error().during("pre-" + event + " hooks failed");
  auto sent = co_await send_all("objects", plan_.actions);
  if (!sent) co_return std::move(sent).error();
  if (plan_.options.wait || plan_.options.atomic) {
    WaitRequest wait;
    wait.objects = awaited();
    wait.limit = plan_.options.timeout;
    wait.jobs = jobs();
    wait.note = [this](const std::string& text) { sender_.note(Note::Level::info, text); };
    auto ready = co_await wait_until_ready(cluster_, std::move(wait));
    if (!ready) co_return std::move(ready).error();
  }
  auto after = co_await run_hooks("post-" + event);
  if (!after) co_return std::move(after).error().during("post-" + event + " hooks failed");
  co_return Result<>();
}

asio::awaitable<Result<>> ReleasePush::send_all(std::string step, const std::vector<plan::Action>& actions) {
  // objects of one kind that follow each other may go side by side, as Helm creates them; kinds come one after another
  for (std::size_t i = 0; i < actions.size();) {
    std::size_t end = i + 1;
    while (end < actions.size() && actions[end].id.kind == actions[i].id.kind && actions[end].verb == actions[i].verb) ++end;
    const std::size_t begin = i;
    std::function<asio::awaitable<Result<>>(std::size_t)> work = [&, begin](std::size_t k) -> asio::awaitable<Result<>> {
      auto sent = co_await sender_.send(step, static_cast<int>(begin + k), actions[begin + k]);
      co_return sent;
    };
    auto done = co_await kube::in_parallel(end - begin, 4, work);
    if (!done) co_return std::move(done).error();
    i = end;
  }
  co_return Result<>();
}

asio::awaitable<Result<>> ReleasePush::create_definitions() {
  auto sent = co_await send_all("crds", plan_.crds);
  if (!sent) co_return std::move(sent).error().during("failed to install CRDs");
  WaitRequest wait;
  for (const auto& action : plan_.crds) {
    if (action.verb == Verb::create) wait.objects.push_back({action.id, action.api_version, action.object_path});
  }
  if (wait.objects.empty()) co_return Result<>();
  wait.limit = seconds(60);
  auto ready = co_await wait_until_ready(cluster_, std::move(wait));
  cluster_.forget_discovery();
  if (!ready) co_return std::move(ready).error().during("failed to install CRDs");
  co_return Result<>();
}

asio::awaitable<Result<ReleasePush::Earlier>> ReleasePush::begin_record() {
  auto record = plan::parse_json(plan_.record);
  if (!record) co_return std::move(record).error().during("the release record of the plan");
  record_ = std::move(*record);
  const std::string now = record_time();
  Json& info = record_["info"];
  info["first_deployed"] = now;
  if (plan_.operation != Operation::install && plan_.last_revision > 0) {
    auto last = co_await read_record(cluster_, plan_.namespace_, plan_.name, plan_.last_revision,
                                     plan::RecordParts::without_chart_content);
    if (last && !plan::text_at(*last, "info/first_deployed").empty())
      info["first_deployed"] = plan::text_at(*last, "info/first_deployed");
  }
  info["last_deployed"] = now;
  info["status"] = pending_status(plan_.operation);
  info["description"] = plan_.operation == Operation::install   ? "Initial install underway"
                        : plan_.operation == Operation::upgrade ? "Preparing upgrade"
                                                                : plan_.options.description;
  const std::string name = "release record " + plan::record_name(plan_.name, plan_.revision);
  const auto past = sender_.past("record", plan_.revision);
  if (past) {
    Error nobody_looked{Errc::not_found, ""};
    auto found = co_await earlier_record(std::move(nobody_looked));
    const bool is_gone = !found && found.error().code == Errc::not_found;
    if (found && !past->confirmed) {  // under the lease of this run
      auto written = co_await sender_.journal("record", plan_.revision, "create", name);
      if (!written) co_return std::move(written).error();
      auto confirmed = co_await sender_.confirm("record", plan_.revision, "create", name);
      if (!confirmed) co_return std::move(confirmed).error();
    }
    if (found || !is_gone) co_return found;
    // written, and gone: only the way back from a failed install takes it away
    if (past->confirmed && plan_.operation == Operation::install && plan_.options.atomic) co_return Earlier::undone;
    if (past->confirmed) co_return Error{Errc::conflict, "somebody has deleted the record of revision " + std::to_string(plan_.revision)};
  }
  auto pruned = co_await prune_history();
  if (!pruned) co_return std::move(pruned).error();
  auto written = co_await sender_.journal("record", plan_.revision, "create", name);
  if (!written) co_return std::move(written).error();
  auto created = co_await create_record(cluster_, record_);
  auto earlier = Result<Earlier>(Earlier::nowhere);
  if (!created) earlier = co_await earlier_record(std::move(created).error());
  if (!earlier) co_return earlier;
  record_is_there_ = true;
  auto confirmed = co_await sender_.confirm("record", plan_.revision, "create", name);
  if (!confirmed) co_return std::move(confirmed).error();
  co_return earlier;
}

/// What the record that is there says; `not_created` if it is not ours.
asio::awaitable<Result<ReleasePush::Earlier>> ReleasePush::earlier_record(Error not_created) {
  const bool is_ours = sender_.past("record", plan_.revision).has_value();
  const bool unknown = not_created.code == Errc::unavailable || not_created.code == Errc::timeout;
  if (!is_ours && !unknown) {
    if (not_created.code == Errc::conflict)
      co_return Error{Errc::conflict, "another operation (install/upgrade/rollback) is in progress: revision " +
                                          std::to_string(plan_.revision) + " is there already"};
    co_return not_created;
  }
  auto there =
      co_await read_record(cluster_, plan_.namespace_, plan_.name, plan_.revision, plan::RecordParts::without_chart_content);
  if (!there) co_return unknown ? not_created : std::move(there).error();
  record_is_there_ = true;
  record_["info"]["first_deployed"] = plan::text_at(*there, "info/first_deployed");
  const auto status = plan::text_at(*there, "info/status");
  if (plan::is_pending(status)) co_return Earlier::underway;
  if (status == "deployed") co_return Earlier::deployed;
  record_["info"]["description"] = plan::text_at(*there, "info/description");
  if (status == "failed") co_return Earlier::failed;
  record_is_there_ = false;  // not ours to change any more
  co_return Error{Errc::conflict, "revision " + std::to_string(plan_.revision) + " has ended as " + status};
}

asio::awaitable<Result<>> ReleasePush::prune_history() {
  const int keep = plan_.options.history_max;
  if (keep <= 0 || plan_.operation == Operation::install) co_return Result<>();
  auto heads = co_await list_records(cluster_, plan_.namespace_);
  if (!heads) co_return std::move(heads).error();
  auto history = history_of(*heads, plan_.name, plan_.namespace_);
  std::erase_if(history.revisions, [this](const plan::RecordHead& head) { return head.revision == plan_.revision; });
  const auto* deployed = history.deployed();
  const int protected_revision = deployed ? deployed->revision : 0;
  int surplus = static_cast<int>(history.revisions.size()) - (keep - 1);
  for (const auto& head : history.revisions) {
    if (surplus <= 0) break;
    if (head.revision == protected_revision) continue;
    auto deleted = co_await delete_record(cluster_, plan_.namespace_, plan_.name, head.revision);
    if (!deleted) co_return std::move(deleted).error();
    --surplus;
  }
  co_return Result<>();
}

asio::awaitable<Result<>> ReleasePush::finish_record() {
  auto heads = co_await list_records(cluster_, plan_.namespace_);
  if (!heads) co_return std::move(heads).error();
  const auto history = history_of(*heads, plan_.name, plan_.namespace_);
  for (const auto& head : history.revisions) {
    if (head.revision == plan_.revision || head.status != "deployed") continue;
    auto set = co_await set_status(cluster_, plan_.namespace_, plan_.name, head.revision, "superseded", "");
    if (!set) co_return std::move(set).error();
  }
  record_["info"]["status"] = "deployed";
  record_["info"]["description"] = success_text(plan_);
  auto written = co_await update_record(cluster_, record_);
  co_return written;
}

void ReleasePush::note_hook(const plan::HookAction& hook, const char* phase, const std::string& started) {
  const auto hooks = record_.is_object() ? record_.find("hooks") : record_.end();
  if (!record_.is_object() || hooks == record_.end()) return;
  for (auto& entry : *hooks) {
    if (plan::text_at(entry, "path") != hook.path || plan::text_at(entry, "name") != hook.name) continue;
    entry["last_run"] = {{"started_at", started}, {"completed_at", record_time()}, {"phase", phase}};
  }
}

asio::awaitable<Result<>> ReleasePush::run_hooks(std::string event) {
  if (plan_.options.no_hooks) co_return Result<>();
  std::vector<const plan::HookAction*> hooks;
  for (const auto& hook : plan_.hooks) {
    if (has(hook.events, event)) hooks.push_back(&hook);
  }
  std::stable_sort(hooks.begin(), hooks.end(), [](const plan::HookAction* a, const plan::HookAction* b) {
    return a->weight != b->weight ? a->weight < b->weight : a->name < b->name;
  });
  int number = 0;
  for (const auto* hook : hooks) {
    auto done = co_await run_hook(event, number++, *hook);
    if (!done) co_return std::move(done).error();
  }
  for (auto hook = hooks.rbegin(); hook != hooks.rend(); ++hook) {
    if (!deletes(**hook, "hook-succeeded")) continue;
    auto deleted = co_await delete_hook(**hook);
    if (!deleted) co_return std::move(deleted).error();
  }
  co_return Result<>();
}

asio::awaitable<Result<>> ReleasePush::run_hook(std::string event, int number, const plan::HookAction& hook) {
  const std::string started = record_time();
  const std::string name = plan::to_string(hook.create.id);
  const std::string end = event + " end";
  const auto ended = sender_.past(end, number);
  if (ended && ended->verb == hook_succeeded) {
    note_hook(hook, "Succeeded", started);
    co_return Result<>();
  }
  auto done = Result<>();
  if (ended) {
    done = Error{Errc::invalid, "hook " + name + " failed before the push was interrupted"};
  } else {
    done = co_await start_hook(event, number, hook);
    if (done) done = co_await follow_hook(event, number, hook);
  }
  if (!done) {
    note_hook(hook, "Failed", started);
    if (deletes(hook, "hook-failed")) (void)co_await delete_hook(hook);
    co_return done;
  }
  note_hook(hook, "Succeeded", started);
  sender_.note(Note::Level::info, event + " hook " + name + " is done");
  co_return Result<>();
}

/// Creates it, unless an earlier run has. Its name was free when that run wrote that it would, so what has the name now is ours.
asio::awaitable<Result<>> ReleasePush::start_hook(std::string event, int number, const plan::HookAction& hook) {
  const std::string name = plan::to_string(hook.create.id);
  const auto past = sender_.past(event, number);
  auto there = co_await cluster_.find(hook.create.object_path);
  if (!there) co_return std::move(there).error();
  if (past && (past->confirmed || *there)) co_return Result<>();
  if (*there && !deletes(hook, "before-hook-creation")) {
    co_return Error{Errc::conflict, "hook " + name + " is there already, and its hook-delete-policy does not delete it first"};
  }
  if (*there) {
    auto deleted = co_await delete_hook(hook);
    if (!deleted) co_return std::move(deleted).error();
  }
  sender_.note(Note::Level::info, event + " hook " + name + " begins");
  auto created = co_await sender_.send(event, number, hook.create);
  if (!created) co_return std::move(created).error();
  if (auto planted = failpoint("deploy.hook_created")) co_return *planted;
  co_return Result<>();
}

asio::awaitable<Result<>> ReleasePush::follow_hook(std::string event, int number, const plan::HookAction& hook) {
  const std::string name = plan::to_string(hook.create.id);
  const auto deadline = std::chrono::steady_clock::now() + plan_.options.timeout;
  auto pause = std::chrono::milliseconds(100);
  auto done = Result<>();
  for (;;) {
    auto there = co_await cluster_.find(hook.create.object_path);
    if (!there) co_return std::move(there).error();
    auto verdict = *there ? track::judge_hook(**there) : track::Verdict{};  // deleted by itself: done, as Helm has it
    if (verdict.progress == track::Progress::ready) break;
    if (verdict.progress == track::Progress::failed) {
      done = Error{Errc::invalid, "hook " + name + " failed: " + verdict.why};
      break;
    }
    if (std::chrono::steady_clock::now() > deadline) {
      done = Error{Errc::timeout, "hook " + name + " is not done after " + std::to_string(plan_.options.timeout.count()) + " s: " + verdict.why};
      break;
    }
    if (auto planted = failpoint("deploy.hook_wait")) co_return *planted;
    co_await sleep_for(pause);
    pause = std::min(pause * 3 / 2, std::chrono::milliseconds(2000));
  }
  // before anything deletes it: a run that goes on from here must not take "gone" for "never made"
  auto written = co_await sender_.journal(event + " end", number, std::string(done ? hook_succeeded : hook_failed), name);
  if (!written) co_return written;
  co_return done;
}

asio::awaitable<Result<>> ReleasePush::delete_hook(const plan::HookAction& hook) {
  if (hook.create.id.kind == "CustomResourceDefinition") co_return Result<>();
  auto there = co_await cluster_.find(hook.create.object_path);
  if (!there) co_return std::move(there).error();
  if (!*there) co_return Result<>();
  const auto uid = plan::text_at(**there, "metadata/uid");
  auto removal = plan::remove_action(hook.create.id, hook.create.api_version, **there, {"", hook.create.object_path});
  kube::Call call;
  call.method = "DELETE";
  call.path = removal.path;
  call.content_type = removal.content_type;
  call.body = removal.body;
  call.repeat = kube::Repeat::safe;
  auto answer = co_await cluster_.ask(std::move(call));
  if (!answer) co_return std::move(answer).error();
  if (answer->refusal && !answer->refusal->is_not_found())
    co_return to_error(*answer->refusal, "deleting hook " + plan::to_string(hook.create.id));
  auto gone = co_await wait_until_gone(cluster_, hook.create.object_path, uid, plan_.options.timeout);
  co_return gone;
}

asio::awaitable<Result<>> ReleasePush::remove_release(ReleaseOutcome& outcome) {
  auto set = co_await set_status(cluster_, plan_.namespace_, plan_.name, plan_.last_revision, "uninstalling",
                                 "Deletion in progress (or silently failed)");
  if (!set && set.error().code == Errc::not_found && request_.resume == Resume::yes) {
    outcome.result = ReleaseResult::uninstalled;
    outcome.revision = 0;
    co_return Result<>();
  }
  if (!set) co_return std::move(set).error();
  auto before = co_await run_hooks("pre-delete");
  if (!before) co_return std::move(before).error().during("pre-delete hooks failed");
  objects_touched_ = true;
  auto sent = co_await send_all("objects", plan_.actions);
  if (!sent) co_return std::move(sent).error();
  if (plan_.options.wait_for_deletion) {
    for (const auto& action : plan_.actions) {
      auto gone = co_await wait_until_gone(cluster_, action.object_path, action.live.uid, plan_.options.timeout);
      if (!gone) co_return std::move(gone).error();
    }
  }
  auto after = co_await run_hooks("post-delete");
  auto heads = co_await list_records(cluster_, plan_.namespace_);
  if (!heads) co_return std::move(heads).error();
  for (const auto& head : history_of(*heads, plan_.name, plan_.namespace_).revisions) {
    auto deleted = co_await delete_record(cluster_, plan_.namespace_, plan_.name, head.revision);
    if (!deleted) co_return std::move(deleted).error();
  }
  outcome.result = ReleaseResult::uninstalled;
  outcome.revision = 0;
  if (!after) co_return std::move(after).error().during("post-delete hooks failed");
  co_return Result<>();
}

std::vector<Awaited> ReleasePush::awaited() const {
  std::vector<Awaited> out;
  for (const auto& action : plan_.actions) {
    if (action.verb != Verb::remove) out.push_back({action.id, action.api_version, action.object_path});
  }
  return out;
}

asio::awaitable<void> ReleasePush::fail(ReleaseOutcome& outcome, Error error) {
  outcome.result = ReleaseResult::failed;
  outcome.error = error.what;
  if (plan_.operation == Operation::uninstall || !record_is_there_) co_return;
  if (objects_touched_) outcome.evidence = co_await collect_evidence(cluster_, awaited(), jobs());
  for (const auto& line : outcome.evidence) sender_.note(Note::Level::evidence, line);
  record_["info"]["status"] = "failed";
  record_["info"]["description"] = failure_text(plan_, error.what);
  auto written = co_await update_record(cluster_, record_);
  outcome.revision = plan_.revision;
  if (!written) {
    outcome.error += "; and the release record could not be set to failed: " + written.error().what;
    co_return;
  }
  if (plan_.options.cleanup_on_fail && plan_.operation == Operation::upgrade && objects_touched_) {
    auto cleaned = co_await clean_up_created();
    if (!cleaned) outcome.error += "; and what it had created could not be deleted: " + cleaned.error().what;
  }
  if (plan_.options.atomic) co_await go_back(outcome, error);
}

/// Deletes what this push has made, and nothing that has come to have its name otherwise.
asio::awaitable<Result<>> ReleasePush::clean_up_created() {
  for (auto action = plan_.actions.rbegin(); action != plan_.actions.rend(); ++action) {
    const std::string made = action->verb == Verb::create ? sender_.made(action->object_path) : std::string();
    if (made.empty()) continue;
    auto live = co_await cluster_.find(action->object_path);
    if (!live) co_return std::move(live).error();
    if (!*live || plan::text_at(**live, "metadata/uid") != made) continue;
    auto removal = plan::remove_action(action->id, action->api_version, **live, {"", action->object_path});
    auto sent = co_await sender_.send("cleanup", static_cast<int>(plan_.actions.rend() - action), removal);
    if (!sent) co_return std::move(sent).error();
  }
  co_return Result<>();
}

asio::awaitable<void> ReleasePush::go_back(ReleaseOutcome& outcome, const Error& error) {
  (void)failpoint("rollback.begin");
  if (plan_.operation == Operation::install) {
    sender_.note(Note::Level::warning, "the failed install is removed: " + error.what);
    auto undone = co_await undo_install();
    if (!undone) {
      outcome.error += "; removing it failed too: " + undone.error().what;
      co_return;
    }
    outcome.result = ReleaseResult::rolled_back;
    outcome.revision = 0;
    outcome.error = "release " + plan_.name + " failed, and has been uninstalled due to atomic being set: " + error.what;
    co_return;
  }
  auto heads = co_await list_records(cluster_, plan_.namespace_);
  if (!heads) co_return;
  int target = 0;
  for (const auto& record : history_of(*heads, plan_.name, plan_.namespace_).revisions) {
    const bool good = record.status == "deployed" || record.status == "superseded";
    if (good && record.revision < plan_.revision) target = record.revision;
  }
  if (target == 0) {
    outcome.error =
        "unable to find a previously successful release when attempting to rollback. original upgrade error: " + error.what;
    co_return;
  }
  sender_.note(Note::Level::warning, "going back to revision " + std::to_string(target) + ": " + error.what);
  co_await go_back_to(target, outcome, error);
}

asio::awaitable<void> ReleasePush::go_back_to(int target, ReleaseOutcome& outcome, const Error& error) {
  RollbackRequest request{plan_.name, plan_.namespace_, target, plan_.options, Secret(), plan_.revision};
  request.options.atomic = false;
  request.options.wait = true;
  request.options.description.clear();
  auto back = co_await plan_rollback(cluster_, std::move(request));
  if (!back) {
    outcome.error += "; going back failed too: " + back.error().what;
    co_return;
  }
  ReleasePush push(cluster_, back->plan.releases.front(), request_);
  auto second = co_await push.run();
  outcome.changed.insert(outcome.changed.end(), second.changed.begin(), second.changed.end());
  outcome.revision = second.revision;
  if (second.result != ReleaseResult::deployed) {
    outcome.error += "; going back failed too: " + second.error;
    co_return;
  }
  outcome.result = ReleaseResult::rolled_back;
  outcome.error = "release " + plan_.name + " failed, and has been rolled back due to atomic being set: " + error.what;
}

/// As `helm uninstall` of the failed release: the objects of its manifest, then all of its records.
asio::awaitable<Result<>> ReleasePush::undo_install() {
  std::vector<const plan::Action*> order;
  for (const auto& action : plan_.actions) {
    if (action.verb != Verb::remove) order.push_back(&action);
  }
  std::stable_sort(order.begin(), order.end(),
                   [](const plan::Action* a, const plan::Action* b) { return chart::uninstalls_before(a->id.kind, b->id.kind); });
  for (const auto* action : order) {
    auto live = co_await cluster_.find(action->object_path);
    if (!live) co_return std::move(live).error();
    if (!*live || plan::is_kept(**live)) continue;
    auto removal = plan::remove_action(action->id, action->api_version, **live, {"", action->object_path});
    auto sent = co_await sender_.send("undo", 0, removal);
    if (!sent) co_return std::move(sent).error();
  }
  auto heads = co_await list_records(cluster_, plan_.namespace_);
  if (!heads) co_return std::move(heads).error();
  for (const auto& head : history_of(*heads, plan_.name, plan_.namespace_).revisions) {
    auto deleted = co_await delete_record(cluster_, plan_.namespace_, plan_.name, head.revision);
    if (!deleted) co_return std::move(deleted).error();
  }
  co_return Result<>();
}

}  // namespace sluice::worker
