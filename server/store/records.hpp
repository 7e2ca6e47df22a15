#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/digest.hpp"
#include "core/base/secret.hpp"
#include "core/deployment/decision.hpp"
#include "core/deployment/person.hpp"
#include "core/deployment/protection.hpp"
#include "core/deployment/state.hpp"
#include "server/base/clock.hpp"

// What goes into the store and comes out of it, as plain values. Times are UTC; texts are as given, not made fit to show.

namespace sluice::store {

using deployment::DeploymentId;
using deployment::Person;
using deployment::Protection;
using deployment::State;

/// Counted up from 1. What the answer to a webhook names.
struct DeliveryId {
  std::int64_t value = 0;
  auto operator<=>(const DeliveryId&) const = default;
};

// ---- deliveries ------------------------------------------------------------------------------------------------------

/// A request whose signature was right.
struct NewDelivery {
  std::string guid;     ///< X-GitHub-Delivery; names the event, not the hook
  std::string hook_id;  ///< X-GitHub-Hook-ID; may be empty
  std::string event;
  std::string action;
  std::string repository;   ///< as configured
  std::string trigger_key;  ///< what the event means ("push:<repo_id>:<ref>:<after>"); empty when it triggers nothing
  std::string body;         ///< raw bytes; sealed at rest
};

enum class Insertion {
  stored,      ///< new, and durable now
  duplicate,   ///< seen before, the same bytes or the same meaning; nothing will happen again
  reopened,    ///< seen before, had failed, will be tried again
  mismatched,  ///< this GUID was used for another event or body: refused
};

struct InsertedDelivery {
  DeliveryId id;  ///< of the first one, for duplicates
  Insertion how = Insertion::stored;
};

enum class DeliveryState { pending, claimed, done, ignored, failed, duplicate, poisoned };

struct Delivery {
  DeliveryId id;
  std::string guid, hook_id, event, action, repository, trigger_key;
  WallTime received;
  DeliveryState state = DeliveryState::pending;
  std::string result;  ///< what became of it, for people
  int attempts = 0;
  std::optional<std::string> body;  ///< nothing after 14 days
};

// ---- deployments -----------------------------------------------------------------------------------------------------

struct NewDeployment {
  std::string repository;
  std::string environment;
  std::string cluster;
  std::string ref;            ///< "refs/heads/main", or what a person gave
  std::string commit;         ///< full object id; may be empty for a manual trigger, set when planning finds it
  std::string config_digest;  ///< of the configuration that applies; part of what makes two triggers the same
  std::string trigger;        ///< "push", "workflow_run", "manual", "retry", "rollback", ...
  std::string title;          ///< first line of the commit message, when known
  Person initiator;
  std::optional<DeploymentId> origin;    ///< which one is retried or rolled back to
  std::optional<DeliveryId> delivery;
  /// yes: at most one deployment ever of this environment, commit and configuration (every automatic trigger).
  bool once = false;
  std::string request_key = {};  ///< of the request that asks for it; a repetition of that request makes no second one
};

struct CreatedDeployment {
  DeploymentId id;
  bool is_new = true;  ///< false: it was there before
};

struct Deployment {
  DeploymentId id;
  std::string repository, environment, cluster, ref, commit, config_digest, trigger, title;
  Person initiator;  ///< name and id only
  std::optional<DeploymentId> origin;
  std::optional<DeliveryId> delivery;
  State state = State::received;
  std::string reason;  ///< why it is in this state, for people
  std::string digest;  ///< of the plan in force; empty when there is none
  bool cancel_requested = false;
  int deaths = 0;  ///< workers lost over it
  WallTime created, changed;
  std::optional<WallTime> started, finished;  ///< of the push
};

struct DeploymentFilter {
  std::string environment, repository;  ///< empty = all
  std::optional<State> state;
  std::optional<DeploymentId> before;  ///< the page's cursor: only older ones
  int limit = 50;                      ///< 1 to 200
};

struct DeploymentPage {
  std::vector<Deployment> items;       ///< newest first
  std::optional<DeploymentId> next;    ///< the cursor of the following page, if there is one
};

// ---- plans and decisions ---------------------------------------------------------------------------------------------

struct NewPlan {
  DeploymentId deployment;
  std::string bytes;  ///< canonical JSON, exactly; sealed at rest
  std::string environment, cluster;  ///< what the plan itself says it is for
  std::string summary;    ///< JSON: counts, risks, releases; masked
  std::string diff_text;  ///< masked
  std::string diff_json;  ///< masked
  bool diff_was_cut = false;  ///< the whole diff is not on offer, so the plan cannot be approved
  Protection rules;           ///< the environment's now; `required == 0` approves at once, on record
};

struct Plan {
  std::string digest;
  std::string environment, cluster, summary, diff_text, diff_json;
  bool diff_was_cut = false;
  WallTime ready, expires;
};

struct Decision {
  deployment::Wish wish = deployment::Wish::approve;
  Person by;  ///< name and id only
  std::string digest, comment;
  std::vector<std::string> hold;  ///< releases the approver left out
  WallTime at;
};

struct DecisionAsk {
  DeploymentId deployment;
  deployment::DecisionRequest request;
  Protection rules;  ///< of the environment, as configured now
  std::vector<std::string> hold;
};

struct Decided {
  State state = State::received;
  bool stops_running_push = false;
};

struct Transition {
  DeploymentId deployment;
  State from = State::received;
  State to = State::received;
  std::string reason;
  std::string by = "sluice";
  std::optional<std::int64_t> fence;  ///< must be given while the cluster is held (deploying, verifying)
};

// ---- the push --------------------------------------------------------------------------------------------------------

struct LeaseAsk {
  DeploymentId deployment;
  Protection rules;
};

/// The right to write to one cluster, for one deployment, until it ends or is not renewed.
struct Lease {
  DeploymentId deployment;
  std::int64_t fence = 0;  ///< rises with every lease in this environment; goes with each write of the push
  bool is_resume = false;  ///< an interrupted push goes on: read the cluster first (journal)
  std::string digest;
  std::string plan_bytes;  ///< hash checked against the approved digest
  std::vector<std::string> hold;
};

struct JournalStep {
  int step = 0;
  std::string object;  ///< identity, for people and for the resume
  std::string verb;
  bool confirmed = false;  ///< false: sent or about to be, so the cluster knows better than we
  std::string uid, resource_version;
};

// ---- what people follow ----------------------------------------------------------------------------------------------

struct NewEvent {
  DeploymentId deployment;
  std::string kind;  ///< "log", "progress", "ready", ...; "state" is written by the store itself
  std::string text;  ///< masked; at most 16 KiB are kept
};

struct Event {
  std::int64_t sequence = 0;  ///< Last-Event-ID
  DeploymentId deployment;
  WallTime at;
  std::string kind, text;
};

struct EnvironmentLock {
  std::string environment, reason, by;
  WallTime at;
};

struct EnvironmentStatus {
  std::optional<Deployment> current;  ///< the last that succeeded
  std::optional<Deployment> running;
  std::vector<Deployment> waiting;    ///< received to approved, oldest first, at most 100
  std::optional<EnvironmentLock> lock;
};

struct AuditRow {
  std::int64_t sequence = 0;
  WallTime at;
  std::string actor;
  std::int64_t actor_id = 0;
  std::string action;
  std::optional<DeploymentId> deployment;
  std::string environment, detail;
};

struct AuditVerdict {
  std::int64_t rows = 0;
  std::optional<std::int64_t> first_bad;  ///< sequence number where the chain breaks
  std::string problem;
  std::string head;  ///< hash of the last row, hex; worth keeping elsewhere
};

// ---- tokens ----------------------------------------------------------------------------------------------------------

struct NewToken {
  std::string name;
  Person person;  ///< with roles and environments
  std::optional<WallTime> expires;
};

struct Token {
  std::int64_t id = 0;
  std::string name;
  Person person;
  WallTime created;
  std::optional<WallTime> expires, last_used, revoked;
};

struct CreatedToken {
  Token record;
  Secret text;  ///< "slc_..."; shown once, kept nowhere
};

// ---- outgoing messages -----------------------------------------------------------------------------------------------

struct NewMessage {
  std::string kind;
  std::string natural_key;  ///< a second message with this key is not added
  std::optional<DeploymentId> deployment;
  std::string target, body;
};

struct Message {
  std::int64_t id = 0;
  std::string kind, natural_key;
  std::optional<DeploymentId> deployment;
  std::string target, body;
  int attempts = 0;
};

/// Which cluster was found behind a name of the configuration.
struct KnownCluster {
  std::string uid;  ///< of its namespace kube-system
  std::string ca_sha256;
};

/// An answer that was given to a request with an Idempotency-Key.
struct KeptAnswer {
  Sha256 body_hash{};  ///< of the request
  int status = 0;
  std::string content_type, body;
};

struct Counts {
  std::vector<std::pair<State, std::int64_t>> deployments;
  std::int64_t deliveries_pending = 0, messages_pending = 0, events_last = 0, audit_rows = 0;
};

struct Recovery {
  int deliveries_returned = 0, plans_restarted = 0, pushes_interrupted = 0, poisoned = 0;
};

struct Purge {
  int bodies = 0, deliveries = 0, events = 0, messages = 0;
  bool has_more = false;  ///< there was more than is removed at a time
};

}  // namespace sluice::store
