// Tells GitHub how a deployment goes. What is sent was kept in the store before (messages.cpp); GitHub being down holds up nothing else.

#include "server/base/credential.hpp"
#include "server/net/client.hpp"
#include "server/notify/github.hpp"
#include "server/worker/impl.hpp"

namespace sluice::worker {

using boost::asio::awaitable;
using namespace std::chrono_literals;

namespace {

constexpr auto between_writes = 1s;  // what GitHub asks of those who make content

}  // namespace

awaitable<Worker::Impl::Sent> Worker::Impl::ask_github(net::Request request) {
  if (request.method == "POST") {
    const auto rest = last_write_to_github + between_writes - std::chrono::steady_clock::now();
    if (rest > 0s) co_await sleep_for(std::chrono::ceil<std::chrono::milliseconds>(rest));
    last_write_to_github = std::chrono::steady_clock::now();
  }
  net::Limits limits;
  limits.body_bytes = 4 << 20;
  auto answer = co_await github->send(std::move(request), limits);
  if (!answer) co_return Sent{Error{Errc::unavailable, answer.error().what}};
  if (answer->status >= 200 && answer->status < 300) co_return Sent{std::move(answer->body)};
  const auto now = std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch());
  auto refusal = notify::refusal_of(*answer, now);
  co_return Sent{std::move(refusal.error), refusal.pause};
}

awaitable<Worker::Impl::Sent> Worker::Impl::send_to_github(const store::Message& message) {
  const auto settings = config;
  const config::Repository* repository = config::find_repository(*settings, message.target);
  const bool is_wanted = repository && repository->token && std::ranges::find(repository->report, message.kind.substr(7)) != repository->report.end();
  if (!is_wanted) co_return Sent{Error{Errc::not_found, "the configuration no longer reports to " + message.target}};
  auto token = read_credential(*repository->token);
  if (!token) co_return Sent{std::move(token).error()};
  auto requests = notify::GithubRequests::of(message.body, repository->github_api, *token);
  if (!requests) co_return Sent{std::move(requests).error()};
  if (!github) {
    net::ClientOptions options;
    options.plain_http = true;  // the configuration takes http:// for 127.0.0.1 alone
    auto made = net::Client::make(parts.executor, std::move(options));
    if (!made) co_return Sent{std::move(made).error()};
    github = std::move(*made);
  }
  if (message.kind == "github-status") {
    auto sent = co_await ask_github(requests->commit_status());
    if (sent.outcome) sent.outcome = std::string();
    co_return sent;
  }
  auto known = co_await parts.store.read(&store::Reader::remote_id, *message.deployment, message.target);
  if (!known) co_return Sent{std::move(known).error()};
  std::string id = std::move(*known);
  if (id.empty()) {
    // a try before may have made it and not lived to see the answer
    auto listed = co_await ask_github(requests->deployments());
    if (!listed.outcome) co_return listed;
    auto ours = requests->find_ours(*listed.outcome);
    if (!ours) co_return Sent{std::move(ours).error()};
    id = std::move(*ours);
  }
  if (id.empty()) {
    auto created = co_await ask_github(requests->create_deployment());
    if (!created.outcome) co_return created;
    auto made = notify::GithubRequests::id_of(*created.outcome);
    if (!made) co_return Sent{std::move(made).error()};
    id = std::move(*made);
  }
  auto sent = co_await ask_github(requests->deployment_status(id));
  if (sent.outcome) sent.outcome = id;
  co_return sent;
}

}  // namespace sluice::worker
