#include "server/api/idempotency.hpp"

#include "core/base/digest.hpp"
#include "server/http/problem.hpp"

namespace sluice::api {

namespace asio = boost::asio;
using http::problem;
using http::Response;

namespace {
constexpr std::size_t kept_answers = 10'000;
constexpr std::size_t key_limit = 255;

Response conflict(std::string message) { return problem({.status = 409, .code = "conflict", .message = std::move(message)}); }
}  // namespace

Idempotency::Handler Idempotency::wrap(Handler handle) {
  return [this, handle = std::move(handle)](http::Request request) { return run(handle, std::move(request)); };
}

asio::awaitable<Response> Idempotency::run(const Handler& handle, http::Request request) {
  const auto given = request.field("Idempotency-Key");
  if (!given) co_return co_await handle(std::move(request));
  if (given->empty() || given->size() > key_limit)
    co_return problem({.status = 400, .code = "request-malformed", .message = "Idempotency-Key: expected 1 to 255 characters"});
  const std::string key = std::to_string(request.caller->token_id) + " " + request.path + " " + std::string(*given);
  const std::string hash = to_hex(sha256(request.body));
  const auto [entry, is_new] = answers_.try_emplace(key);
  if (!is_new) {
    const Answered& first = entry->second;
    if (first.body_hash != hash) co_return conflict("this Idempotency-Key was used with another body");
    if (first.running) co_return conflict("the first request with this Idempotency-Key is still running");
    co_return Response{.status = first.status,
                       .content_type = first.content_type,
                       .body = first.body,
                       .fields = {{"Idempotent-Replay", "true"}}};
  }
  entry->second.body_hash = hash;
  order_.push_back(key);
  if (order_.size() > kept_answers) {
    answers_.erase(order_.front());
    order_.pop_front();
  }
  struct Unless {  // a failed or unknown outcome may be tried again
    Idempotency& all;
    const std::string& key;
    bool answered = false;
    ~Unless() {
      if (!answered) all.answers_.erase(key);
    }
  } unless{*this, key};
  Response response = co_await handle(std::move(request));
  const auto found = answers_.find(key);
  if (response.status < 500 && found != answers_.end()) {
    found->second.running = false;
    found->second.status = response.status;
    found->second.content_type = response.content_type;
    found->second.body = response.body;
    unless.answered = true;
  }
  co_return response;
}

}  // namespace sluice::api
