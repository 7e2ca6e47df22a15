#include "server/task/bell.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <list>
#include <utility>

namespace sluice {

namespace asio = boost::asio;

asio::awaitable<void> sleep_for(std::chrono::milliseconds duration) {
  asio::steady_timer timer(co_await asio::this_coro::executor, duration);
  co_await timer.async_wait(asio::use_awaitable);
}

struct Bell::State {
  asio::any_io_executor executor;
  std::list<asio::steady_timer*> waiting;  // each owned by a suspended wait()
  std::uint64_t count = 0;
};

Bell::Bell(asio::any_io_executor executor) : state_(std::make_shared<State>()) { state_->executor = std::move(executor); }
Bell::~Bell() { ring(); }

void Bell::ring() {
  ++state_->count;
  for (auto* timer : state_->waiting) timer->cancel();
}

std::uint64_t Bell::rings() const { return state_->count; }

asio::awaitable<bool> Bell::wait(std::uint64_t seen, std::chrono::milliseconds limit) {
  auto state = state_;  // the bell may be gone when this resumes
  if (state->count > seen) co_return true;
  asio::steady_timer timer(state->executor, limit);
  struct Listed {
    std::shared_ptr<State> state;
    std::list<asio::steady_timer*>::iterator at;
    ~Listed() { state->waiting.erase(at); }
  };
  Listed listed{state, state->waiting.insert(state->waiting.end(), &timer)};
  boost::system::error_code ignored;
  co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  co_return state->count > seen;
}

}  // namespace sluice
