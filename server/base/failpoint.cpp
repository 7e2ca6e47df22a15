#include "server/base/failpoint.hpp"

#include <algorithm>
#include <array>

#ifdef SLUICE_FAILPOINTS
#include <cassert>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <mutex>
#include <string>
#include <thread>

#include "server/base/exit_code.hpp"
#endif

namespace sluice {

static constexpr std::array<std::string_view, 41> names{
    "intake.body_read", "intake.hmac_ok", "intake.before_ack", "intake.after_ack",
    "store.before_begin", "store.after_insert", "store.before_commit", "store.after_commit",
    "queue.claimed",
    "git.started", "git.fetched",
    "render.spawned", "render.done",
    "plan.sealed", "plan.before_commit", "plan.after_commit", "plan.announced",
    "approve.received", "approve.before_commit", "approve.after_commit", "approve.before_reply",
    "deploy.lease", "deploy.digest_ok", "deploy.before_object", "deploy.after_object", "deploy.journaled", "deploy.hook_created",
    "deploy.hook_wait", "deploy.ready_poll", "deploy.before_finish", "deploy.after_finish",
    "rollback.begin",
    "outbox.before_send", "outbox.after_send",
    "checkpoint.before", "checkpoint.after",
    "migrate.step",
    "backup.mid",
    "shutdown.drain",
    "startup.recover",
    "reload"};

std::span<const std::string_view> failpoint_names() { return names; }

#ifdef SLUICE_FAILPOINTS

namespace {

struct Plan {
  bool kill = false;
  std::string error;
  int sleep_ms = 0;
  int at_pass = 0;  // 0: at every pass
  int passes = 0;
};

using Plans = std::map<std::string, Plan, std::less<>>;

Result<int> number(std::string_view text, std::string_view action) {
  int value = 0;
  const auto [stop, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc{} || stop != text.data() + text.size() || value < 1) {
    return Error{Errc::invalid, "SLUICE_FAILPOINT: " + std::string(action) + " needs a number from 1, found \"" + std::string(text) + "\""};
  }
  return value;
}

Result<> add_action(Plan& plan, std::string_view action) {
  const auto colon = action.find(':');
  const std::string_view verb = action.substr(0, colon);
  const std::string_view rest = colon == std::string_view::npos ? "" : action.substr(colon + 1);
  if (action == "kill") {
    plan.kill = true;
  } else if (verb == "error" && !rest.empty()) {
    plan.error = rest;
  } else if (verb == "sleep" || verb == "count") {
    auto value = number(rest, verb);
    if (!value) return std::move(value).error();
    (verb == "sleep" ? plan.sleep_ms : plan.at_pass) = *value;
  } else {
    return Error{Errc::invalid, "SLUICE_FAILPOINT: expected kill, error:E, sleep:MS or count:N, found \"" + std::string(action) + "\""};
  }
  return {};
}

/// Calls `each` with the parts of `text` between `separator`s until it fails.
template <class Each>
Result<> split(std::string_view text, char separator, Each each) {
  while (!text.empty()) {
    const auto end = text.find(separator);
    if (auto done = each(text.substr(0, end)); !done) return done;
    text = end == std::string_view::npos ? "" : text.substr(end + 1);
  }
  return {};
}

Result<Plans> parse(std::string_view text) {
  Plans plans;
  auto one = [&](std::string_view part) -> Result<> {
    const auto equals = part.find('=');
    const std::string_view name = part.substr(0, equals);
    if (std::ranges::find(names, name) == names.end()) {
      return Error{Errc::invalid, "SLUICE_FAILPOINT: there is no failpoint \"" + std::string(name) + "\""};
    }
    Plan plan;
    const std::string_view actions = equals == std::string_view::npos ? "" : part.substr(equals + 1);
    if (auto done = split(actions, ',', [&](std::string_view a) { return add_action(plan, a); }); !done) return done;
    if (plan.error.empty() && plan.sleep_ms == 0) plan.kill = true;
    plans[std::string(name)] = plan;
    return {};
  };
  if (auto done = split(text, ';', one); !done) return std::move(done).error();
  return plans;
}

std::mutex guard;

Plans& active() {
  static Plans plans = [] {
    const char* text = std::getenv("SLUICE_FAILPOINT");
    auto parsed = parse(text ? text : "");
    if (!parsed) {
      std::fprintf(stderr, "%s\n", parsed.error().what.c_str());
      exit_now(ExitCode::configuration);
    }
    return *parsed;
  }();
  return plans;
}

/// What is to happen now, counting this pass.
std::optional<Plan> due(std::string_view name) {
  const std::lock_guard lock{guard};
  auto& plans = active();
  const auto found = plans.find(name);
  if (found == plans.end()) return std::nullopt;
  Plan& plan = found->second;
  ++plan.passes;
  if (plan.at_pass != 0 && plan.passes != plan.at_pass) return std::nullopt;
  return plan;
}

}  // namespace

std::optional<Error> failpoint(std::string_view name) {
  assert(std::ranges::find(names, name) != names.end());
  const auto plan = due(name);
  if (!plan) return std::nullopt;
  if (plan->sleep_ms > 0) std::this_thread::sleep_for(std::chrono::milliseconds{plan->sleep_ms});
  if (plan->kill) std::raise(SIGKILL);
  if (!plan->error.empty()) return Error{Errc::unavailable, "failpoint " + std::string(name) + ": " + plan->error};
  return std::nullopt;
}

Result<> set_failpoints(std::string_view text) {
  auto parsed = parse(text);
  if (!parsed) return std::move(parsed).error();
  const std::lock_guard lock{guard};
  active() = std::move(*parsed);
  return {};
}

#endif

}  // namespace sluice
