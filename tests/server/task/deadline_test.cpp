#include "server/task/deadline.hpp"

#include <gtest/gtest.h>

#include <boost/system/system_error.hpp>

#include "server/task/bell.hpp"
#include "tests/server/task/run.hpp"

namespace sluice {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

asio::awaitable<Result<int>> after(std::chrono::milliseconds wait, Result<int> result) {
  co_await sleep_for(wait);
  co_return result;
}

asio::awaitable<Result<int>> refused() {
  throw std::runtime_error("refused");
  co_return 1;
}

/// What with_deadline says about `op`.
Result<int> outcome(asio::awaitable<Result<int>> op, std::chrono::milliseconds limit) {
  asio::io_context io;
  Result<int> result = Error{Errc::invalid, "not run"};
  auto task = [&]() -> asio::awaitable<void> { result = co_await with_deadline(std::move(op), limit); };
  run(io, task());
  return result;
}

TEST(Deadline, GivesTheResultThatComesInTime) { EXPECT_EQ(*outcome(after(0ms, 7), 10s), 7); }

TEST(Deadline, ReportsATimeoutAndEndsTheOperation) {
  const auto result = outcome(after(1h, 7), 5ms);  // would hang if the loser were not cancelled
  EXPECT_EQ(result.error(), (Error{Errc::timeout, "no answer in 5 ms"}));
}

TEST(Deadline, PassesAFailureOnAtOnce) {
  const auto result = outcome(after(0ms, Error{Errc::unavailable, "refused"}), 1h);
  EXPECT_EQ(result.error(), (Error{Errc::unavailable, "refused"}));
}

TEST(Deadline, PassesAnExceptionOn) { EXPECT_THROW(outcome(refused(), 1h), std::runtime_error); }

TEST(Bell, DoesNotLoseARingBetweenLookingAndWaiting) {
  asio::io_context io;
  Bell bell(io.get_executor());
  bool rung = false;
  auto task = [&]() -> asio::awaitable<void> {
    const auto seen = bell.rings();
    bell.ring();
    rung = co_await bell.wait(seen, 1h);
  };
  run(io, task());
  EXPECT_TRUE(rung);
}

TEST(Bell, WakesEveryWaiter) {
  asio::io_context io;
  Bell bell(io.get_executor());
  int woken = 0;
  auto waits = [&]() -> asio::awaitable<void> {
    const auto seen = bell.rings();
    if (co_await bell.wait(seen, 1h)) ++woken;
  };
  auto rings = [&]() -> asio::awaitable<void> {
    bell.ring();
    co_return;
  };
  asio::co_spawn(io, waits(), [](const std::exception_ptr&) {});
  asio::co_spawn(io, waits(), [](const std::exception_ptr&) {});
  run(io, rings());
  EXPECT_EQ(woken, 2);
}

TEST(Bell, SaysWhenNobodyRang) {
  asio::io_context io;
  Bell bell(io.get_executor());
  bool rung = true;
  auto task = [&]() -> asio::awaitable<void> { rung = co_await bell.wait(bell.rings(), 1ms); };
  run(io, task());
  EXPECT_FALSE(rung);
}

}  // namespace
}  // namespace sluice
