#include "server/task/deadline.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <string>

namespace sluice::detail {

namespace asio = boost::asio;

asio::awaitable<bool> is_late(asio::awaitable<void> op, std::chrono::milliseconds limit) {
  auto here = co_await asio::this_coro::executor;
  asio::steady_timer timer(here, limit);
  auto race = asio::experimental::make_parallel_group(asio::co_spawn(here, std::move(op), asio::deferred),
                                                      timer.async_wait(asio::deferred));
  auto [order, thrown, timer_error] = co_await race.async_wait(asio::experimental::wait_for_one{}, asio::use_awaitable);
  if (order[0] == 1 && !timer_error) co_return true;
  if (thrown) std::rethrow_exception(thrown);
  co_return false;
}

Error too_late(std::chrono::milliseconds limit) {
  return {Errc::timeout, "no answer in " + std::to_string(limit.count()) + " ms"};
}

}  // namespace sluice::detail
