#include "server/sandbox/sandbox.hpp"

#include <nlohmann/json.hpp>

#include "core/base/digest.hpp"
#include "server/base/random.hpp"
#include "server/http/server.hpp"
#include "server/sandbox/api.hpp"
#include "server/sandbox/certificate.hpp"
#include "server/task/bell.hpp"
#include "server/task/task_group.hpp"

namespace sluice::sandbox {

using boost::asio::awaitable;

struct Sandbox::State {
  State(boost::asio::any_io_executor executor, Certificate made)
      : world(std::make_shared<World>(executor)),
        certificate(std::move(made)),
        tasks(executor, [](std::string_view, std::string_view) {}) {}
  std::shared_ptr<World> world;
  Certificate certificate;
  TaskGroup tasks;
  std::unique_ptr<http::Server> server;
};

static awaitable<void> keep_time(std::shared_ptr<World> world) {
  while (true) {
    co_await sleep_for(std::chrono::milliseconds(50));
    if (world->objects.tick(std::chrono::steady_clock::now())) world->changed.ring();
  }
}

Sandbox::Sandbox(std::shared_ptr<State> state) : state_(std::move(state)) {}
Sandbox::~Sandbox() = default;

Result<std::unique_ptr<Sandbox>> Sandbox::start(boost::asio::any_io_executor executor) {
  auto certificate = make_loopback_certificate();
  if (!certificate) return std::move(certificate).error();
  auto state = std::make_shared<State>(executor, std::move(*certificate));
  state->world->token = random_hex(24);
  http::ServerOptions options;
  options.port = 0;
  options.tls = http::TlsIdentity{state->certificate.pem, state->certificate.key_pem};
  options.limits.connections_per_address = 512;
  state->server = std::make_unique<http::Server>(executor, make_router(state->world), std::move(options));
  if (auto opened = state->server->open(); !opened) return std::move(opened).error().during("starting the sandbox");
  state->server->start();
  state->tasks.start("sandbox", keep_time(state->world));
  return std::unique_ptr<Sandbox>(new Sandbox(std::move(state)));
}

std::string Sandbox::endpoint() const { return "127.0.0.1:" + std::to_string(state_->server->port()); }

std::string Sandbox::kubeconfig() const {
  using Json = nlohmann::json;
  const Json cluster{{"server", "https://" + endpoint()}, {"certificate-authority-data", to_base64(state_->certificate.pem)}};
  const Json config{{"apiVersion", "v1"},
                    {"kind", "Config"},
                    {"current-context", "sandbox"},
                    {"clusters", {{{"name", "sandbox"}, {"cluster", cluster}}}},
                    {"users", {{{"name", "sandbox"}, {"user", {{"token", state_->world->token}}}}}},
                    {"contexts", {{{"name", "sandbox"}, {"context", {{"cluster", "sandbox"}, {"user", "sandbox"}}}}}}};
  return config.dump(1);
}

awaitable<void> Sandbox::stop() {
  auto state = state_;
  co_await state->server->drain(std::chrono::milliseconds(500));
  co_await state->tasks.stop();
}

}  // namespace sluice::sandbox
