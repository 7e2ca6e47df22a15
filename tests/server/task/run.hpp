#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>

namespace sluice {

/// Runs `task` on `io` until nothing is left to do, and throws what it threw.
inline void run(boost::asio::io_context& io, boost::asio::awaitable<void> task) {
  std::exception_ptr thrown;
  bool ended = false;
  boost::asio::co_spawn(io, std::move(task), [&](const std::exception_ptr& why) {
    thrown = why;
    ended = true;
  });
  io.restart();
  io.run();
  if (thrown) std::rethrow_exception(thrown);
  if (!ended) throw std::runtime_error("the task did not end");
}

}  // namespace sluice
