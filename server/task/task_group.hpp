#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace sluice {

/// Owns the coroutines it starts: reports how each ended, and at shutdown cancels all of them and waits.
///
/// Destroy it only after `stop()` has returned (or before the io_context has run anything).
class TaskGroup {
 public:
  /// Called once a task, on the io_context's thread. `failure` is empty when the task returned, "cancelled" when it was
  /// stopped, else what it threw.
  using Ended = std::function<void(std::string_view task, std::string_view failure)>;

  TaskGroup(boost::asio::any_io_executor executor, Ended ended);
  ~TaskGroup();
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  /// Spawns `task`, which takes its arguments by value. After `stop()` has begun, the task is dropped unstarted.
  void start(std::string name, boost::asio::awaitable<void> task);

  /// Asks every task to end, without waiting.
  void cancel();
  /// Waits until every task has ended by itself.
  boost::asio::awaitable<void> wait();
  /// Refuses new tasks, cancels the running ones and waits for them.
  boost::asio::awaitable<void> stop();

  std::size_t size() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace sluice
