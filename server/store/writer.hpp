#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/digest.hpp"
#include "core/deployment/gate.hpp"
#include "core/deployment/queue.hpp"
#include "server/store/reader.hpp"

namespace sluice::store {

/// A lease that was not renewed for this long is lost.
inline constexpr std::chrono::seconds lease_time{60};

/// The text of a new token: "slc_" and 256 random bits.
Secret new_token_text();

/// Everything that changes the store. Each call runs inside the batch's transaction and is undone as a whole when it returns
/// an Error; every change of state brings its audit row and its event.
///
/// Error texts of decisions and of the gate begin with the stable codes of core/deployment.
class Writer : public Reader {
 public:
  Writer(Connection& database, const Sealer& sealer, const Clock& clock);

  // deliveries
  Result<InsertedDelivery> insert_delivery(const NewDelivery& delivery);
  /// The oldest pending ones, at most `limit` (1 to 16), now `claimed`.
  Result<std::vector<Delivery>> claim_deliveries(int limit);
  /// The end of a claimed delivery together with the deployments it asks for.
  Result<std::vector<CreatedDeployment>> settle_delivery(DeliveryId id, DeliveryState end, const std::string& result,
                                                         const std::vector<NewDeployment>& deployments);

  // deployments
  Result<CreatedDeployment> create_deployment(const NewDeployment& wanted);
  /// A new deployment of the same commit, after one that has ended.
  Result<CreatedDeployment> retry(DeploymentId id, const Person& by);
  /// A new deployment that brings the environment back to what `id` deployed.
  Result<CreatedDeployment> rollback_to(DeploymentId id, const Person& by);
  /// What planning found out: the full commit id and its title. Only in state planning.
  Result<> set_commit(DeploymentId id, const std::string& commit, const std::string& title);
  /// The one function that changes a state: `from` must be the present one, and the way legal. Neither `approved` nor
  /// `deploying` can be reached with it: the first by `decide` only, the second by `take_lease` only.
  Result<> transition(const Transition& change);

  // plan, decision, push
  /// Seals the plan and ends planning: `awaiting_approval`, `approved` where no approval is required, or `superseded` by a
  /// newer plan. Older waiting ones give way, in a queue that keeps the latest.
  Result<Decided> save_plan(const NewPlan& plan);
  /// Approve, reject or cancel; all checks happen here, in the transaction.
  Result<Decided> decide(const DecisionAsk& ask);
  /// The gate: from `approved` or `interrupted` to `deploying`. `unavailable` when it is worth asking again later; any other
  /// refusal ends the deployment, on record.
  Result<Lease> take_lease(const LeaseAsk& ask);
  /// To be called at least every 20 s during a push; a lease not renewed for 60 s is lost, and the push with it.
  Result<> renew_lease(DeploymentId id, std::int64_t fence);
  Result<> journal_sending(DeploymentId id, std::int64_t fence, const JournalStep& step);
  Result<> journal_confirmed(DeploymentId id, std::int64_t fence, const JournalStep& step);

  Result<> append_events(const std::vector<NewEvent>& events);

  // environments, tokens, messages
  Result<> lock_environment(const std::string& environment, const std::string& reason, const Person& by);
  Result<> unlock_environment(const std::string& environment, const Person& by);
  Result<CreatedToken> create_token(const NewToken& token, const std::string& by = "administrator");
  /// A token whose text somebody else made and kept to himself.
  Result<Token> insert_token(const NewToken& token, const Sha256& hash, const std::string& by);
  Result<> revoke_token(std::int64_t id, const std::string& by);
  /// Notes that the token was used, at most once a minute.
  Result<> touch_token(std::int64_t id);
  Result<> audit_note(const std::string& actor, const std::string& action, const std::string& environment, const std::string& detail);
  /// The messages that a change of state gives: the deployment as it is now, the state it came to, why. `sequence` is of its event.
  using MessageMaker = std::function<std::vector<NewMessage>(const Deployment& one, State to, const std::string& reason, std::int64_t sequence)>;
  /// Makes the messages of the changes of state since the last call, at most `limit` of them, and remembers how far it came: both or
  /// neither. Gives back how many changes there were. `make` is called on the store's thread.
  Result<int> announce(const MessageMaker& make, int limit);
  /// What is to be sent now, in order: of one deployment a receiver gets nothing before what comes earlier is sent or given up.
  Result<std::vector<Message>> due_messages(int limit);
  Result<> message_sent(std::int64_t id, const std::string& response_id);
  Result<> message_failed(std::int64_t id, std::chrono::seconds again_in, bool give_up);

  /// Notes which cluster is behind a name, on record.
  Result<> know_cluster(const std::string& name, const KnownCluster& cluster);
  Result<> keep_answer(const Sha256& key, const KeptAnswer& answer);

  // time and crashes
  /// After a start: voids all leases, returns claimed work, marks pushes `interrupted`, sets aside what died three times.
  Result<Recovery> recover();
  /// Expires decisions that came not, and pushes whose lease was not renewed. Every few seconds.
  Result<int> sweep();
  /// Removes bodies after 14 days, deliveries after 30, events and messages that are sent or given up after 90; some at a time.
  Result<Purge> purge();

  /// For Store: what is to be on record although the operation was undone; and which failpoints the batch passes.
  void write_refusals();
  std::vector<std::string_view> take_marks();
  /// While `problem` is not empty, deliveries are refused with it.
  void close_intake(std::string problem);

 private:
  struct Refusal {
    Person by;
    std::string action;
    DeploymentId deployment;
    std::string environment, detail;
    std::optional<State> next;  ///< what becomes of the deployment because of it
  };

  std::int64_t write_audit(const Person& actor, std::string_view action, std::optional<DeploymentId> deployment,
                           std::string_view environment, std::string_view detail);
  void write_event(DeploymentId id, std::string_view kind, std::string_view text);
  void change_state(const Deployment& one, State to, std::string_view reason, const Person& by);
  Result<> check_fence(const Deployment& one, std::int64_t fence) const;
  Result<Decided> settle_plan(Deployment one, const NewPlan& plan);
  void record_decision(const Deployment& one, const deployment::DecisionRequest& request, const std::vector<std::string>& hold);
  std::vector<deployment::Neighbour> neighbours(const Deployment& one) const;
  Result<deployment::GateCase> gate_case(const Deployment& one, const Protection& rules, std::string& bytes) const;
  Result<CreatedDeployment> copy_of(const Deployment& one, std::string trigger, const Person& by);
  Result<InsertedDelivery> known_delivery(const NewDelivery& delivery, std::string_view body_hash);
  bool is_full_of_pending();
  std::int64_t next_id(std::string_view table);
  void settle(DeliveryId id, DeliveryState end, std::string_view result);

  std::vector<Refusal> refusals_;
  std::vector<std::string_view> marks_;
  std::string intake_problem_;
  std::int64_t pending_ = 0;  // as counted some inserts ago, plus these
  int inserts_since_count_ = 0;
};

}  // namespace sluice::store
