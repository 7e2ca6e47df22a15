#pragma once

// server/worker/push.hpp
//
// Sends an approved plan to its cluster: per release definitions, hooks, objects in order, removals; waits until all of it is
// ready; keeps Helm's release records; goes back by itself when an atomic release fails, with the evidence taken before.
//   in:   a Plan, a Journal that is written before and after each request
//   out:  Outcome for each release; a failed release is an outcome, not an Error
//   not:  deciding anything that the plan does not say; the approval (whoever calls this has it)
// Every request may be sent again after a crash: it names the uid it was made for, or is looked into before it is repeated.
// Read next: release_push.cpp, wait.hpp.

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/plan/plan.hpp"

namespace sluice::kube {
class Cluster;
}

namespace sluice::worker {

/// One request of a push; the same request has the same place in every run of the same plan.
struct JournalEntry {
  std::string release;  ///< "namespace/name", empty for what comes before the releases
  std::string step;     ///< "namespace", "crds", "pre-install", "objects", "record", ...; of a way back "rollback objects", ...
  int number = 0;       ///< within the step
  std::string verb, object;
};

/// What an earlier run of the same plan has written for a place.
struct JournalPast {
  bool confirmed = false;
  std::string verb, uid;
};

/// Written to durable storage before the request is sent, and after it is known to have worked. Empty functions keep no journal.
struct Journal {
  std::function<std::optional<JournalPast>(const JournalEntry& entry)> past;
  std::function<boost::asio::awaitable<Result<>>(JournalEntry entry)> sending;
  std::function<boost::asio::awaitable<Result<>>(JournalEntry entry, std::string uid, std::string resource_version)> confirmed;
};

/// What a person follows: "Deployment shop/web: 1 of 3 replicas are available".
struct Note {
  enum class Level { info, warning, error, evidence };
  Level level = Level::info;
  std::string release;  ///< "namespace/name"
  std::string text;     ///< without secrets
};

enum class Resume { no, yes };

/// What a command of the plan did. Texts are without secrets.
struct CommandOutput {
  int exit_code = 0;
  std::string text, error_text;
};

struct PushRequest {
  plan::Plan plan;
  Resume resume = Resume::no;  ///< yes: a run of this plan was cut off; the live facts have moved because of it
  Journal journal;
  std::function<void(const Note&)> note;
  std::function<bool()> should_stop;  ///< asked between releases
  /// Runs a program of the plan (plan::Command), as far as policy allows; empty: a plan that has one fails where it would run.
  std::function<boost::asio::awaitable<Result<CommandOutput>>(plan::Command command)> run;
  int concurrency = 4;                ///< releases of one group at a time
};

enum class ReleaseResult { unchanged, deployed, uninstalled, failed, rolled_back, not_attempted };
std::string_view to_string(ReleaseResult result);

struct ReleaseOutcome {
  std::string name, namespace_;
  ReleaseResult result = ReleaseResult::not_attempted;
  int revision = 0;                   ///< of the record that holds it now; 0: none
  std::string error;                  ///< why it failed
  std::vector<std::string> evidence;  ///< what pods, events and logs said before anything was undone
  std::vector<std::string> changed;   ///< objects that were written, in order
  std::chrono::milliseconds took{0};
};

struct Outcome {
  std::vector<ReleaseOutcome> releases;  ///< in the order of the plan
  std::string error;                     ///< what failed before the releases, if anything did
  bool stopped = false;                  ///< should_stop said so
  bool succeeded() const;
};

/// Whether everything that the plan rests on is still so: the cluster, the release records, every object it touches.
/// Errors: conflict, "plan-stale: ..." naming what moved; those of the cluster.
boost::asio::awaitable<Result<>> check_facts(kube::Cluster& cluster, const plan::Plan& plan);

/// Checks the facts (unless it resumes), then pushes. Errors: only when nothing was written.
boost::asio::awaitable<Result<Outcome>> push(kube::Cluster& cluster, PushRequest request);

}  // namespace sluice::worker
