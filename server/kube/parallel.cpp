#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>
#include <exception>
#include <optional>

#include "server/kube/cluster.hpp"
#include "server/task/task_group.hpp"

namespace sluice::kube {

namespace asio = boost::asio;

namespace {

struct Shared {
  std::size_t count;
  std::function<asio::awaitable<Result<>>(std::size_t)> work;
  std::size_t next = 0;
  std::optional<Error> failed{};
  std::string thrown{};
};

asio::awaitable<void> take_turns(Shared& shared) {
  while (shared.next < shared.count && !shared.failed) {
    const std::size_t index = shared.next++;
    auto done = co_await shared.work(index);
    if (!done && !shared.failed) shared.failed = std::move(done).error();
  }
}

}  // namespace

asio::awaitable<Result<>> in_parallel(std::size_t count, std::size_t width,
                                      std::function<asio::awaitable<Result<>>(std::size_t)> work) {
  Shared shared{count, std::move(work)};
  if (count == 1) {
    auto only = co_await shared.work(0);
    co_return only;
  }
  auto executor = co_await asio::this_coro::executor;
  TaskGroup group(executor, [&shared](std::string_view, std::string_view failure) {
    if (!failure.empty() && shared.thrown.empty()) shared.thrown = failure;
  });
  for (std::size_t i = 0; i < std::min(width, count); ++i) group.start("part", take_turns(shared));
  std::exception_ptr cancelled;
  try {
    co_await group.wait();
  } catch (...) {
    cancelled = std::current_exception();
  }
  if (cancelled) {
    // the parts refer to this frame: they end before it does
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    co_await group.stop();
    std::rethrow_exception(cancelled);
  }
  if (shared.failed) co_return std::move(*shared.failed);
  if (!shared.thrown.empty()) co_return Error{Errc::cancelled, shared.thrown};
  co_return Result<>();
}

}  // namespace sluice::kube
