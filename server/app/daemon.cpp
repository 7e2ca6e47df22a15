#include "server/app/daemon.hpp"

#include <nlohmann/json.hpp>

#include <atomic>
#include <boost/asio/post.hpp>
#include <charconv>

#include "core/base/digest.hpp"
#include "server/api/api.hpp"
#include "server/api/guard.hpp"
#include "server/api/page.hpp"
#include "server/base/credential.hpp"
#include "server/base/files.hpp"
#include "server/base/log.hpp"
#include "server/http/http.hpp"
#include "server/store/store.hpp"
#include "server/task/task.hpp"
#include "server/webhook/settings.hpp"
#include "server/webhook/webhook.hpp"
#include "server/worker/deliveries.hpp"
#include "server/worker/worker.hpp"

namespace sluice::app {

using boost::asio::awaitable;
using namespace std::chrono_literals;

namespace {
const Logger log{"app"};
}

struct Daemon::State {
  explicit State(boost::asio::io_context& context) : io(context), changed(context.get_executor()) {}

  boost::asio::io_context& io;
  std::shared_ptr<const config::Config> config;
  std::shared_ptr<const webhook::Settings> webhook_settings;
  std::atomic<bool> nudged{false};
  std::unique_ptr<store::Store> store;
  std::unique_ptr<worker::Worker> worker;
  std::unique_ptr<webhook::Webhook> webhook;
  Bell changed;  ///< the store has
  std::unique_ptr<api::World> world;
  std::unique_ptr<api::Guard> guard;
  std::unique_ptr<http::Server> server;

  /// Lines for /metrics.
  std::string counters() const;

  /// From any thread: the store has changed, so there may be something to do or to tell.
  void nudge() {
    if (nudged.exchange(true)) return;
    boost::asio::post(io, [this] {
      nudged = false;
      changed.ring();
      if (worker) worker->nudge();
    });
  }
};

std::string Daemon::State::counters() const {
  const auto requests = server->counters();
  const auto hooks = webhook->counters();
  std::string text;
  const auto add = [&text](const char* name, const char* labels, auto value) {
    text += "sluice_" + std::string(name) + labels + " " + std::to_string(value) + "\n";
  };
  add("http_connections_total", "", requests.connections);
  add("http_connections_refused_total", "", requests.connections_refused);
  add("http_connections_open", "", requests.connections_open);
  add("http_answers_total", "{class=\"2xx\"}", requests.answers_2xx);
  add("http_answers_total", "{class=\"4xx\"}", requests.answers_4xx);
  add("http_answers_total", "{class=\"5xx\"}", requests.answers_5xx);
  add("deliveries_total", "{result=\"stored\"}", hooks.stored);
  add("deliveries_total", "{result=\"duplicate\"}", hooks.duplicate);
  add("deliveries_total", "{result=\"ignored\"}", hooks.ignored);
  add("deliveries_total", "{result=\"bad_signature\"}", hooks.bad_signature);
  add("deliveries_total", "{result=\"malformed\"}", hooks.malformed);
  add("deliveries_total", "{result=\"mismatched\"}", hooks.mismatched);
  add("deliveries_total", "{result=\"rate_limited\"}", hooks.rate_limited);
  add("deliveries_total", "{result=\"not_stored\"}", hooks.not_stored);
  return text;
}

Result<std::pair<std::string, std::uint16_t>> split_address(const std::string& text) {
  const auto colon = text.rfind(':');
  std::uint16_t port = 0;
  const char* end = text.data() + text.size();
  if (colon == std::string::npos) return Error{Errc::invalid, "server.listen: expected ADDRESS:PORT, found \"" + text + "\""};
  const auto [stopped, failed] = std::from_chars(text.data() + colon + 1, end, port);
  if (failed != std::errc() || stopped != end) return Error{Errc::invalid, "server.listen: expected ADDRESS:PORT, found \"" + text + "\""};
  std::string address = text.substr(0, colon);
  if (address.starts_with('[') && address.ends_with(']')) address = address.substr(1, address.size() - 2);
  return std::pair(address.empty() ? "0.0.0.0" : address, port);
}

static Result<http::TlsIdentity> read_identity(const config::Tls& tls) {
  auto certificate = read_file(tls.certificate, 1u << 20);
  if (!certificate) return std::move(certificate).error().during("server.tls.certificate");
  auto key = read_credential(tls.key);
  if (!key) return std::move(key).error().during("server.tls.key");
  return http::TlsIdentity{std::move(*certificate), std::move(*key)};
}

static Result<http::ServerOptions> server_options(const config::Server& server, int inherited_socket) {
  auto address = split_address(server.listen);
  if (!address) return std::move(address).error();
  http::ServerOptions options;
  options.address = address->first;
  options.port = address->second;
  options.inherited_socket = inherited_socket;
  options.trusted_proxies = server.trusted_proxies;
  if (server.tls) {
    auto identity = read_identity(*server.tls);
    if (!identity) return std::move(identity).error();
    options.tls = std::move(*identity);
  }
  return options;
}

Daemon::Daemon(std::unique_ptr<State> state) : state_(std::move(state)) {}
Daemon::~Daemon() = default;

Result<std::unique_ptr<Daemon>> Daemon::open(boost::asio::io_context& io, config::Config config, Options options) {
  auto state = std::make_unique<State>(io);
  State* raw = state.get();
  state->config = std::make_shared<const config::Config>(std::move(config));
  const config::Config& settings = *state->config;
  if (!settings.encryption_key) return Error{Errc::invalid, "encryption_key is missing; make one with `openssl rand -base64 32` and name it in " + settings.file};
  auto key = read_credential(*settings.encryption_key);
  if (!key) return std::move(key).error().during("encryption_key");
  auto hooks = webhook::make_settings(settings);
  if (!hooks) return std::move(hooks).error();
  state->webhook_settings = std::make_shared<const webhook::Settings>(std::move(*hooks));
  auto listen = server_options(settings.server, options.inherited_socket);
  if (!listen) return std::move(listen).error();

  store::Options store_options;
  store_options.folder = settings.data_dir;
  store_options.key = *key;
  store_options.on_commit = [raw] { raw->nudge(); };
  auto store = store::Store::open(std::move(store_options));
  if (!store) return std::move(store).error();
  state->store = std::move(*store);

  const Secret mask_key(to_hex(hmac_sha256(key->reveal(), "fingerprints of secret values in diffs")));
  state->worker = std::make_unique<worker::Worker>(
      worker::Worker::Parts{io.get_executor(), *state->store, state->config, settings.data_dir, mask_key});
  state->webhook = std::make_unique<webhook::Webhook>(
      *state->store, [raw] { return raw->webhook_settings; }, [raw] { raw->nudge(); });

  state->world = std::make_unique<api::World>(api::World{
      .store = *state->store,
      .changed = state->changed,
      .config = [raw] { return raw->config; },
      .wake = [raw] { raw->nudge(); },
      .config_digest =
          [raw](const config::Repository& repository, const config::Environment& environment) {
            return worker::config_digest(*raw->config, repository, environment.name);
          },
      .not_ready = [raw] { return raw->store->health().problem; },
      .metrics = [raw] { return raw->counters(); },
      .releases = [raw](std::string environment) { return raw->worker->releases(std::move(environment)); },
      .drift = [raw](std::string environment) { return raw->worker->drift(std::move(environment)); },
  });
  state->guard = std::make_unique<api::Guard>(*state->world);

  http::Router router;
  router.add(state->webhook->route());
  api::add_page(router, *state->world, *state->guard);
  api::add_routes(router, *state->world, *state->guard);
  state->server = std::make_unique<http::Server>(io.get_executor(), std::move(router), std::move(*listen));
  if (auto opened = state->server->open(); !opened) return std::move(opened).error();
  return std::unique_ptr<Daemon>(new Daemon(std::move(state)));
}

void Daemon::start() {
  state_->server->start();
  state_->worker->start();
  const auto& recovery = state_->store->recovery();
  log.info("serving address={} deliveries_returned={} plans_restarted={} pushes_interrupted={} poisoned={}", state_->config->server.listen,
           recovery.deliveries_returned, recovery.plans_restarted, recovery.pushes_interrupted, recovery.poisoned);
}

Result<> Daemon::reload(config::Config config) {
  auto fresh = std::make_shared<const config::Config>(std::move(config));
  if (fresh->data_dir != state_->config->data_dir) return Error{Errc::invalid, "data_dir cannot change without a restart"};
  if (fresh->server.listen != state_->config->server.listen) return Error{Errc::invalid, "server.listen cannot change without a restart"};
  auto hooks = webhook::make_settings(*fresh);
  if (!hooks) return std::move(hooks).error();
  if (fresh->server.tls) {
    auto identity = read_identity(*fresh->server.tls);
    if (!identity) return std::move(identity).error();
    if (auto replaced = state_->server->replace_identity(*identity); !replaced) return std::move(replaced).error();
  }
  state_->webhook_settings = std::make_shared<const webhook::Settings>(std::move(*hooks));
  state_->config = fresh;
  state_->worker->set_config(fresh);
  return {};
}

awaitable<void> Daemon::drain() {
  state_->changed.ring();  // streams of events look whether they are still wanted
  co_await state_->server->drain(10s);
  co_await state_->worker->stop();
}

std::uint16_t Daemon::port() const { return state_->server->port(); }
store::Store& Daemon::store() { return *state_->store; }
const config::Config& Daemon::config() const { return *state_->config; }

}  // namespace sluice::app
