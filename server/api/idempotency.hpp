#pragma once

#include <set>
#include <string>

#include "server/api/world.hpp"
#include "server/http/router.hpp"

namespace sluice::api {

/// Gives the first answer again to a POST that repeats its Idempotency-Key, for 30 days, also after a restart.
class Idempotency {
 public:
  using Handler = std::function<boost::asio::awaitable<http::Response>(http::Request)>;
  explicit Idempotency(const World& world) : world_(world) {}
  /// `handle` with that behaviour. A key that comes with another body, or while the first request is running, is a 409.
  Handler wrap(Handler handle);

 private:
  boost::asio::awaitable<http::Response> run(const Handler& handle, http::Request request);
  const World& world_;
  std::set<std::string> running_;
};

/// What tells a request with an Idempotency-Key from all others, in hex: whose it is, where it goes, and the key. Empty without one.
std::string request_key(const http::Request& request);

}  // namespace sluice::api
