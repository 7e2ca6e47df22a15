#pragma once

#include <deque>
#include <map>
#include <string>

#include "server/http/router.hpp"

namespace sluice::api {

/// Gives the first answer again to a POST that repeats its Idempotency-Key (for as long as the daemon runs, the last 10 000).
class Idempotency {
 public:
  using Handler = std::function<boost::asio::awaitable<http::Response>(http::Request)>;
  /// `handle` with that behaviour. A key that comes with another body, or while the first request is running, is a 409.
  Handler wrap(Handler handle);

 private:
  struct Answered {
    std::string body_hash;
    bool running = true;
    int status = 0;
    std::string content_type, body;
  };
  boost::asio::awaitable<http::Response> run(const Handler& handle, http::Request request);
  std::map<std::string, Answered> answers_;
  std::deque<std::string> order_;
};

}  // namespace sluice::api
