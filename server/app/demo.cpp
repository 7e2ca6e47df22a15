#include "server/app/demo.hpp"

#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>

#include "core/base/digest.hpp"
#include "server/app/client_text.hpp"
#include "server/app/daemon.hpp"
#include "server/app/demo_files.hpp"
#include "server/base/files.hpp"
#include "server/base/log.hpp"
#include "server/base/process.hpp"
#include "server/base/random.hpp"
#include "server/kube/kubeconfig.hpp"
#include "server/net/net.hpp"
#include "server/sandbox/sandbox.hpp"
#include "server/store/store.hpp"
#include "server/task/task.hpp"

namespace sluice::app {

using Json = nlohmann::json;
using boost::asio::awaitable;
namespace fs = std::filesystem;
using namespace std::chrono_literals;

namespace {

const char* const repository_name = "demo/guestbook";

/// What goes wrong here ends the demonstration with one sentence.
struct Stop {
  std::string why;
};

template <class T>
T need(Result<T> result, const char* doing) {
  if (!result) throw Stop{std::string(doing) + ": " + result.error().what};
  return std::move(*result);
}
void need(const Result<>& result, const char* doing) {
  if (!result) throw Stop{std::string(doing) + ": " + result.error().what};
}

class Demo {
 public:
  Demo(boost::asio::io_context& io, DemoOptions options) : io_(io), options_(options), colour_(::isatty(1) != 0) {}
  awaitable<void> run();
  awaitable<void> stop();

 private:
  void make_scratch();
  std::string git(std::vector<std::string> arguments);
  void make_repository();
  void choose_cluster();
  void start_daemon();
  awaitable<Json> ask(net::Request request, int expected);
  awaitable<Json> get(std::string path);
  awaitable<Json> post(std::string path, Json body);
  awaitable<std::string> ask_text(std::string path);
  awaitable<std::int64_t> push();
  awaitable<Json> wait_until(std::int64_t id, std::vector<std::string> states);
  awaitable<void> decide(std::int64_t id, const std::string& digest);
  awaitable<void> follow(std::int64_t id);
  awaitable<std::optional<bool>> answer(std::string path);

  void title(const char* what, const std::string& text) const { std::printf("  %-12s %s\n", what, text.c_str()); }
  void step(const std::string& text) const {
    std::printf("\n%s%s%s\n", colour_ ? "\033[1m" : "", text.c_str(), colour_ ? "\033[0m" : "");
    std::fflush(stdout);
  }

  boost::asio::io_context& io_;
  DemoOptions options_;
  bool colour_;
  fs::path scratch_;
  std::string kubeconfig_, endpoint_, cluster_words_, webhook_secret_, token_, base_, commit_;
  std::unique_ptr<sandbox::Sandbox> sandbox_;
  std::unique_ptr<Daemon> daemon_;
  std::unique_ptr<net::Client> client_;
};

void Demo::make_scratch() {
  std::string name = (fs::temp_directory_path() / "sluice-demo-XXXXXX").string();
  if (!::mkdtemp(name.data())) throw Stop{"making a scratch folder failed"};
  scratch_ = name;
}

std::string Demo::git(std::vector<std::string> arguments) {
  ProcessRequest request;
  request.arguments = {"git", "-C", (scratch_ / "guestbook").string(), "-c", "user.name=You", "-c", "user.email=you@example.org"};
  request.arguments.insert(request.arguments.end(), arguments.begin(), arguments.end());
  const char* path = std::getenv("PATH");
  request.environment = {"PATH=" + std::string(path ? path : "/usr/bin:/bin"), "HOME=" + scratch_.string(), "GIT_CONFIG_NOSYSTEM=1"};
  auto result = need(run_process(request), "git");
  if (result.exit_code != 0) throw Stop{"git: " + result.error_output};
  while (!result.output.empty() && result.output.back() == '\n') result.output.pop_back();
  return result.output;
}

void Demo::make_repository() {
  const fs::path work = scratch_ / "guestbook";
  for (const auto& [path, text] : demo_files()) {
    fs::create_directories((work / path).parent_path());
    need(write_file(work / path, text, 0644), "writing the repository");
  }
  git({"init", "--quiet", "--initial-branch=main"});
  git({"add", "-A"});
  git({"commit", "--quiet", "-m", "Open the guestbook"});
  commit_ = git({"rev-parse", "HEAD"});
  title("repository", work.string() + " (a helmfile, two charts, two environments)");
}

/// The addresses behind "https://host:port", as an allow list has them.
std::string allow_list_of(const std::string& server) {
  const auto url = need(net::parse_url(server), "KUBECONFIG");
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(url.host.c_str(), nullptr, &hints, &found) != 0) throw Stop{"KUBECONFIG: no address for " + url.host};
  std::string list;
  for (const addrinfo* one = found; one; one = one->ai_next) {
    char text[NI_MAXHOST];
    if (::getnameinfo(one->ai_addr, one->ai_addrlen, text, sizeof(text), nullptr, 0, NI_NUMERICHOST) != 0) continue;
    const std::string address = one->ai_family == AF_INET6 ? "[" + std::string(text) + "]" : std::string(text);
    list += (list.empty() ? "\"" : ", \"") + address + ":" + std::to_string(url.port) + "\"";
  }
  ::freeaddrinfo(found);
  return list;
}

void Demo::choose_cluster() {
  const char* given = std::getenv("KUBECONFIG");
  if (given && *given) {
    kubeconfig_ = need(read_file(given, 1u << 20), "KUBECONFIG");
    const auto access = need(kube::read_kubeconfig(kubeconfig_, {.folder = fs::path(given).parent_path().string()}), "KUBECONFIG");
    endpoint_ = allow_list_of(access.server);
    title("cluster", access.server + " (from KUBECONFIG)");
    return;
  }
  sandbox_ = need(sandbox::Sandbox::start(io_.get_executor()), "the sandbox");
  kubeconfig_ = sandbox_->kubeconfig();
  endpoint_ = "\"" + sandbox_->endpoint() + "\"";
  title("cluster", "the embedded sandbox, a stand-in for the Kubernetes API (set KUBECONFIG for a real cluster)");
}

void Demo::start_daemon() {
  webhook_secret_ = random_hex(16);
  const auto secret_file = [&](const char* name, const std::string& text) {
    need(write_file(scratch_ / name, text), "writing a secret file");
    return "{file: " + (scratch_ / name).string() + "}";
  };
  const std::string config =
      "data_dir: " + (scratch_ / "data").string() + "\nencryption_key: " + secret_file("encryption_key", random_hex(32)) +
      "\nserver: {listen: 127.0.0.1:0}\nclusters:\n  demo: {kubeconfig: " + secret_file("kubeconfig", kubeconfig_) + ", allow: [" + endpoint_ +
      "]}\nenvironments:\n  production:\n    cluster: demo\n    variables: {IMAGE_TAG: \"sha-{{ .Commit.Short }}\"}\n    secrets: {STORE_PASSWORD: " +
      secret_file("store_password", random_hex(12)) + "}\nrepositories:\n  - name: " + repository_name + "\n    url: " +
      (scratch_ / "guestbook").string() + "\n    webhook_secret: " + secret_file("webhook_secret", webhook_secret_) +
      "\n    helmfile: helmfile.yaml.gotmpl\n    environments: {production: {on: [{push: {branch: main}}, {manual: {}}]}}\n";
  need(write_file(scratch_ / "sluice.yaml", config, 0644), "writing the configuration");
  auto parsed = need(config::parse(config, (scratch_ / "sluice.yaml").string()), "the demonstration's configuration");
  daemon_ = need(Daemon::open(io_, std::move(parsed), {}), "starting the daemon");
  daemon_->start();
  base_ = "http://127.0.0.1:" + std::to_string(daemon_->port());
  store::NewToken token;
  token.name = "demo";
  token.person.name = "you";
  token.person.roles = {deployment::Role::admin, deployment::Role::approver};
  const auto make_token = [&](store::Writer& writer) { return writer.create_token(token); };
  token_ = need(daemon_->store().write_now(make_token), "making a token").text.reveal();
  net::ClientOptions options;
  options.plain_http = true;
  client_ = need(net::Client::make(io_.get_executor(), std::move(options)), "a client");
  title("daemon", base_ + " (configuration: " + (scratch_ / "sluice.yaml").string() + ")");
}

awaitable<Json> Demo::ask(net::Request request, int expected) {
  request.url = base_ + request.url;
  request.headers.push_back({"Authorization", "Bearer " + token_});
  request.headers.push_back({"Accept", "application/json"});
  if (!request.body.empty()) request.headers.push_back({"Content-Type", "application/json"});
  const std::string what = request.method + " " + request.url;
  const net::Limits limits;
  auto response = need(co_await client_->send(std::move(request), limits), what.c_str());
  if (response.status != expected) throw Stop{what + ": status " + std::to_string(response.status) + " " + response.body};
  co_return Json::parse(response.body, nullptr, false);
}

awaitable<Json> Demo::get(std::string path) {
  net::Request request;
  request.url = std::move(path);
  return ask(std::move(request), 200);
}

awaitable<Json> Demo::post(std::string path, Json body) {
  net::Request request;
  request.method = "POST";
  request.url = std::move(path);
  request.body = body.dump();
  return ask(std::move(request), 200);
}

awaitable<std::string> Demo::ask_text(std::string path) {
  net::Request request;
  request.url = base_ + path;
  request.headers = {{"Authorization", "Bearer " + token_}, {"Accept", "text/plain"}};
  const net::Limits limits;
  auto response = need(co_await client_->send(std::move(request), limits), path.c_str());
  co_return response.body;
}

/// Sends what GitHub would send for the commit. The number of the deployment that comes of it.
awaitable<std::int64_t> Demo::push() {
  const Json payload{{"ref", "refs/heads/main"},
                     {"before", std::string(40, '0')},
                     {"after", commit_},
                     {"created", false},
                     {"deleted", false},
                     {"forced", false},
                     {"repository", {{"id", 1}, {"full_name", repository_name}, {"default_branch", "main"}}},
                     {"sender", {{"login", "you"}, {"id", 1}}},
                     {"head_commit", {{"id", commit_}, {"message", "Open the guestbook"}}}};
  const std::string body = payload.dump();
  const std::string guid = random_hex(4) + "-" + random_hex(2) + "-4" + random_hex(2).substr(1) + "-8" + random_hex(2).substr(1) + "-" + random_hex(6);
  net::Request delivery;
  delivery.method = "POST";
  delivery.url = "/webhooks/github";
  delivery.headers = {{"X-GitHub-Event", "push"},
                      {"X-GitHub-Delivery", guid},
                      {"X-GitHub-Hook-ID", "1"},
                      {"X-Hub-Signature-256", "sha256=" + to_hex(hmac_sha256(webhook_secret_, body))}};
  delivery.body = body;
  const auto accepted = co_await ask(std::move(delivery), 202);
  step("1. A signed push of commit " + commit_.substr(0, 7) + " is stored as delivery " + accepted["delivery"].get<std::string>());
  for (int round = 0; round < 200; ++round) {
    const auto page = co_await get("/api/v1/deployments");
    if (!page["items"].empty()) co_return page["items"][0]["id"].get<std::int64_t>();
    co_await sleep_for(20ms);
  }
  throw Stop{"no deployment came of the push"};
}

awaitable<Json> Demo::wait_until(std::int64_t id, std::vector<std::string> states) {
  while (true) {
    auto one = co_await get("/api/v1/deployments/" + std::to_string(id));
    const std::string state = one["state"];
    if (std::find(states.begin(), states.end(), state) != states.end()) co_return one;
    if (one["final"] == true) throw Stop{"deployment " + std::to_string(id) + " is " + state + ": " + one["reason"].get<std::string>()};
    co_await sleep_for(30ms);
  }
}

/// What a person types, without keeping the daemon from serving: the page may be looked at meanwhile. Nothing: no key yet.
static std::optional<bool> typed_answer() {
  pollfd input{0, POLLIN, 0};
  if (::poll(&input, 1, 0) <= 0) return std::nullopt;
  char letter = 0;
  const bool read = ::read(0, &letter, 1) == 1;
  return read && (letter == 'y' || letter == 'Y');
}

awaitable<std::optional<bool>> Demo::answer(std::string path) {
  if (options_.yes) co_return true;
  std::printf("\n  page         %s%s\n  token        %s\n", base_.c_str(), path.substr(std::string("/api/v1").size()).c_str(), token_.c_str());
  std::printf("\nApprove exactly this plan? [y/N] (or decide on the page) ");
  std::fflush(stdout);
  for (int round = 0;; ++round) {
    if (auto typed = typed_answer()) co_return typed;
    if (round % 10 == 0) {
      const auto one = co_await get(path);
      if (one["state"] != "awaiting_approval") co_return std::nullopt;  // somebody decided on the page
    }
    co_await sleep_for(50ms);
  }
}

awaitable<void> Demo::decide(std::int64_t id, const std::string& digest) {
  const std::string path = "/api/v1/deployments/" + std::to_string(id);
  const auto approved = co_await answer(path);
  if (approved && !*approved) {
    Json no{{"comment", "not now"}, {"digest", digest}};
    (void)co_await post(path + "/reject", std::move(no));
    throw Stop{"rejected; nothing was written to the cluster"};
  }
  if (approved) {
    Json yes{{"digest", digest}, {"comment", options_.yes ? "approved by --yes" : "looks right"}};
    (void)co_await post(path + "/approve", std::move(yes));
  }
  step("3. Decided: " + digest.substr(0, 8) + ". Exactly those bytes are pushed.");
}

awaitable<void> Demo::follow(std::int64_t id) {
  std::int64_t last = 0;
  const std::string path = "/api/v1/deployments/" + std::to_string(id);
  while (true) {
    const auto one = co_await get(path);
    const auto events = co_await get(path + "/events?after=" + std::to_string(last));
    for (const auto& event : events["items"]) {
      last = event["sequence"];
      std::printf("   %s", event_line(event).c_str());
    }
    std::fflush(stdout);
    const std::string state = one["state"];
    if (state == "succeeded") co_return;
    if (one["final"] == true) throw Stop{"deployment " + std::to_string(id) + " is " + state + ": " + one["reason"].get<std::string>()};
    co_await sleep_for(50ms);
  }
}

awaitable<void> Demo::run() {
  std::printf("sluice demo\n");
  make_scratch();
  set_log_output([file = std::make_shared<Fd>(Fd(::open((scratch_ / "log").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)))](
                     std::string_view line) { dprintf(file->get(), "%.*s\n", static_cast<int>(line.size()), line.data()); });
  make_repository();
  choose_cluster();
  start_daemon();
  const auto id = co_await push();
  std::vector<std::string> ends{"awaiting_approval", "no_changes"};
  const auto waiting = co_await wait_until(id, std::move(ends));
  if (waiting["state"] == "no_changes") {
    step("The cluster is already as the commit asks: no changes, nobody is bothered.");
  } else {
    step("2. The plan of deployment " + std::to_string(id) + ", secrets masked:");
    const auto diff = co_await ask_text("/api/v1/deployments/" + std::to_string(id) + "/diff");
    std::printf("%s", diff_text(diff, colour_ ? Paint::yes : Paint::no).c_str());
    const std::string digest = waiting["digest"];
    std::printf("\ndigest %s\n", digest.c_str());
    co_await decide(id, digest);
    co_await follow(id);
    step("4. Deployment " + std::to_string(id) + " succeeded.");
  }
  std::printf("\n  page         %s/deployments/%lld\n  token        %s\n", base_.c_str(), static_cast<long long>(id), token_.c_str());
  std::printf("  try          SLUICE_URL=%s SLUICE_TOKEN=… sluice show %lld\n", base_.c_str(), static_cast<long long>(id));
  if (options_.yes) co_return;
  std::printf("\nServing until Ctrl-C.\n");
  std::fflush(stdout);
  boost::asio::signal_set signals(io_, SIGINT, SIGTERM);
  co_await signals.async_wait(boost::asio::use_awaitable);
}

awaitable<void> Demo::stop() {
  if (daemon_) co_await daemon_->drain();
  if (sandbox_) co_await sandbox_->stop();
}

}  // namespace

int demo(const DemoOptions& options) {
  boost::asio::io_context io(1);
  Demo demo(io, options);
  std::string why;
  const auto all = [&]() -> awaitable<void> {
    try {
      co_await demo.run();
    } catch (const Stop& stop) {
      why = stop.why;
    }
    co_await demo.stop();
  };
  boost::asio::co_spawn(io, all, [&](std::exception_ptr thrown) {
    if (thrown && why.empty()) why = "an unexpected failure ended it";
    io.stop();
  });
  io.run();
  if (why.empty()) return 0;
  std::fprintf(stderr, "\nError: %s\n", why.c_str());
  return 1;
}

}  // namespace sluice::app
