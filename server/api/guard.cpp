#include "server/api/guard.hpp"

#include "core/base/digest.hpp"
#include "core/base/secret.hpp"
#include "server/base/log.hpp"
#include "server/base/random.hpp"
#include "server/http/problem.hpp"
#include "server/store/store.hpp"
#include "server/task/bell.hpp"

namespace sluice::api {

namespace asio = boost::asio;
using http::Access;
using http::Caller;
using http::problem;
using http::Request;
using http::Response;

namespace {

const Logger log{"api"};
constexpr std::chrono::hours session_life{8};
constexpr std::chrono::minutes session_idle{30};
constexpr std::size_t max_sessions = 1000;
constexpr std::size_t token_prefix = 12;

Response not_authenticated() {
  Response response = problem({.status = 401,
                               .code = "not-authenticated",
                               .message = "a valid token is needed: Authorization: Bearer slc_...",
                               .hint = "make one with: sluice token create"});
  response.fields.push_back({"WWW-Authenticate", "Bearer"});
  return response;
}

Response blocked() {
  return problem(
      {.status = 429, .code = "rate-limited", .message = "too many failed logins", .retry_after = std::chrono::minutes(10)});
}

Response not_permitted(const Request& request, const http::Route& route) {
  return problem({.status = 403,
                  .code = "not-permitted",
                  .message = "this needs the role " + std::string(http::to_string(route.access)),
                  .request_id = request.id});
}

std::string cookie_of(const Request& request, std::string_view name) {
  std::string_view rest = request.field("Cookie").value_or("");
  while (!rest.empty()) {
    const auto end = rest.find(';');
    std::string_view pair = rest.substr(0, end);
    while (pair.starts_with(' ')) pair.remove_prefix(1);
    if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=')
      return std::string(pair.substr(name.size() + 1));
    if (end == rest.npos) break;
    rest.remove_prefix(end + 1);
  }
  return {};
}

std::string session_key(std::string_view cookie) { return to_hex(sha256(cookie)); }

/// Whether the browser says that our own page made the request.
bool is_same_origin(const Request& request) {
  if (const auto site = request.field("Sec-Fetch-Site")) return *site == "same-origin";
  const auto origin = request.field("Origin");
  if (!origin) return false;
  return *origin == (request.secure ? "https://" : "http://") + std::string(request.field("Host").value_or(""));
}

}  // namespace

bool is_of_another_site(const Request& request) {
  const auto site = request.field("Sec-Fetch-Site");
  return site ? *site != "same-origin" && *site != "none" : request.field("Origin").has_value() && !is_same_origin(request);
}

std::string_view cookie_name(bool secure) { return secure ? "__Host-sluice" : "sluice"; }

Guard::Guard(const World& world) : world_(world) {}
Guard::~Guard() = default;

asio::awaitable<Result<std::shared_ptr<const Caller>>> Guard::by_token(const Request& request, std::string token) {
  // Two counts, so that neither one address trying many tokens nor many addresses trying one gets far.
  const std::string address = "address " + request.peer;
  const std::string prefix = "token " + token.substr(0, token_prefix);
  if (throttle_.is_blocked(address, world_.clock.monotonic()) || throttle_.is_blocked(prefix, world_.clock.monotonic()))
    co_return Error{Errc::conflict, "too many failed logins"};
  auto found = co_await world_.store.read(&store::Reader::authenticate, token);
  if (!found && found.error().code != Errc::denied) co_return std::move(found).error();
  if (!found) {
    throttle_.note_failure(address, world_.clock.monotonic());
    throttle_.note_failure(prefix, world_.clock.monotonic());
    log.warn("login failed peer={}", request.peer);
    co_await sleep_for(world_.failed_login_delay);
    co_return Error{Errc::denied, "not authenticated"};
  }
  throttle_.note_success(address);
  co_await note_use(found->id);
  auto caller = std::make_shared<Caller>();
  caller->person = found->person;
  caller->token_id = found->id;
  co_return std::shared_ptr<const Caller>(std::move(caller));
}

asio::awaitable<void> Guard::note_use(std::int64_t token_id) {
  const auto now = world_.clock.monotonic();
  auto& last = used_[token_id];
  if (last.count() != 0 && now - last < std::chrono::minutes(1)) co_return;
  last = now;
  auto noted = co_await world_.store.write(&store::Writer::touch_token, token_id);
  if (!noted) log.warn("token's last use not noted error={}", noted.error().what);
}

asio::awaitable<std::shared_ptr<const Caller>> Guard::by_session(const Request& request) {
  const std::string key = session_key(cookie_of(request, cookie_name(request.secure)));
  const auto now = world_.clock.monotonic();
  forget_old_sessions(now);
  const auto found = sessions_.find(key);
  if (found == sessions_.end()) co_return nullptr;
  found->second.used = now;
  const auto token_id = found->second.token_id;
  auto tokens = co_await world_.store.read(&store::Reader::tokens);
  if (!tokens) co_return nullptr;
  // The token as it is now: a session ends when its token does, and has the roles that the token has by now.
  for (const auto& token : *tokens) {
    if (token.id != token_id || token.revoked || (token.expires && *token.expires <= world_.clock.wall())) continue;
    auto caller = std::make_shared<Caller>();
    caller->person = token.person;
    caller->token_id = token.id;
    caller->session = key;
    co_return caller;
  }
  sessions_.erase(key);
  co_return nullptr;
}

void Guard::forget_old_sessions(MonotonicTime now) {
  std::erase_if(sessions_, [now](const auto& each) {
    return now - each.second.began >= session_life || now - each.second.used >= session_idle;
  });
}

asio::awaitable<std::optional<Response>> Guard::check(Request& request, const http::Route& route) {
  if (route.access == Access::session) {
    request.caller = co_await by_session(request);
    if (request.caller) co_return std::nullopt;
    Response to_login{.status = 303};
    to_login.fields.push_back({"Location", "/login"});
    co_return to_login;
  }
  constexpr std::string_view scheme = "Bearer ";
  const auto field = request.field("Authorization").value_or("");
  if (!field.starts_with(scheme)) co_return not_authenticated();
  auto caller = co_await by_token(request, std::string(field.substr(scheme.size())));
  if (!caller && caller.error().code == Errc::denied) co_return not_authenticated();
  if (!caller && caller.error().code == Errc::conflict) co_return blocked();
  if (!caller) co_return problem(http::problem_of(caller.error(), request));
  request.caller = std::move(*caller);
  if (!request.caller->has(route.access)) co_return not_permitted(request, route);
  co_return std::nullopt;
}

asio::awaitable<Result<std::string>> Guard::log_in(const Request& request, std::string token) {
  auto caller = co_await by_token(request, std::move(token));
  if (!caller) co_return std::move(caller).error();
  const auto now = world_.clock.monotonic();
  forget_old_sessions(now);
  if (sessions_.size() >= max_sessions) co_return Error{Errc::unavailable, "overloaded: too many sessions"};
  std::string cookie = random_hex(32);
  sessions_[session_key(cookie)] = {.token_id = (*caller)->token_id, .form_token = random_hex(16), .began = now, .used = now};
  log.info("session began person={} peer={}", (*caller)->person.name, request.peer);
  co_return cookie;
}

void Guard::log_out(const std::string& session) { sessions_.erase(session); }

std::string Guard::form_token(const std::string& session) {
  const auto found = sessions_.find(session);
  return found == sessions_.end() ? std::string() : found->second.form_token;
}

bool Guard::is_our_form(const Request& request, std::string_view form_token) {
  if (!is_same_origin(request) || !request.caller) return false;
  const auto found = sessions_.find(request.caller->session);
  if (found == sessions_.end() || form_token.empty() || !Secret(found->second.form_token).equals(form_token)) return false;
  found->second.form_token = random_hex(16);
  return true;
}

}  // namespace sluice::api
