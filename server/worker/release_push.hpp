#pragma once

#include <boost/asio/awaitable.hpp>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/plan/plan.hpp"
#include "server/kube/cluster.hpp"
#include "server/worker/push.hpp"
#include "server/worker/sender.hpp"
#include "server/worker/wait.hpp"

namespace sluice::worker {

/// Pushes one release to its end, whatever that is.
class ReleasePush {
 public:
  ReleasePush(kube::Cluster& cluster, const plan::ReleasePlan& release, const PushRequest& request)
      : cluster_(cluster),
        plan_(release),
        request_(request),
        sender_(cluster, request, release.namespace_ + "/" + release.name,
                release.operation == plan::Operation::rollback ? "rollback " : "") {}

  /// Installs the definitions that the release brings, which others of its group may need. That this failed is told by `run`.
  boost::asio::awaitable<void> install_definitions();
  boost::asio::awaitable<ReleaseOutcome> run();

 private:
  /// The work itself, between the hooks `presync` and `postsync`.
  boost::asio::awaitable<Result<>> synchronise(ReleaseOutcome& outcome);
  boost::asio::awaitable<Result<>> commands(std::string event, std::string failure);
  boost::asio::awaitable<Result<>> write_release(ReleaseOutcome& outcome);
  boost::asio::awaitable<Result<>> remove_release(ReleaseOutcome& outcome);
  /// Everything between the pending record and the final one.
  boost::asio::awaitable<Result<>> change_objects();
  /// How far an earlier run of the same plan has come with this release.
  enum class Earlier { nowhere, underway, deployed, failed, undone };
  boost::asio::awaitable<Result<Earlier>> begin_record();
  boost::asio::awaitable<Result<Earlier>> earlier_record(Error not_created);
  boost::asio::awaitable<Result<>> finish_record();
  boost::asio::awaitable<Result<>> prune_history();
  boost::asio::awaitable<Result<>> create_definitions();
  boost::asio::awaitable<Result<>> run_hooks(std::string event);
  boost::asio::awaitable<Result<>> run_hook(std::string event, int number, const plan::HookAction& hook);
  boost::asio::awaitable<Result<>> start_hook(std::string event, int number, const plan::HookAction& hook);
  /// Waits for its end and writes that into the journal. An Error: it failed, or is not done in time.
  boost::asio::awaitable<Result<>> follow_hook(std::string event, int number, const plan::HookAction& hook);
  boost::asio::awaitable<Result<>> delete_hook(const plan::HookAction& hook);
  boost::asio::awaitable<Result<>> send_all(std::string step, const std::vector<plan::Action>& actions);
  boost::asio::awaitable<void> fail(ReleaseOutcome& outcome, Error error);
  boost::asio::awaitable<void> go_back(ReleaseOutcome& outcome, const Error& error);
  boost::asio::awaitable<void> go_back_to(int target, ReleaseOutcome& outcome, const Error& error);
  boost::asio::awaitable<Result<>> undo_install();
  /// Deletes what this push created, as `cleanupOnFail` wants it after an upgrade that failed.
  boost::asio::awaitable<Result<>> clean_up_created();
  std::vector<Awaited> awaited() const;
  std::string label() const { return plan_.namespace_ + "/" + plan_.name; }
  track::Jobs jobs() const { return plan_.options.wait_for_jobs ? track::Jobs::wait : track::Jobs::ignore; }
  void note_hook(const plan::HookAction& hook, const char* phase, const std::string& started);

  kube::Cluster& cluster_;
  const plan::ReleasePlan& plan_;
  const PushRequest& request_;
  Sender sender_;
  plan::Json record_;  ///< the new one, as far as it is written
  std::optional<Result<>> definitions_;  ///< how installing them went
  bool record_is_there_ = false;
  bool objects_touched_ = false;
};

}  // namespace sluice::worker
