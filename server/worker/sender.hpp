#pragma once

#include <boost/asio/awaitable.hpp>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/plan/plan.hpp"
#include "server/kube/cluster.hpp"
#include "server/worker/push.hpp"

namespace sluice::worker {

/// What the API server's no to a write means, after `doing_what`: apply-conflict where somebody else's change stands in the way, else
/// apply-rejected; a refused credential or right keeps its own code.
Error refusal_of(const kube::Refusal& refusal, std::string_view doing_what);

/// Sends the requests of one release (or of what comes before them), each with its journal entries around it.
class Sender {
 public:
  /// `prefix` sets the steps of a release's way back apart from those of its way forward.
  Sender(kube::Cluster& cluster, const PushRequest& request, std::string release, std::string prefix = "")
      : cluster_(cluster), request_(request), release_(std::move(release)), prefix_(std::move(prefix)) {}

  /// Sends `action`, or looks whether it has been done before where sending it twice would not be the same as once.
  /// An object that came to be meanwhile as the plan wants it counts as done.
  /// Errors: conflict, when the object is not the one that the plan was made for; else what the server says.
  boost::asio::awaitable<Result<>> send(std::string step, int number, const plan::Action& action);

  /// What an earlier run, which was cut off, has written about this place; nothing unless this run goes on from one.
  std::optional<JournalPast> past(std::string step, int number) const;
  /// Writes that a request which is not an action is about to be sent, or (`confirm`) that something has come to its end.
  boost::asio::awaitable<Result<>> journal(std::string step, int number, std::string verb, std::string object);
  boost::asio::awaitable<Result<>> confirm(std::string step, int number, std::string verb, std::string object);

  /// The uid of the object that this push, or its run before a crash, has certainly made at that path; empty if it has made none, or
  /// cannot know.
  std::string made(const std::string& object_path) const;

  void note(Note::Level level, std::string text) const;
  const std::vector<std::string>& changed() const { return changed_; }
  std::vector<std::string> take_changed() { return std::move(changed_); }

 private:
  struct Done {
    std::string uid, resource_version;
  };
  boost::asio::awaitable<Result<Done>> perform(const plan::Action& action);
  boost::asio::awaitable<Result<Done>> create(const plan::Action& action, std::string path, std::string body);
  boost::asio::awaitable<Result<Done>> update(const plan::Action& action);
  boost::asio::awaitable<Result<Done>> remove(const plan::Action& action);
  boost::asio::awaitable<Result<Done>> replace(const plan::Action& action);
  /// Whether the object is there as `action` wants it; an Error of `otherwise` if not.
  boost::asio::awaitable<Result<Done>> look(const plan::Action& action, Error otherwise);

  kube::Cluster& cluster_;
  const PushRequest& request_;
  std::string release_;
  std::string prefix_;
  std::vector<std::string> changed_;
  std::map<std::string, std::string> made_;  ///< path -> uid
};

}  // namespace sluice::worker
