#pragma once

#include <boost/asio/io_context.hpp>
#include <nlohmann/json.hpp>

#include "server/api/api.hpp"
#include "server/api/guard.hpp"
#include "server/api/page.hpp"
#include "server/config/config.hpp"
#include "server/task/bell.hpp"
#include "tests/server/http/live_server.hpp"
#include "tests/server/store/fixture.hpp"

namespace sluice::api {

using deployment::Role;
using http::LiveServer;
using http::RawClient;
using http::status_of;
using nlohmann::json;

inline std::shared_ptr<const config::Config> small_config() {
  auto config = std::make_shared<config::Config>();
  config->clusters["vps"].name = "vps";
  for (const char* name : {"prod", "staging"}) {
    auto& environment = config->environments[name];
    environment.name = name;
    environment.cluster = "vps";
  }
  config::Repository repository;
  repository.name = "ann/web";
  repository.environments["prod"] = {.environment = "prod",
                                     .on = {{"push", {{"branch", "main"}}}, {"manual", {}}},
                                     .selector = {},
                                     .image = {},
                                     .image_user = {},
                                     .image_password = {}};
  repository.environments["staging"] = {
      .environment = "staging", .on = {{"push", {}}}, .selector = {}, .image = {}, .image_user = {}, .image_password = {}};
  config->repositories.push_back(repository);
  return config;
}

/// The API on a store in memory, with a token of each kind.
struct ApiTest : store::StoreTest {
  std::shared_ptr<const config::Config> config = small_config();
  std::atomic<int> woken = 0;
  boost::asio::io_context bell_io;
  Bell changed{bell_io.get_executor()};
  World world{.store = *store,
              .changed = changed,
              .config = [this] { return config; },
              .wake = [this] { ++woken; },
              .config_digest = [](const config::Repository&, const config::Environment&) { return std::string("c1"); },
              .releases = [](std::string environment) { return one_release(std::move(environment)); },
              .drift = [](std::string environment) { return some_drift(std::move(environment)); },
              .clock = time.clock(),
              .failed_login_delay = std::chrono::milliseconds(0)};
  Guard guard{world};
  LiveServer live{router(world, guard)};

  std::string viewer = token("vera", {Role::viewer});
  std::string approver = token("ann", {Role::approver});
  std::string operator_ = token("olga", {Role::operator_});
  std::string admin = token("adam", {Role::admin});
  std::string elsewhere = token("stan", {Role::admin}, {"staging"});

  static boost::asio::awaitable<Result<json>> one_release(std::string environment) {
    co_return json::array({{{"environment", environment}, {"name", "web"}}});
  }
  /// Of staging the cluster does not answer.
  static boost::asio::awaitable<Result<json>> some_drift(std::string environment) {
    if (environment == "staging") co_return Error{Errc::unavailable, "cluster-unreachable: nobody listens"};
    const json summary = {{"releases", 1}, {"objects", 2}, {"changed", 1}, {"missing", 1}};
    const json field = {{"path", "spec.replicas"}, {"live", 5}, {"deployed", 2}, {"by", "kubectl/scale"}, {"at", "2026-01-01T00:00:00Z"}};
    const json notes = json::array();
    const json changed = {{"kind", "Deployment"}, {"name", "web"}, {"namespace", "shop"}, {"state", "changed"}, {"notes", notes}, {"fields", json::array({field})}};
    const json missing = {{"kind", "ConfigMap"}, {"name", "<b>"}, {"namespace", "shop"}, {"state", "missing"}, {"notes", notes}, {"fields", notes}};
    const json release = {{"release", "web"}, {"namespace", "shop"}, {"revision", 3}, {"chart", "web-1.0.0"}, {"notes", notes}, {"objects", json::array({changed, missing})}};
    co_return json{{"environment", environment}, {"checked", "2026-01-02T00:00:00.000Z"}, {"deployment", 7}, {"summary", summary}, {"releases", json::array({release})}};
  }

  static http::Router router(const World& world, Guard& guard) {
    http::Router router;
    add_page(router, world, guard);
    add_routes(router, world, guard);
    return router;
  }

  std::string token(const std::string& name, std::vector<Role> roles, std::vector<std::string> environments = {},
                    std::optional<WallTime> expires = std::nullopt) {
    const store::NewToken wanted{
        .name = name,
        .person = {.name = name, .id = 0, .roles = std::move(roles), .environments = std::move(environments)},
        .expires = expires};
    auto made = store->write_now([&](store::Writer& writer) { return writer.create_token(wanted); });
    return made->text.reveal();
  }

  struct Answered {
    int status = 0;
    std::string raw;
    std::string text() const { return raw.substr(raw.find("\r\n\r\n") + 4); }
    json body() const { return json::parse(text(), nullptr, false); }
    std::string code() const { return body().value("code", ""); }
    std::string message() const { return body().value("message", ""); }
  };

  Answered send(const std::string& raw) const {
    RawClient client(live.port());
    client.send(raw);
    client.finish();
    Answered answered;
    answered.raw = client.read_all();
    answered.status = status_of(answered.raw);
    return answered;
  }
  Answered ask(const std::string& method, const std::string& path, const std::string& token, const std::string& body = "",
               const std::string& fields = "") const {
    std::string raw = method + " " + path + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" + fields;
    if (!token.empty()) raw += "Authorization: Bearer " + token + "\r\n";
    if (!body.empty()) raw += "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
    return send(raw + "\r\n" + body);
  }

  /// A deployment of `environment` whose plan waits for approval.
  store::DeploymentId waiting(const std::string& commit = std::string(40, 'a'), const std::string& environment = "prod",
                              const std::string& title = "Change the text", const std::string& diff = R"({"releases":[]})") {
    auto asked = store::wanted(commit, environment);
    asked.title = title;
    auto id = store->write_now([&](store::Writer& writer) { return writer.create_deployment(asked); })->id;
    const auto step = [&](store::State from, store::State to) {
      const store::Transition change{
          .deployment = id, .from = from, .to = to, .reason = "", .by = "sluice", .fence = std::nullopt};
      EXPECT_TRUE(store->write_now([&](store::Writer& writer) { return writer.transition(change); }));
    };
    step(store::State::received, store::State::planning);
    const store::NewPlan plan{.deployment = id,
                              .bytes = "{\"commit\":\"" + commit + "\"}",
                              .environment = environment,
                              .cluster = "vps",
                              .summary = R"({"summary":{"create":1},"releases":[{"release":"web"}]})",
                              .diff_text = "+ image: web:2\n",
                              .diff_json = diff,
                              .diff_was_cut = false,
                              .rules = {}};
    auto saved = store->write_now([&](store::Writer& writer) { return writer.save_plan(plan); });
    EXPECT_TRUE(saved) << (saved ? "" : saved.error().what);
    return id;
  }
  std::string digest_of(store::DeploymentId id) {
    return store->read_now([&](const store::Reader& reader) { return reader.deployment(id); })->digest;
  }
  static std::string path(store::DeploymentId id, const std::string& rest = "") {
    return "/api/v1/deployments/" + std::to_string(id.value) + rest;
  }
};

}  // namespace sluice::api
