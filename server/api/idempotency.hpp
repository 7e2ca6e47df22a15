#pragma once

#include <optional>
#include <set>
#include <string>

#include "core/base/digest.hpp"
#include "server/api/world.hpp"
#include "server/http/router.hpp"
#include "server/store/records.hpp"

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

/// Where the answer to a request with an Idempotency-Key is kept.
struct AnswerPlace {
  Sha256 key, body_hash;
};
/// Nothing without a key.
std::optional<AnswerPlace> answer_place(const http::Request& request);
/// For `Writer::keep_answer`. Whoever keeps it in the transaction that did what `response` tells loses it in no crash.
store::KeptAnswer answer_to_keep(const AnswerPlace& place, const http::Response& response);

}  // namespace sluice::api
