#include "server/webhook/webhook.hpp"

#include <algorithm>
#include <utility>

#include "core/deployment/pattern.hpp"
#include "core/intake/intake.hpp"
#include "server/base/failpoint.hpp"
#include "server/base/log.hpp"
#include "server/base/log_text.hpp"
#include "server/http/problem.hpp"
#include "server/store/store.hpp"
#include "server/webhook/rate.hpp"
#include "server/webhook/signature.hpp"

namespace sluice::webhook {

namespace asio = boost::asio;
using http::problem;
using http::Request;
using http::Response;
using std::chrono::seconds;

namespace {

const Logger log{"webhook"};

constexpr std::size_t body_limit = 26'214'400;
constexpr std::chrono::milliseconds body_deadline{10'000};
constexpr double deliveries_a_minute = 600;
constexpr double deliveries_in_a_burst = 1000;
constexpr std::uint64_t bad_signatures_worth_an_alarm = 20;  // a minute

// Before the signature is known to be right, answers are these texts and nothing else.
Response signature_invalid() {
  return problem({.status = 401, .code = "signature-invalid", .message = "X-Hub-Signature-256 does not fit the body"});
}

Response wrong_type() {
  return problem({.status = 415,
                  .code = "unsupported-media-type",
                  .message = "deliveries are taken as application/json only",
                  .hint = "set the content type of the webhook to application/json"});
}

Response malformed(std::string message) {
  return problem({.status = 400, .code = "request-malformed", .message = std::move(message)});
}

Response not_stored(const Error& error) {
  const std::string code = error.what.substr(0, error.what.find(':'));
  if (code == "storage-full")
    return problem({.status = 503, .code = "storage-full", .message = "the delivery was not stored", .retry_after = seconds(60)});
  if (code == "outcome-unknown")
    return problem({.status = 503,
                    .code = "outcome-unknown",
                    .message = "the delivery may or may not be stored; sending it again is safe",
                    .retry_after = seconds(10)});
  if (code == "overloaded")
    return problem(
        {.status = 503, .code = "overloaded", .message = "too many deliveries are waiting", .retry_after = seconds(30)});
  return problem({.status = 503, .code = "storage-failed", .message = "the delivery was not stored", .retry_after = seconds(10)});
}

Response json(int status, std::string body) {
  return {.status = status, .content_type = "application/json", .body = std::move(body) + "\n"};
}

bool is_json(std::string_view type) {
  const auto end = type.find(';');
  std::string_view plain = type.substr(0, end);
  while (plain.ends_with(' ')) plain.remove_suffix(1);
  return http::same_name(plain, "application/json");
}

/// GUIDs and event names become part of keys and log lines.
bool is_word(std::string_view text) {
  return !text.empty() && text.size() <= 100 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

}  // namespace

struct Webhook::State {
  store::Store& store;
  CurrentSettings settings;
  std::function<void()> wake;
  Clock clock;
  Rate rate{deliveries_a_minute, deliveries_in_a_burst};
  Counters counters = {};
  MonotonicTime minute_began{};
  std::uint64_t bad_in_minute = 0;

  std::optional<Response> before_body(Request& request);
  asio::awaitable<Response> answer(Request request);
  asio::awaitable<Response> keep(Request request, intake::Verdict verdict, std::string event, std::string guid);
  Response count_bad_signature(const Request& request);
};

/// The secrets are those of the settings at this moment: a reload in the middle of a body changes nothing for it.
class SettingsHook final : public http::BodyHook {
 public:
  explicit SettingsHook(std::shared_ptr<const Settings> with) : settings(std::move(with)), signature(secrets(*settings)) {}
  void piece(std::string_view bytes) override { signature.piece(bytes); }

  std::shared_ptr<const Settings> settings;
  SignatureHook signature;

 private:
  static std::vector<const Secret*> secrets(const Settings& settings) {
    std::vector<const Secret*> all;
    for (const auto& each : settings.secrets) all.push_back(&each);
    return all;
  }
};

/// The first of a minute is logged, so that a hook with the wrong secret shows; a flood is counted and writes two lines.
Response Webhook::State::count_bad_signature(const Request& request) {
  ++counters.bad_signature;
  const auto now = clock.monotonic();
  if (now - minute_began > std::chrono::minutes(1)) {
    minute_began = now;
    bad_in_minute = 0;
  }
  ++bad_in_minute;
  if (bad_in_minute == 1) {
    log.warn("delivery refused, it has a wrong signature or none guid={} event={} peer={}",
             request.field("X-GitHub-Delivery").value_or(""), request.field("X-GitHub-Event").value_or(""), request.peer);
  }
  if (bad_in_minute == bad_signatures_worth_an_alarm + 1)
    log.error("many deliveries with a wrong signature this minute count={}", bad_in_minute);
  return signature_invalid();
}

std::optional<Response> Webhook::State::before_body(Request& request) {
  if (!is_json(request.field("Content-Type").value_or(""))) return wrong_type();
  if (!parse_signature(request.field("X-Hub-Signature-256").value_or(""))) return count_bad_signature(request);
  request.hook = std::make_shared<SettingsHook>(settings());
  return std::nullopt;
}

asio::awaitable<Response> Webhook::State::answer(Request request) {
  if (auto planted = failpoint("intake.body_read")) co_return not_stored(*planted);
  auto& hook = static_cast<SettingsHook&>(*request.hook);
  const auto fits = hook.signature.check(*parse_signature(*request.field("X-Hub-Signature-256")));
  if (std::find(fits.begin(), fits.end(), true) == fits.end()) co_return count_bad_signature(request);
  if (auto planted = failpoint("intake.hmac_ok")) co_return not_stored(*planted);

  const std::string event(request.field("X-GitHub-Event").value_or(""));
  const std::string guid(request.field("X-GitHub-Delivery").value_or(""));
  if (!is_word(event) || !is_word(guid)) {
    ++counters.malformed;
    co_return malformed("X-GitHub-Event and X-GitHub-Delivery must be there");
  }
  auto verdict = intake::judge({event, guid, request.body}, hook.settings->repositories, &deployment::matches);
  if (!verdict) {
    ++counters.malformed;
    log.warn("delivery refused guid={} event={} why={}", guid, event, verdict.error().what);
    co_return malformed(verdict.error().what);
  }
  bool is_own = verdict->repository.empty();
  for (const auto& owner : hook.settings->owners)
    is_own = is_own || (fits[owner.secret] && owner.repository == verdict->repository);
  if (!is_own) co_return count_bad_signature(request);

  for (const auto& warning : verdict->warnings)
    log.warn("webhook settings repository={} problem={}", verdict->repository, warning);
  if (verdict->is_ping) co_return json(200, R"({"status":"pong"})");
  if (verdict->deployments.empty()) {
    ++counters.ignored;
    log.debug("delivery ignored guid={} event={} repository={} reason={}", guid, event, verdict->repository, verdict->reason);
    co_return json(200, R"({"status":"ignored","reason":")" + verdict->reason + "\"}");
  }
  if (!rate.take(verdict->repository, clock.monotonic())) {
    ++counters.rate_limited;
    co_return problem({.status = 429,
                       .code = "rate-limited",
                       .message = "this repository sends too many deliveries",
                       .retry_after = seconds(10)});
  }
  co_return co_await keep(std::move(request), std::move(*verdict), event, guid);
}

asio::awaitable<Response> Webhook::State::keep(Request request, intake::Verdict verdict, std::string event, std::string guid) {
  store::NewDelivery delivery{.guid = guid,
                              .hook_id = std::string(request.field("X-GitHub-Hook-ID").value_or("")),
                              .event = event,
                              .action = verdict.action,
                              .repository = verdict.repository,
                              .trigger_key = verdict.trigger_key,
                              .body = std::move(request.body)};
  auto stored = co_await store.write(&store::Writer::insert_delivery, std::move(delivery));
  if (!stored) {
    ++counters.not_stored;
    log.error("delivery not stored guid={} repository={} error={}", guid, verdict.repository, stored.error().what);
    co_return not_stored(stored.error());
  }
  const auto id = stored->id.value;
  if (stored->how == store::Insertion::mismatched) {
    ++counters.mismatched;
    log.warn("delivery id used twice for different events guid={} repository={}", guid, verdict.repository);
    co_return problem({.status = 409, .code = "conflict", .message = "this delivery id was used for another event"});
  }
  if (stored->how == store::Insertion::duplicate) {
    ++counters.duplicate;
    co_return json(200, R"({"status":"duplicate"})");
  }
  ++counters.stored;
  log.info("delivery stored id={} guid={} event={} repository={}", id, guid, event, verdict.repository);
  if (wake) wake();
  if (auto planted = failpoint("intake.before_ack")) co_return not_stored(*planted);
  auto response = json(202, R"({"status":"queued","delivery":")" + guid + R"(","id":)" + std::to_string(id) + "}");
  response.sent = [] { static_cast<void>(failpoint("intake.after_ack")); };
  co_return response;
}

Webhook::Webhook(store::Store& store, CurrentSettings settings, std::function<void()> wake, Clock clock)
    : state_(new State{.store = store, .settings = std::move(settings), .wake = std::move(wake), .clock = std::move(clock)}) {}
Webhook::~Webhook() = default;

http::Route Webhook::route() {
  http::Route route;
  route.method = "POST";
  route.pattern = "/webhooks/github";
  route.access = http::Access::signed_body;
  route.body_limit = body_limit;
  route.body_deadline = body_deadline;
  route.before_body = [this](Request& request) { return state_->before_body(request); };
  route.handle = [this](Request request) { return state_->answer(std::move(request)); };
  return route;
}

Counters Webhook::counters() const { return state_->counters; }

}  // namespace sluice::webhook
