#include "server/task/work_thread.hpp"

#include <pthread.h>

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace sluice {

namespace asio = boost::asio;

struct WorkThread::State {
  mutable std::mutex mutex;
  std::condition_variable changed;
  std::deque<std::function<void()>> queue;
  bool stopping = false;
  std::thread thread;

  void run() {
    std::unique_lock lock(mutex);
    while (true) {
      changed.wait(lock, [this] { return stopping || !queue.empty(); });
      if (queue.empty()) return;
      auto work = std::move(queue.front());
      queue.pop_front();
      lock.unlock();
      work();
      work = nullptr;
      lock.lock();
    }
  }
};

WorkThread::WorkThread(const std::string& name) : state_(std::make_unique<State>()) {
  state_->thread = std::thread([state = state_.get()] { state->run(); });
  pthread_setname_np(state_->thread.native_handle(), name.substr(0, 15).c_str());
}

WorkThread::~WorkThread() { stop(); }

bool WorkThread::post(std::function<void()> work) {
  {
    const std::lock_guard lock(state_->mutex);
    if (state_->stopping) return false;
    state_->queue.push_back(std::move(work));
  }
  state_->changed.notify_one();
  return true;
}

void WorkThread::stop() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->stopping = true;
  }
  state_->changed.notify_one();
  if (state_->thread.joinable()) state_->thread.join();
}

std::size_t WorkThread::queued() const {
  const std::lock_guard lock(state_->mutex);
  return state_->queue.size();
}

namespace detail {

asio::awaitable<void> run_on(WorkThread& thread, std::function<void()> work) {
  auto start = [&thread, &work](auto handler) {
    using Handler = decltype(handler);
    auto shared = std::make_shared<Handler>(std::move(handler));  // std::function copies, the handler cannot be copied
    auto executor = asio::get_associated_executor(*shared);
    auto guard = asio::make_work_guard(executor);
    auto job = [shared, executor, guard, work = std::move(work)]() mutable {
      std::exception_ptr thrown;
      try {
        work();
      } catch (...) {
        thrown = std::current_exception();
      }
      work = nullptr;
      asio::post(executor, [shared = std::move(shared), thrown] { std::move (*shared)(thrown); });
      guard.reset();
    };
    if (thread.post(std::move(job))) return;
    auto refused = std::make_exception_ptr(boost::system::system_error(asio::error::operation_aborted));
    asio::post(executor, [shared, refused] { std::move (*shared)(refused); });
  };
  co_await asio::async_initiate<decltype(asio::use_awaitable), void(std::exception_ptr)>(start, asio::use_awaitable);
}

}  // namespace detail

}  // namespace sluice
