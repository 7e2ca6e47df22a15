#pragma once

#include <boost/asio/awaitable.hpp>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "server/api/throttle.hpp"
#include "server/api/world.hpp"
#include "server/http/router.hpp"

namespace sluice::api {

/// A person at a browser. Ends 8 h after the login and 30 min after the last request, with the daemon, and with its token.
struct Session {
  std::int64_t token_id = 0;
  std::string form_token;  ///< goes with the next form, once
  MonotonicTime began{}, used{};
};

/// Whether the browser says that another site's page made the request. No browser that we know of says nothing at all.
bool is_of_another_site(const http::Request& request);

/// Finds out who is calling, and whether the route is for them.
class Guard {
 public:
  explicit Guard(const World& world);
  ~Guard();

  /// For Router::set_guard. Routes that ask for a session look at the cookie, all others at the bearer token alone.
  boost::asio::awaitable<std::optional<http::Response>> check(http::Request& request, const http::Route& route);

  /// A session for whoever holds the token; the cookie's value. Errors: denied, also while the address is blocked.
  boost::asio::awaitable<Result<std::string>> log_in(const http::Request& request, std::string token);
  void log_out(const std::string& session);

  /// A one-time token for the next form of this session.
  std::string form_token(const std::string& session);
  /// Whether a form came from our own page and brought the token it was given; uses the token up.
  bool is_our_form(const http::Request& request, std::string_view form_token);

 private:
  boost::asio::awaitable<Result<std::shared_ptr<const http::Caller>>> by_token(const http::Request& request, std::string token);
  boost::asio::awaitable<std::shared_ptr<const http::Caller>> by_session(const http::Request& request);
  boost::asio::awaitable<void> note_use(std::int64_t token_id);
  void forget_old_sessions(MonotonicTime now);

  const World& world_;
  Throttle throttle_;
  std::map<std::string, Session> sessions_;  // by the hash of the cookie's value
  std::map<std::int64_t, MonotonicTime> used_;
};

/// The name of the session cookie. Without TLS (a browser on the machine itself) it cannot be a __Host- one.
std::string_view cookie_name(bool secure);

}  // namespace sluice::api
