#include "server/api/idempotency.hpp"

#include "core/base/digest.hpp"
#include "server/base/log.hpp"
#include "server/http/problem.hpp"
#include "server/store/store.hpp"

namespace sluice::api {

namespace asio = boost::asio;
using http::problem;
using http::Response;

namespace {
const Logger log{"api"};
constexpr std::size_t key_limit = 255;

Response conflict(std::string message) { return problem({.status = 409, .code = "conflict", .message = std::move(message)}); }

std::string identity_of(const http::Request& request) {
  return std::to_string(request.caller->token_id) + " " + request.path + " " + std::string(request.field("Idempotency-Key").value_or(""));
}
}  // namespace

std::string request_key(const http::Request& request) {
  return request.field("Idempotency-Key") ? to_hex(sha256(identity_of(request))) : std::string();
}

std::optional<AnswerPlace> answer_place(const http::Request& request) {
  if (!request.field("Idempotency-Key")) return std::nullopt;
  return AnswerPlace{.key = sha256(identity_of(request)), .body_hash = sha256(request.body)};
}

store::KeptAnswer answer_to_keep(const AnswerPlace& place, const Response& response) {
  return {.body_hash = place.body_hash, .status = response.status, .content_type = response.content_type, .body = response.body};
}

Idempotency::Handler Idempotency::wrap(Handler handle) {
  return [this, handle = std::move(handle)](http::Request request) { return run(handle, std::move(request)); };
}

asio::awaitable<Response> Idempotency::run(const Handler& handle, http::Request request) {
  const auto given = request.field("Idempotency-Key");
  if (!given) co_return co_await handle(std::move(request));
  if (given->empty() || given->size() > key_limit)
    co_return problem({.status = 400, .code = "request-malformed", .message = "Idempotency-Key: expected 1 to 255 characters"});
  const std::string name = request_key(request);
  if (!running_.insert(name).second) co_return conflict("the first request with this Idempotency-Key is still running");
  struct Running {
    std::set<std::string>& all;
    const std::string& name;
    ~Running() { all.erase(name); }
  } running{running_, name};
  const AnswerPlace place = *answer_place(request);
  auto first = co_await world_.store.read(&store::Reader::answer, place.key);
  if (!first) co_return problem(http::problem_of(first.error(), request));
  if (*first) {
    if ((*first)->body_hash != place.body_hash) co_return conflict("this Idempotency-Key was used with another body");
    co_return Response{.status = (*first)->status,
                       .content_type = (*first)->content_type,
                       .body = (*first)->body,
                       .fields = {{"Idempotent-Replay", "true"}}};
  }
  Response response = co_await handle(std::move(request));
  if (response.status >= 500) co_return response;  // a failed or unknown outcome may be tried again
  // what changes a deployment has kept its answer with the change (answer_place) or finds it by its own key (request_key)
  auto answer = answer_to_keep(place, response);
  auto kept = co_await world_.store.write(&store::Writer::keep_answer, place.key, std::move(answer));
  if (!kept) log.warn("an answer could not be kept error={}", kept.error().what);
  co_return response;
}

}  // namespace sluice::api
