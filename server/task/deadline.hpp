#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <optional>
#include <utility>

#include "core/base/result.hpp"

namespace sluice {

namespace detail {
/// Runs `op` against a timer; true if the timer ended first. The loser is cancelled and awaited.
boost::asio::awaitable<bool> is_late(boost::asio::awaitable<void> op, std::chrono::milliseconds limit);
Error too_late(std::chrono::milliseconds limit);

template <class T>
boost::asio::awaitable<void> keep(boost::asio::awaitable<Result<T>> op, std::optional<Result<T>>& here) {
  here.emplace(co_await std::move(op));
}
}  // namespace detail

/// The result of `op`, or Errc::timeout after `limit`. Whichever ends first wins; the loser is cancelled and awaited
/// (so around name resolution, which cannot be cancelled, the answer may come later than `limit`).
template <class T>
boost::asio::awaitable<Result<T>> with_deadline(boost::asio::awaitable<Result<T>> op, std::chrono::milliseconds limit) {
  std::optional<Result<T>> result;
  auto kept = detail::keep<T>(std::move(op), result);
  const bool late = co_await detail::is_late(std::move(kept), limit);
  if (late || !result) co_return detail::too_late(limit);
  co_return std::move(*result);
}

}  // namespace sluice
