#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace sluice {

/// One thread with a queue, for work that blocks: the store has one, the renderer has one.
class WorkThread {
 public:
  /// `name` is what ps and gdb show; at most 15 characters.
  explicit WorkThread(const std::string& name);
  ~WorkThread();  ///< as stop()
  WorkThread(const WorkThread&) = delete;
  WorkThread& operator=(const WorkThread&) = delete;

  /// Queues `work`; any thread may call this. False, and nothing queued, once stop() has begun. `work` must not throw.
  bool post(std::function<void()> work);
  /// Finishes what is queued, then joins the thread.
  void stop();
  std::size_t queued() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

namespace detail {
/// Runs `work` on `thread` and resumes on the caller's executor; throws what `work` threw, or operation_aborted if the thread
/// has stopped. Work that has been queued cannot be cancelled: the await lasts until it is done.
boost::asio::awaitable<void> run_on(WorkThread& thread, std::function<void()> work);
}  // namespace detail

/// The value of `work()`, computed on `thread`. Only values should cross: what `work` refers to must outlive it.
///
/// Name the lambda before awaiting (style.md 5): gcc 12 destroys one that is written inside the co_await expression twice.
template <class Work>
boost::asio::awaitable<std::invoke_result_t<Work&>> on(WorkThread& thread, Work work) {
  using Outcome = std::invoke_result_t<Work&>;
  if constexpr (std::is_void_v<Outcome>) {
    auto kept = std::make_shared<Work>(std::move(work));
    std::function<void()> job = [kept] { (*kept)(); };
    co_await detail::run_on(thread, std::move(job));
  } else {
    struct Kept {
      Work work;
      std::optional<Outcome> value;
    };
    auto kept = std::make_shared<Kept>(Kept{std::move(work), std::nullopt});
    std::function<void()> job = [kept] { kept->value.emplace(kept->work()); };
    co_await detail::run_on(thread, std::move(job));
    co_return std::move(*kept->value);
  }
}

}  // namespace sluice
