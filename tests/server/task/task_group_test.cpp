#include "server/task/task_group.hpp"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "server/task/bell.hpp"
#include "tests/server/task/run.hpp"

namespace sluice {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

asio::awaitable<void> returns() { co_return; }
asio::awaitable<void> throws() {
  throw std::runtime_error("no such table");
  co_return;
}
asio::awaitable<void> waits() { co_await sleep_for(1h); }

struct Recorder {
  std::vector<std::string> lines;
  TaskGroup::Ended into() {
    return [this](std::string_view task, std::string_view failure) {
      lines.push_back(std::string(task) + ": " + std::string(failure));
    };
  }
};

TEST(TaskGroup, TellsHowEachTaskEnded) {
  asio::io_context io;
  Recorder told;
  TaskGroup group(io.get_executor(), told.into());
  group.start("fine", returns());
  group.start("broken", throws());
  io.run();
  EXPECT_THAT(told.lines, testing::ElementsAre("fine: ", "broken: no such table"));
  EXPECT_EQ(group.size(), 0U);
}

TEST(TaskGroup, CancelsAndAwaitsEverythingWhenStopped) {
  asio::io_context io;
  Recorder told;
  TaskGroup group(io.get_executor(), told.into());
  group.start("one", waits());
  group.start("two", waits());
  auto stop = [&]() -> asio::awaitable<void> { co_await group.stop(); };
  run(io, stop());
  EXPECT_THAT(told.lines, testing::UnorderedElementsAre("one: cancelled", "two: cancelled"));
}

TEST(TaskGroup, TakesNoTaskOnceStopped) {
  asio::io_context io;
  Recorder told;
  TaskGroup group(io.get_executor(), told.into());
  auto stop = [&]() -> asio::awaitable<void> { co_await group.stop(); };
  run(io, stop());
  group.start("late", returns());
  EXPECT_EQ(group.size(), 0U);
}

}  // namespace
}  // namespace sluice
