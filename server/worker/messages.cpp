// What people hear of deployments: kept in the store until it is sent, sent again with growing pauses, given up after a day.

#include <algorithm>

#include "server/base/credential.hpp"
#include "server/base/failpoint.hpp"
#include "server/base/log.hpp"
#include "server/net/client.hpp"
#include "server/notify/notify.hpp"
#include "server/worker/impl.hpp"

namespace sluice::worker {

using boost::asio::awaitable;
using namespace std::chrono_literals;

namespace {

const Logger log{"notify"};
constexpr int most_attempts = 12;

/// 10 s, 20 s, 40 s, ... at most 4 h.
std::chrono::seconds pause_after(int attempts) { return std::min<std::chrono::seconds>(10s * (1 << std::min(attempts, 11)), 4h); }

}  // namespace

awaitable<void> Worker::Impl::announce(store::DeploymentId id, store::State state, std::string reason) {
  const auto settings = config;
  if (settings->notify.empty() || !notify::is_worth_telling(state)) co_return;
  auto one = co_await parts.store.read(&store::Reader::deployment, id);
  if (!one) co_return;
  const std::string body = notify::to_body(*one, state, reason, settings->server.public_url);
  for (const auto& receiver : settings->notify) {
    store::NewMessage message;
    message.kind = receiver.format;
    message.target = to_string(receiver.url);
    message.natural_key = message.target + ":" + std::to_string(id.value) + ":" + std::string(deployment::to_string(state)) + ":" + one->digest;
    message.deployment = id;
    message.body = body;
    auto kept = co_await parts.store.write(&store::Writer::enqueue_message, message);
    if (!kept) log.warn("a message could not be kept id={} error={}", id.value, kept.error().what);
  }
}

awaitable<Result<>> Worker::Impl::send(const store::Message& message) {
  const auto settings = config;
  const auto receiver = std::find_if(settings->notify.begin(), settings->notify.end(),
                                     [&](const config::Notification& one) { return to_string(one.url) == message.target; });
  if (receiver == settings->notify.end()) co_return Error{Errc::not_found, "the configuration no longer names this receiver"};
  auto url = read_credential(receiver->url);
  if (!url) co_return std::move(url).error();
  auto request = notify::to_request(message.body, message.kind, url->reveal());
  if (!request) co_return std::move(request).error();
  if (!outgoing) {
    net::ClientOptions options;
    options.plain_http = true;  // a receiver on this machine or network; the URL is the administrator's
    auto made = net::Client::make(parts.executor, std::move(options));
    if (!made) co_return std::move(made).error();
    outgoing = std::move(*made);
  }
  if (auto planted = failpoint("outbox.before_send")) co_return *planted;
  net::Limits limits;
  limits.body_bytes = 64 * 1024;
  auto answer = co_await outgoing->send(std::move(*request), limits);
  if (!answer) co_return std::move(answer).error();
  if (auto planted = failpoint("outbox.after_send")) co_return *planted;
  if (answer->status >= 200 && answer->status < 300) co_return Result<>();
  co_return Error{Errc::unavailable, "answered with status " + std::to_string(answer->status)};
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
      auto sent = co_await send(message);
      if (sent) {
        (void)co_await parts.store.write(&store::Writer::message_sent, message.id, std::string());
        continue;
      }
      const bool give_it_up = message.attempts + 1 >= most_attempts || sent.error().code == Errc::not_found || sent.error().code == Errc::invalid;
      log.warn("a message was not delivered id={} attempt={} gives_up={} error={}", message.id, message.attempts + 1, give_it_up, sent.error().what);
      (void)co_await parts.store.write(&store::Writer::message_failed, message.id, pause_after(message.attempts), give_it_up);
    }
  }
}

}  // namespace sluice::worker
