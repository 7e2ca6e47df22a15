#include "server/task/work_thread.hpp"

#include <gtest/gtest.h>

#include <boost/system/system_error.hpp>
#include <thread>

#include "core/base/result.hpp"
#include "tests/server/task/run.hpp"

namespace sluice {
namespace {

namespace asio = boost::asio;

TEST(WorkThread, RunsTheWorkElsewhereAndResumesHere) {
  asio::io_context io;
  WorkThread thread("test");
  std::thread::id worked;
  std::thread::id resumed;
  auto task = [&]() -> asio::awaitable<void> {
    auto work = [] { return std::this_thread::get_id(); };
    worked = co_await on(thread, work);
    resumed = std::this_thread::get_id();
  };
  run(io, task());
  EXPECT_NE(worked, std::this_thread::get_id());
  EXPECT_EQ(resumed, std::this_thread::get_id());
}

TEST(WorkThread, CarriesAResultWithoutADefaultValue) {
  asio::io_context io;
  WorkThread thread("test");
  Result<std::string> result = Error{Errc::invalid, "not run"};
  auto task = [&]() -> asio::awaitable<void> {
    auto work = []() -> Result<std::string> { return Error{Errc::not_found, "no row"}; };
    result = co_await on(thread, work);
  };
  run(io, task());
  EXPECT_EQ(result.error(), (Error{Errc::not_found, "no row"}));
}

TEST(WorkThread, PassesOnWhatTheWorkThrew) {
  asio::io_context io;
  WorkThread thread("test");
  auto task = [&]() -> asio::awaitable<void> {
    auto work = [] { throw std::runtime_error("disk full"); };
    co_await on(thread, work);
  };
  EXPECT_THROW(run(io, task()), std::runtime_error);
}

TEST(WorkThread, FinishesWhatIsQueuedBeforeItStops) {
  WorkThread thread("test");
  int done = 0;
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(thread.post([&] { ++done; }));
  thread.stop();
  EXPECT_EQ(done, 100);
  EXPECT_FALSE(thread.post([&] { ++done; }));
}

TEST(WorkThread, RefusesWorkOnceStopped) {
  asio::io_context io;
  WorkThread thread("test");
  thread.stop();
  auto task = [&]() -> asio::awaitable<void> {
    auto work = [] { return 1; };
    co_await on(thread, work);
  };
  EXPECT_THROW(run(io, task()), boost::system::system_error);
}

}  // namespace
}  // namespace sluice
