#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <memory>

namespace sluice {

/// Suspends the calling coroutine. Cancelling it throws operation_aborted out of the await.
boost::asio::awaitable<void> sleep_for(std::chrono::milliseconds duration);

/// Wakes every task that waits for a change. A ring that comes between looking and waiting is not lost: note `rings()` before
/// looking, and hand it to `wait`.
class Bell {
 public:
  explicit Bell(boost::asio::any_io_executor executor);
  ~Bell();
  Bell(const Bell&) = delete;
  Bell& operator=(const Bell&) = delete;

  void ring();
  std::uint64_t rings() const;

  /// Returns true as soon as the bell has rung more often than `seen`, false when `limit` passed first.
  boost::asio::awaitable<bool> wait(std::uint64_t seen, std::chrono::milliseconds limit);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace sluice
