#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "server/http/caller.hpp"
#include "server/http/message.hpp"

namespace sluice::http {

/// One thing that can be asked for.
struct Route {
  std::string method;   ///< GET serves HEAD too.
  std::string pattern;  ///< "/api/v1/deployments/{id}/approve": a part in braces matches one path segment.
  Access access = Access::undeclared;
  std::function<boost::asio::awaitable<Response>(Request)> handle;

  std::size_t body_limit = 1024 * 1024;
  std::chrono::milliseconds body_deadline{30'000};
  /// Called when the head is accepted and the body has not been read: may refuse, or set `hook` to see the body come.
  std::function<std::optional<Response>(Request&)> before_body = {};
};

class Router {
 public:
  /// Decides whether a request may go on, and sets its `caller`. Runs before the body is read, for every route whose access
  /// is neither open nor signed_body.
  using Guard = std::function<boost::asio::awaitable<std::optional<Response>>(Request&, const Route&)>;

  void add(Route route);
  void set_guard(Guard guard) { guard_ = std::move(guard); }
  const Guard& guard() const { return guard_; }
  const std::vector<Route>& routes() const { return routes_; }

  /// Errors: invalid, naming the first route that declares no access, repeats another, or needs a guard that is not there.
  Result<> check() const;

  struct Match {
    const Route* route = nullptr;
    std::vector<std::string> captures;
    std::string allowed;  ///< Without a route: the methods that the path does have, "GET, HEAD"; empty = no such path.
  };
  Match match(std::string_view method, std::string_view path) const;

 private:
  std::vector<Route> routes_;
  Guard guard_;
};

}  // namespace sluice::http
