#include "server/app/check.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <filesystem>
#include <optional>

#include "server/base/credential.hpp"
#include "server/base/files.hpp"
#include "server/kube/kube.hpp"
#include "server/worker/checkout.hpp"

namespace sluice::app {

namespace {

using boost::asio::awaitable;

/// Notes whether anything was bad on the way to the real report.
class Checks {
 public:
  explicit Checks(const Report& report) : report_(report) {}
  void good(const std::string& what, const std::string& found) { report_(Verdict::good, what, found); }
  void note(const std::string& what, const std::string& found) { report_(Verdict::note, what, found); }
  void bad(const std::string& what, const std::string& found) {
    all_good_ = false;
    report_(Verdict::bad, what, found);
  }
  bool all_good() const { return all_good_; }

 private:
  const Report& report_;
  bool all_good_ = true;
};

void check_credential(const std::string& what, const CredentialSource& source, Checks& checks) {
  const auto secret = read_credential(source);
  if (secret) {
    checks.good(what, to_string(source));
  } else {
    checks.bad(what, secret.error().what);
  }
}

void check_credentials(const config::Config& config, Checks& checks) {
  if (config.encryption_key) {
    check_credential("encryption_key", *config.encryption_key, checks);
  } else {
    checks.bad("encryption_key", "is missing: make one with `openssl rand -base64 32` and name it in the configuration");
  }
  if (config.server.tls) check_credential("server.tls.key", config.server.tls->key, checks);
  for (const auto& [name, environment] : config.environments) {
    for (const auto& [variable, source] : environment.secrets) check_credential("environment " + name + ", secret " + variable, source, checks);
    for (const auto& object : environment.secret_objects) {
      const std::string what = "environment " + name + ", secret object " + object.namespace_ + "/" + object.name;
      if (object.env_file) check_credential(what, *object.env_file, checks);
      for (const auto& [key, source] : object.files) check_credential(what + ", key " + key, source, checks);
    }
  }
  for (const auto& notification : config.notify) check_credential("notify", notification.url, checks);
}

/// What usually is behind a connection that cannot be made, for somebody whose API server has a list of allowed addresses.
std::string advice(const Error& error) {
  switch (error.code) {
    case Errc::timeout: return error.what + " (no answer at all: is this machine's address on the API server's allow list? a firewall that drops gives exactly this)";
    case Errc::unavailable: return error.what + " (refused or cut: is the port right, is the API server up, does a firewall reject this machine?)";
    default: return error.what;
  }
}

awaitable<Result<std::string>> ask_cluster(boost::asio::any_io_executor executor, kube::Access access, kube::ClusterRules rules) {
  auto cluster = kube::Cluster::make(executor, std::move(access), std::move(rules));
  if (!cluster) co_return std::move(cluster).error();
  auto version = co_await (*cluster)->version();
  if (!version) co_return std::move(version).error();
  auto identity = co_await (*cluster)->identity();
  if (!identity) co_return std::move(identity).error().during("reading the namespace kube-system, which identifies the cluster");
  auto discovery = co_await (*cluster)->discovery();
  if (!discovery) co_return std::move(discovery).error();
  co_return *version + ", identity " + identity->uid;
}

void check_cluster(const config::Cluster& cluster, Checks& checks) {
  const std::string what = "cluster " + cluster.name;
  const auto kubeconfig = read_credential(cluster.kubeconfig);
  if (!kubeconfig) return checks.bad(what, kubeconfig.error().what);
  auto access = kube::read_kubeconfig(kubeconfig->reveal(), {.context = cluster.context, .files = kube::FileReferences::refuse_outside_folder});
  if (!access) return checks.bad(what, access.error().what);
  kube::ClusterRules rules;
  auto allow = kube::AllowList::parse(cluster.allow);
  if (!allow) return checks.bad(what, allow.error().what);
  rules.allow = std::move(*allow);
  rules.retries_per_call = 0;
  const std::string server = access->server;
  boost::asio::io_context io;
  std::optional<Result<std::string>> answer;
  const auto ask = [&]() -> awaitable<void> { answer.emplace(co_await ask_cluster(io.get_executor(), std::move(*access), std::move(rules))); };
  boost::asio::co_spawn(io, ask, [](std::exception_ptr) {});
  io.run();
  if (answer && *answer) {
    checks.good(what, **answer + ", at " + server);
  } else {
    checks.bad(what, answer ? advice(answer->error()) : "no answer");
  }
}

void check_repository(const config::Repository& repository, const std::string& data_dir, Checks& checks) {
  const std::string what = "repository " + repository.name;
  if (repository.webhook_secret) {
    check_credential(what + ", webhook secret", *repository.webhook_secret, checks);
  } else {
    checks.note(what, "has no webhook_secret, so no delivery for it is accepted; manual triggers only");
  }
  auto mirror = worker::open_mirror(data_dir, repository);
  if (!mirror) return checks.bad(what, mirror.error().what);
  const auto refs = mirror->remote_refs();
  if (!refs) return checks.bad(what, refs.error().what);
  checks.good(what, std::to_string(refs->size()) + " branches and tags at " + repository.url);
}

}  // namespace

bool check(const config::Config& config, const Report& report) {
  Checks checks(report);
  checks.good("configuration", config.file);
  // mirrors made here are the ones that the daemon will use, if this user may write to its folder
  std::error_code failed;
  std::filesystem::create_directories(config.data_dir, failed);
  if (failed) {
    checks.bad("data_dir", config.data_dir + ": " + failed.message());
  } else {
    checks.good("data_dir", config.data_dir);
  }
  check_credentials(config, checks);
  for (const auto& [name, cluster] : config.clusters) check_cluster(cluster, checks);
  for (const auto& repository : config.repositories) check_repository(repository, config.data_dir, checks);
  return checks.all_good();
}

}  // namespace sluice::app
