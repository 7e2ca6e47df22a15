#pragma once

// core/intake/intake.hpp
//
// Turns a verified delivery into the deployments it asks for, or says why it asks for none.
//   in:   event name, GUID and body of a delivery whose signature was right; the repositories and their trigger rules
//   out:  Verdict: which environments, at which ref and commit, for whom; the key under which the event counts once
//   not:  checking signatures (server/webhook), storing (server/store), asking whether the commit is still the head
//         (planning does that: the branch's head decides, not the order of arrival)
// Follows github.md 3.2 and 4: keys are made of numeric ids, never of names; the event's name, which nobody has signed, must
// fit the body's shape; a green workflow run counts only when it ran in the repository itself, for an event that outsiders
// cannot cause.
// Why `matches` is given: patterns belong to core/deployment, which comes after this folder.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"

namespace sluice::intake {

/// When an event asks for a deployment.
struct Rule {
  std::string event;  ///< push, workflow_run, release, repository_dispatch, registry_package, manual
  /// branch, tag: patterns. workflow: its file or its name. conclusion: default success. action: default published.
  /// type: of a repository_dispatch, default sluice-deploy. package: its name.
  std::map<std::string, std::string> conditions;
};

struct Target {
  std::string environment;
  std::vector<Rule> on;
};

struct Repository {
  std::string name;  ///< owner/name as GitHub writes it
  std::vector<Target> targets;
};

struct Delivery {
  std::string event;
  std::string guid;
  std::string_view body;
};

/// Who caused an event, as GitHub tells it.
struct Sender {
  std::string login;
  std::int64_t id = 0;
  bool operator==(const Sender&) const = default;
};

struct Wanted {
  std::string environment;
  std::string ref;     ///< "refs/heads/main", "refs/tags/v1"
  std::string commit;  ///< full object id; empty where only the remote knows (a release's tag)
  std::string title;   ///< first line of the commit message, if the event has it
  bool operator==(const Wanted&) const = default;
};

struct Verdict {
  bool is_ping = false;
  std::string action;       ///< the payload's, empty if it has none
  std::string repository;   ///< as configured; empty if it is not ours
  std::string trigger_key;  ///< "push:<repo_id>:<ref>:<after>"; empty when nothing is asked for
  Sender sender;
  std::vector<Wanted> deployments;
  std::string reason;                 ///< why there are none; made of constant words
  std::vector<std::string> warnings;  ///< about the hook's own settings, from a ping
};

using Matches = bool (*)(std::string_view pattern, std::string_view name);

/// Errors: invalid when the body is no JSON object, is nested deeper than 64 levels, has a key twice, or has not the shape of
/// the event that the delivery claims to be.
Result<Verdict> judge(const Delivery& delivery, const std::vector<Repository>& repositories, Matches matches);

}  // namespace sluice::intake
