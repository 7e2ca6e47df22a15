#pragma once

#include <list>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/plan/mask.hpp"
#include "server/kube/cluster.hpp"
#include "server/worker/live.hpp"
#include "server/worker/plan.hpp"
#include "server/worker/records.hpp"

namespace sluice::worker {

/// One object on its way into the plan.
struct Candidate {
  plan::Desired wanted;
  const plan::Desired* last = nullptr;
  const plan::Json* live = nullptr;
  plan::Place place;
  plan::Action action;
  std::optional<plan::Json> result;  ///< of the dry run
  std::vector<std::string> notes;
};

/// An object that a command applies. What it was at the last apply stands in an annotation of the live object.
struct Applied {
  std::size_t command = 0;  ///< in ReleaseToPlan::commands
  Candidate candidate;
  plan::Desired last;
};

/// One release on its way into the plan.
struct Work {
  ReleaseToPlan input;
  History history;
  std::optional<plan::Json> current;  ///< the record to start from: the deployed one, else the last
  RenderedRelease rendered;
  std::vector<plan::Desired> last;  ///< objects of the current record's manifest
  std::list<Candidate> objects, crds;
  std::list<Applied> applied;
  std::vector<plan::Desired> hooks;  ///< in the order of rendered.hooks
  std::vector<plan::Action> removals;
  plan::ReleasePlan out;
  plan::ReleaseDiff diff;
  plan::SecretPlaces secret_places;
  std::vector<std::string> errors;
  std::optional<plan::Operation> operation;  ///< decided beforehand; nothing: by what is found

  std::string full_name() const { return input.namespace_ + "/" + input.name; }
  bool is_install() const;
  const plan::Desired* find_last(const plan::ObjectId& id) const;
};

/// The annotation in which `kubectl apply` keeps what it was last given.
inline constexpr const char* last_applied = "kubectl.kubernetes.io/last-applied-configuration";

/// Whether a push runs it: not a hook of tests alone.
bool runs_at_push(const plan::NewRecord::Hook& hook);

/// The hooks of a release record.
std::vector<plan::NewRecord::Hook> hooks_of(const plan::Json& record);

/// Makes one plan: reads (planner.cpp), decides (planner_decide.cpp), writes down (planner_finish.cpp). The steps are called in this order by make_plan; plan_rollback begins with a Work of its own.
class Planner {
 public:
  /// `known` is what was made from secrets in what is deployed now: records do not tell.
  Planner(kube::Cluster& cluster, Secret mask_key, plan::SecretPlaces known = {})
      : cluster_(cluster), mask_key_(std::move(mask_key)), known_secrets_(std::move(known)) {}

  /// What it serves, which one it is, and what records of releases are in the namespaces of `works`.
  boost::asio::awaitable<Result<>> look_at_cluster(const std::list<Work>& works);
  /// Errors: conflict, when another operation on a release is in progress.
  Result<> find_histories(std::list<Work>& works);
  /// Reads the records and renders at the same time, and reads what came out while the next release is rendered.
  boost::asio::awaitable<Result<>> render_all(std::list<Work>& works);
  /// Reads the texts of manifests, hooks and definitions.
  Result<> read_objects(Work& work);
  Result<> read_uninstall(Work& work);
  /// Reads what the commands of the release apply.
  Result<> read_applied(Work& work);
  /// Where an object's kind is not served, although a definition of it is in the cluster: somebody has just made that, and the
  /// server takes a second or two to serve it. Waits for some seconds and reads the objects again.
  boost::asio::awaitable<Result<>> wait_for_young_kinds(std::list<Work>& works);
  boost::asio::awaitable<Result<>> read_live(std::list<Work>& works);
  /// Three-way patches, removals, ownership.
  void decide(Work& work);
  boost::asio::awaitable<Result<>> dry_run(std::list<Work>& works);
  /// Fills in Work::out and Work::diff.
  void finish(Work& work);
  boost::asio::awaitable<Result<>> add_secrets(std::vector<SecretToPlan> secrets, Planned& planned);

  const kube::ClusterIdentity& identity() const { return identity_; }

 private:
  bool is_served(const plan::Desired& wanted) const;
  bool has_unknown_kind(const std::list<Work>& works) const;
  boost::asio::awaitable<Result<bool>> is_being_defined(const std::list<Work>& works);
  bool names_new_kind(const plan::Desired& wanted) const;
  Result<plan::Place> place_of(const plan::Desired& wanted) const;
  boost::asio::awaitable<Result<>> list_heads();
  boost::asio::awaitable<Result<>> read_records(std::list<Work>& works);
  boost::asio::awaitable<Result<>> render(Work& work);
  /// What ReleaseFacts::last holds.
  boost::asio::awaitable<Result<plan::Json>> values_to_reuse(const Work& work);
  /// Fetches what the records' manifests name, so that read_live finds most of it there. What fails is left to read_live.
  boost::asio::awaitable<void> read_ahead(std::list<Work>& works);
  Result<> read_rendered(Work& work);
  void mark_last(Work& work) const;
  boost::asio::awaitable<Result<>> try_out(Work& work, Candidate& candidate);
  void judge_refusal(Work& work, Candidate& candidate, const kube::Refusal& refusal);
  void decide_one(Work& work, Candidate& candidate);
  void decide_removals(Work& work);
  void decide_applied(Work& work, Applied& applied);
  void finish_commands(Work& work, const plan::Masker& masker);
  bool is_changed(const Work& work) const;
  plan::HookAction hook_action(const plan::NewRecord::Hook& hook, const plan::Desired& object) const;
  void add_shown(Work& work, const Candidate& candidate, const plan::Masker& masker);
  boost::asio::awaitable<Result<std::optional<plan::Action>>> namespace_action(std::string name);

  kube::Cluster& cluster_;
  Secret mask_key_;
  plan::SecretPlaces known_secrets_;
  kube::ClusterIdentity identity_;
  std::map<std::string, std::vector<plan::RecordHead>> heads_;  ///< by namespace
  std::optional<Places> places_;
  Live live_;
  std::set<std::string> new_namespaces_;
};

}  // namespace sluice::worker
