// What people hear of deployments: kept in the store until it is sent, sent again with growing pauses, given up after a day.

#include <algorithm>

#include "server/base/credential.hpp"
#include "server/base/failpoint.hpp"
#include "server/base/log.hpp"
#include "server/net/client.hpp"
#include "server/notify/github.hpp"
#include "server/notify/notify.hpp"
#include "server/worker/impl.hpp"

namespace sluice::worker {

using boost::asio::awaitable;
using namespace std::chrono_literals;

namespace {

const Logger log{"notify"};
constexpr int most_attempts = 12;

net::Limits small_answer() {
  net::Limits limits;
  limits.body_bytes = 64 * 1024;
  return limits;
}

/// 10 s, 20 s, 40 s, ... at most 4 h.
std::chrono::seconds pause_after(int attempts) { return std::min<std::chrono::seconds>(10s * (1 << std::min(attempts, 11)), 4h); }

}  // namespace

namespace {

/// What everybody is told of one change of state. `settings` is of when it is told.
std::vector<store::NewMessage> messages_of(const config::Config& settings, const store::Deployment& one, store::State state, const std::string& reason,
                                           std::int64_t sequence) {
  std::vector<store::NewMessage> messages;
  const auto add = [&](std::string kind, std::string target, std::string body) {
    std::string key = kind + ":" + target + ":" + std::to_string(sequence);
    messages.push_back({std::move(kind), std::move(key), one.id, std::move(target), std::move(body)});
  };
  if (notify::is_worth_telling(state)) {
    for (const auto& receiver : settings.notify)
      add(receiver.format, to_string(receiver.url), notify::to_body(one, state, reason, settings.server.public_url));
  }
  const config::Repository* repository = config::find_repository(settings, one.repository);
  if (!repository || repository->report.empty()) return messages;
  const auto body = notify::github_body(one, state, reason, settings.server.public_url);
  if (!body) return messages;
  for (const std::string& what : repository->report) add("github-" + what, repository->name, *body);
  return messages;
}

}  // namespace

awaitable<void> Worker::Impl::announce_changes() {
  constexpr int at_once = 50;
  while (!leaving) {
    const auto rings = bell.rings();
    const store::Writer::MessageMaker make = [settings = config](const store::Deployment& one, store::State to, const std::string& reason, std::int64_t sequence) {
      return messages_of(*settings, one, to, reason, sequence);
    };
    auto seen = co_await parts.store.write(&store::Writer::announce, make, at_once);
    if (!seen) log.warn("changes of state cannot be announced error={}", seen.error().what);
    if (seen && *seen == at_once) continue;
    co_await bell.wait(rings, 10s);
  }
}

awaitable<Worker::Impl::Sent> Worker::Impl::send(const store::Message& message) {
  if (auto planted = failpoint("outbox.before_send")) co_return Sent{*planted};
  Sent sent;
  if (message.kind.starts_with("github-")) {
    sent = co_await send_to_github(message);
  } else {
    sent = co_await send_to_receiver(message);
  }
  if (auto planted = failpoint("outbox.after_send")) co_return Sent{*planted};
  co_return sent;
}

awaitable<Worker::Impl::Sent> Worker::Impl::send_to_receiver(const store::Message& message) {
  const auto settings = config;
  const auto receiver = std::find_if(settings->notify.begin(), settings->notify.end(),
                                     [&](const config::Notification& one) { return to_string(one.url) == message.target; });
  if (receiver == settings->notify.end()) co_return Sent{Error{Errc::not_found, "the configuration no longer names this receiver"}};
  auto url = read_credential(receiver->url);
  if (!url) co_return Sent{std::move(url).error()};
  auto request = notify::to_request(message.body, message.kind, url->reveal());
  if (!request) co_return Sent{std::move(request).error()};
  if (!outgoing) {
    net::ClientOptions options;
    options.plain_http = true;  // a receiver on this machine or network; the URL is the administrator's
    auto made = net::Client::make(parts.executor, std::move(options));
    if (!made) co_return Sent{std::move(made).error()};
    outgoing = std::move(*made);
  }
  auto answer = co_await outgoing->send(std::move(*request), small_answer());
  if (!answer) co_return Sent{std::move(answer).error()};
  if (answer->status >= 200 && answer->status < 300) co_return Sent{};
  co_return Sent{Error{Errc::unavailable, "answered with status " + std::to_string(answer->status)}};
}

awaitable<void> Worker::Impl::send_messages() {
  while (!leaving) {
    const auto rings = bell.rings();
    auto due = co_await parts.store.write(&store::Writer::due_messages, 16);
    if (!due || due->empty()) {
      co_await bell.wait(rings, 10s);
      continue;
    }
    for (const store::Message& message : *due) {
      const Sent sent = co_await send(message);
      if (sent.outcome) {
        (void)co_await parts.store.write(&store::Writer::message_sent, message.id, *sent.outcome);
        continue;
      }
      const Error& error = sent.outcome.error();
      const bool is_final = error.code == Errc::not_found || error.code == Errc::invalid || error.code == Errc::denied;
      const bool give_it_up = message.attempts + 1 >= most_attempts || is_final;
      log.warn("a message was not delivered id={} kind={} attempt={} gives_up={} error={}", message.id, message.kind, message.attempts + 1, give_it_up, error.what);
      (void)co_await parts.store.write(&store::Writer::message_failed, message.id, std::max(pause_after(message.attempts), sent.pause), give_it_up);
    }
  }
}

}  // namespace sluice::worker
