#include "server/task/task_group.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>
#include <list>
#include <utility>

#include "server/task/bell.hpp"

namespace sluice {

namespace asio = boost::asio;

namespace {
struct Running {
  std::string name;
  asio::cancellation_signal cancel;
};

std::string describe(const std::exception_ptr& thrown) {
  if (!thrown) return {};
  try {
    std::rethrow_exception(thrown);
  } catch (const boost::system::system_error& error) {
    return error.code() == asio::error::operation_aborted ? "cancelled" : error.code().message();
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "threw something that is no std::exception";
  }
}
}  // namespace

struct TaskGroup::State {
  State(asio::any_io_executor on, Ended tell) : executor(on), ended(std::move(tell)), changed(std::move(on)) {}
  asio::any_io_executor executor;
  Ended ended;
  Bell changed;
  std::list<Running> running;
  bool stopping = false;
};

TaskGroup::TaskGroup(asio::any_io_executor executor, Ended ended)
    : state_(std::make_shared<State>(std::move(executor), std::move(ended))) {}
TaskGroup::~TaskGroup() { cancel(); }

std::size_t TaskGroup::size() const { return state_->running.size(); }

void TaskGroup::start(std::string name, asio::awaitable<void> task) {
  if (state_->stopping) return;
  auto here = state_->running.emplace(state_->running.end());
  here->name = std::move(name);
  auto state = state_;
  auto done = [state, here](const std::exception_ptr& thrown) {
    const std::string failure = describe(thrown);
    const std::string task_name = std::move(here->name);
    state->running.erase(here);
    if (state->ended) state->ended(task_name, failure);
    state->changed.ring();
  };
  asio::co_spawn(state_->executor, std::move(task), asio::bind_cancellation_slot(here->cancel.slot(), std::move(done)));
}

void TaskGroup::cancel() {
  // Emitting may end a task at once and take it out of the list, so the next one is noted first.
  for (auto each = state_->running.begin(); each != state_->running.end();) {
    auto next = std::next(each);
    each->cancel.emit(asio::cancellation_type::terminal);
    each = next;
  }
}

asio::awaitable<void> TaskGroup::wait() {
  auto state = state_;
  while (!state->running.empty()) {
    const auto seen = state->changed.rings();
    co_await state->changed.wait(seen, std::chrono::hours(1));
  }
}

asio::awaitable<void> TaskGroup::stop() {
  state_->stopping = true;
  cancel();
  co_await wait();
}

}  // namespace sluice
