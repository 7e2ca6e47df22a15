#pragma once

// core/plan/plan.hpp
//
// Decides what has to be sent to a cluster so that it holds what the manifests say, and shows it.
//   in:   manifests of releases (as text), the objects that are there, the last release record
//   out:  Plan: ordered actions with their exact request bytes and the live facts they rest on, under one digest;
//         Diff: the same to read, with every secret masked
//   not:  asking the cluster anything (server/kube), sending anything (server/worker)
// Why three-way merge patches and not server-side apply: releases are shared with the real helm, which merges this way. A field
// that the chart drops is removed even if helm wrote it, a field set by others stays, and `helm rollback` of a revision that
// sluice wrote, or the other way round, just works; server-side apply would first have to move the ownership of every field.
// What the patch does on the server (defaults, webhooks, immutable fields) is learned by a dry run of exactly these bytes.
// Read next: manifest.hpp, patch.hpp, diff.hpp, actions.hpp.

#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/plan/object.hpp"

namespace sluice::plan {

/// The object that an action rests on, as it was when the plan was made.
struct LiveFact {
  std::string uid;           ///< empty: there was no object
  std::string content_hash;  ///< of the cleaned object; see clean.hpp
  bool operator==(const LiveFact&) const = default;
};

/// One request that writes, exactly as it will be sent; or none, for an object that is as it should be.
struct Action {
  Verb verb = Verb::unchanged;
  ObjectId id;
  std::string api_version;
  std::string object_path;  ///< "/apis/apps/v1/namespaces/shop/deployments/web": where the object is read
  std::string method;       ///< POST, PATCH, DELETE; empty for unchanged
  std::string path;         ///< with its query
  std::string content_type;
  std::string body;
  std::string create_path;  ///< of replace: where `create_body` is posted once the old object is gone
  std::string create_body;
  LiveFact live;
  /// What the manifest asks for, cleaned: judged when a lost answer is looked into, and when readiness is waited for. Empty for
  /// remove.
  std::string wanted;
};

bool operator==(const Action& a, const Action& b);

/// What becomes of the dependents of an object that is deleted; Helm's words.
enum class Cascade { background, foreground, orphan };

/// How a release is pushed; helmfile's and Helm's words.
struct PushOptions {
  bool wait = false;
  bool wait_for_jobs = false;
  bool atomic = false;
  bool cleanup_on_fail = false;
  bool no_hooks = false;
  bool wait_for_deletion = false;  ///< uninstalling waits until the objects are gone
  int history_max = 10;
  std::chrono::seconds timeout{300};
  std::string description;  ///< of the release record; empty: Helm's own words
  bool operator==(const PushOptions&) const = default;
};

enum class Operation { unchanged, install, upgrade, uninstall, rollback };
std::string_view to_string(Operation operation);

/// One hook object as it will be created.
struct HookAction {
  std::string path;  ///< of its template: "web/templates/job.yaml"
  std::string name, kind;
  std::vector<std::string> events;
  int weight = 0;
  std::vector<std::string> delete_policies;
  Action create;  ///< POST; `object_path` is where it is read and deleted
};

/// What a tree wants to be done on sluice's own machine at a certain point of the push (a helmfile's hook): a program with its
/// exact arguments, or objects to be applied.
struct Command {
  std::string event;  ///< "preapply", "presync", "postsync", "preuninstall", "postuninstall", "cleanup"
  std::string name;   ///< for people
  std::string program;
  std::vector<std::string> arguments;
  /// Of postsync, where they differ: the arguments after a failure, `failure_mark` standing where its text goes.
  std::vector<std::string> arguments_on_failure;
  std::string folder;  ///< where it runs
  bool show_output = false;
  std::vector<Action> apply;  ///< instead of a program

  bool operator==(const Command&) const = default;
};
/// Stands for the text of a failure that is not known yet.
inline constexpr std::string_view failure_mark = "\x1b{failure}";

struct ReleasePlan {
  std::string name, namespace_;
  int group = 0;  ///< releases of one group may be pushed side by side, each group after the one before
  Operation operation = Operation::unchanged;
  int last_revision = 0;      ///< newest record when the plan was made; 0: none
  std::string last_status;    ///< its status
  int deployed_revision = 0;  ///< newest record with status deployed
  int revision = 0;           ///< of the record to be written; 0: none is
  PushOptions options;
  Action create_namespace;        ///< verb create, or unchanged when there is nothing to do
  std::vector<Action> crds;       ///< of crds/, in order; waited for before anything else
  std::vector<HookAction> hooks;  ///< of all events
  std::vector<Command> commands;  ///< of all events, in order
  std::vector<Action> actions;    ///< in order: what is wanted, then what is removed
  /// The new record without its times and status (see release.hpp), as canonical JSON. Empty for uninstall and unchanged.
  std::string record;
  bool operator==(const ReleasePlan&) const = default;
};

/// JSON pointers to what was made from secrets in the objects that a tree asks for, those that do not change included: a release
/// record does not tell, and a later plan or a look at drift must mask the same.
using SecretPlaces = std::map<ObjectId, std::vector<std::string>>;

struct Plan {
  std::string environment, commit;
  std::string cluster_uid, cluster_ca;  ///< which cluster it was made for
  std::string inputs = "{}";            ///< canonical JSON of what the caller wants sealed: archive digests, recorded results
  std::vector<Action> before;           ///< objects outside of any release, written first (secret_objects)
  std::vector<Command> commands;        ///< of the state files themselves: run last of all
  std::vector<ReleasePlan> releases;
  SecretPlaces secret_places = {};

  bool has_changes() const;
};

/// The plan as canonical JSON: the same plan gives the same bytes. Holds secret values in clear.
std::string to_text(const Plan& plan);
/// Errors: invalid, for anything that `to_text` did not write.
Result<Plan> read_plan(std::string_view text);
/// SHA-256 (hex) of the canonical text.
std::string digest(const Plan& plan);
std::string digest_of_text(std::string_view canonical);

bool operator==(const HookAction& a, const HookAction& b);

}  // namespace sluice::plan
