#include "server/kube/cluster.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <charconv>
#include <exception>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>
#include <sstream>

#include "core/base/digest.hpp"
#include "server/base/log.hpp"
#include "server/net/client.hpp"
#include "server/net/url.hpp"
#include "server/task/bell.hpp"

namespace sluice::kube {

namespace asio = boost::asio;
using plan::Json;
using plan::text_at;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

const Logger log{"kube"};
constexpr std::size_t max_pages = 400;
constexpr std::string_view aggregated =
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,"
    "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json";
constexpr std::string_view metadata_only = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";

std::string_view without_query(std::string_view path) { return path.substr(0, path.find('?')); }

/// `299 - "text"` -> text
std::string warning_text(std::string_view header) {
  const auto begin = header.find('"');
  const auto end = header.rfind('"');
  if (begin == std::string_view::npos || end <= begin) return redact(header);
  std::string out;
  for (std::size_t i = begin + 1; i < end; ++i) {
    if (header[i] == '\\' && i + 1 < end) ++i;
    out += header[i];
  }
  return redact(out);
}

int to_int(std::string_view text, int otherwise) {
  int out = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), out);
  return failed == std::errc{} && end == text.data() + text.size() ? out : otherwise;
}

Answer to_answer(net::Response response) {
  Answer answer;
  answer.status = response.status;
  for (const auto& header : response.headers) {
    if (header.name == "Warning") answer.warnings.push_back(warning_text(header.value));
  }
  answer.etag = response.header("Etag");
  answer.content_type = response.header("Content-Type");
  answer.audit_id = response.header("Audit-Id");
  const bool good = (response.status >= 200 && response.status < 300) || response.status == 304;
  if (good) {
    answer.text = std::move(response.body);
    return answer;
  }
  answer.refusal = read_refusal(response.status, response.body);
  if (response.status >= 300 && response.status < 400) answer.refusal->message = "redirects are not followed";
  answer.refusal->retry_after_seconds =
      std::clamp(to_int(response.header("Retry-After"), answer.refusal->retry_after_seconds), 0, 60);
  return answer;
}

constexpr const char* unreachable = "cluster-unreachable: ";

Error with_hint(Error error) {
  const bool never_arrived = error.what.starts_with("connecting to ");
  const bool no_answer = error.code == Errc::timeout || error.code == Errc::unavailable;
  if (never_arrived && error.code == Errc::timeout) error.what += " (is this machine's address on the cluster's whitelist?)";
  if (never_arrived && error.code == Errc::unavailable)
    error.what += " (is the API server up, and does it let this machine's address in?)";
  if (no_answer) error.what.insert(0, unreachable);
  return error;
}

}  // namespace

struct Cluster::State {
  asio::any_io_executor executor;
  Access access;
  ClusterRules rules;
  std::unique_ptr<net::Client> client;
  int budget = 0;
  steady_clock::time_point token_read{};
  bool token_was_read = false;

  std::shared_ptr<const Discovery> discovery;
  struct Cached {
    std::string etag, text;
  };
  Cached api, apis;
  std::minstd_rand random{std::random_device{}()};

  /// The token to send now. A file is read again every 50 s; when that fails, the last one stays in use.
  Result<std::string> token();
  milliseconds pause_before(int attempt, int retry_after_seconds);
  asio::awaitable<Result<Answer>> send_once(const Call& call);
  asio::awaitable<Result<const std::string*>> discover(std::string path, Cached& cache, bool& is_aggregated);
};

Result<std::string> Cluster::State::token() {
  if (access.token_file.empty()) return access.token.reveal();
  const auto now = steady_clock::now();
  if (token_was_read && now - token_read < std::chrono::seconds(50)) return access.token.reveal();
  std::ifstream file(access.token_file, std::ios::binary);
  std::string text;
  std::getline(file, text, '\0');
  while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') text.pop_back();
  if (!text.empty()) {
    access.token = Secret(std::move(text));
    token_read = now;
    token_was_read = true;
  }
  if (access.token.empty()) return Error{Errc::denied, "tokenFile '" + access.token_file + "' cannot be read or is empty"};
  return access.token.reveal();
}

milliseconds Cluster::State::pause_before(int attempt, int retry_after_seconds) {
  if (retry_after_seconds > 0) return std::chrono::seconds(retry_after_seconds);
  const auto full = std::min<long long>(rules.first_pause.count() << std::min(attempt, 10), 10'000);
  return milliseconds(full / 2 + static_cast<long long>(random() % static_cast<unsigned long>(full / 2 + 1)));
}

asio::awaitable<Result<Answer>> Cluster::State::send_once(const Call& call) {
  net::Request request;
  request.method = call.method;
  request.url = access.server + call.path;
  request.headers.push_back({"Accept", call.accept.empty() ? "application/json" : call.accept});
  if (!call.content_type.empty()) request.headers.push_back({"Content-Type", call.content_type});
  if (!call.if_none_match.empty()) request.headers.push_back({"If-None-Match", call.if_none_match});
  auto bearer = token();
  if (!bearer) co_return std::move(bearer).error();
  if (!bearer->empty()) request.headers.push_back({"Authorization", "Bearer " + *bearer});
  request.body = call.body;
  request.repeatable = call.repeat == Repeat::safe;
  net::Limits limits;
  limits.connect = rules.connect_limit;
  limits.total = rules.call_limit;
  const auto begin = steady_clock::now();
  auto response = co_await client->send(std::move(request), limits);
  const auto took = steady_clock::now() - begin;
  if (!response) {
    log.debug("call failed method={} path={} ms={} error={}", call.method, without_query(call.path), took, response.error().what);
    co_return with_hint(std::move(response).error());
  }
  log.debug("called method={} path={} status={} ms={}", call.method, without_query(call.path), response->status, took);
  co_return to_answer(std::move(*response));
}

Cluster::Cluster(std::unique_ptr<State> state) : state_(std::move(state)) {}
Cluster::~Cluster() = default;

Result<std::unique_ptr<Cluster>> Cluster::make(asio::any_io_executor executor, Access access, ClusterRules rules) {
  auto state = std::make_unique<State>();
  net::ClientOptions options;
  options.tls = access.tls;
  options.may_connect = [allow = rules.allow](const std::string& host, const std::string& address,
                                              std::uint16_t port) -> Result<> {
    if (allow.allows(host, address, port)) return {};
    const std::string resolved = address == host ? "" : host + " resolves to " + address + ", and ";
    return Error{Errc::denied, "cluster-not-allowed: " + resolved + address + " port " + std::to_string(port) + " is not in the cluster's allow list (" +
                                   allow.text() + ")"};
  };
  auto client = net::Client::make(executor, std::move(options));
  if (!client) return std::move(client).error().during("kubeconfig");
  state->executor = std::move(executor);
  state->client = std::move(*client);
  state->access = std::move(access);
  state->rules = std::move(rules);
  state->budget = state->rules.retry_budget;
  return std::unique_ptr<Cluster>(new Cluster(std::move(state)));
}

const Access& Cluster::access() const { return state_->access; }
const ClusterRules& Cluster::rules() const { return state_->rules; }
void Cluster::refill_budget() { state_->budget = state_->rules.retry_budget; }
asio::any_io_executor Cluster::executor() const { return state_->executor; }

asio::awaitable<Result<Answer>> Cluster::ask(Call call) {
  const bool safe = call.repeat == Repeat::safe || call.method == "GET";
  bool token_renewed = false;
  for (int attempt = 0;; ++attempt) {
    auto answer = co_await state_->send_once(call);
    const bool no_answer = !answer && (answer.error().code == Errc::unavailable || answer.error().code == Errc::timeout);
    // a connection that was never made carried no request: even a POST may be tried again
    const bool not_sent = no_answer && answer.error().what.starts_with(std::string(unreachable) + "connecting to ");
    bool again = (no_answer && safe) || not_sent;
    int retry_after = 0;
    if (answer && answer->refusal) {
      const auto& refusal = *answer->refusal;
      retry_after = refusal.retry_after_seconds;
      again = refusal.code == 429 || (safe && refusal.is_transient());
      if (refusal.code == 401 && !state_->access.token_file.empty() && !token_renewed) {
        token_renewed = true;
        state_->token_was_read = false;
        continue;
      }
    }
    if (!again || attempt >= state_->rules.retries_per_call) co_return answer;
    if (state_->budget == 0) {
      log.warn("retry budget is used up path={}", without_query(call.path));
      co_return answer;
    }
    --state_->budget;
    const auto pause = state_->pause_before(attempt, retry_after);
    co_await sleep_for(pause);
  }
}

asio::awaitable<Result<std::string>> Cluster::get_text(std::string path) {
  Call call;
  call.path = path;
  auto answer = co_await ask(std::move(call));
  const std::string doing = "reading " + std::string(without_query(path));
  if (!answer) co_return std::move(answer).error().during(doing);
  if (answer->refusal) co_return to_error(*answer->refusal, doing);
  co_return std::move(answer->text);
}

asio::awaitable<Result<Json>> Cluster::get(std::string path) {
  auto text = co_await get_text(path);
  if (!text) co_return std::move(text).error();
  auto json = plan::parse_json(*text);
  if (!json) co_return std::move(json).error().during("reading " + std::string(without_query(path)));
  co_return std::move(*json);
}

asio::awaitable<Result<std::optional<Json>>> Cluster::find(std::string path) {
  auto json = co_await get(std::move(path));
  if (json) co_return std::optional<Json>(std::move(*json));
  if (json.error().code == Errc::not_found) co_return std::optional<Json>();
  co_return std::move(json).error();
}

namespace {

asio::awaitable<Result<std::vector<Json>>> list_pages(Cluster& cluster, const Resource& resource, std::string namespace_,
                                                      std::string query, std::string accept) {
  const std::string path = resource.path(namespace_);
  const std::string doing = "listing " + path;
  std::vector<Json> out;
  std::string token;
  int restarts = 0;
  for (std::size_t page = 0; page < max_pages; ++page) {
    Call call;
    call.path = path + "?limit=500";
    call.accept = accept;
    if (!query.empty()) call.path += "&" + query;
    if (!token.empty()) call.path += "&continue=" + net::percent_encode(token);
    auto answer = co_await cluster.ask(std::move(call));
    if (!answer) co_return std::move(answer).error().during(doing);
    if (answer->refusal) {
      if (answer->refusal->code == 410 && ++restarts <= 3) {  // the list took longer than the server remembers
        out.clear();
        token.clear();
        continue;
      }
      co_return to_error(*answer->refusal, doing);
    }
    auto json = plan::parse_json(answer->text);
    if (!json) co_return std::move(json).error().during(doing);
    if (auto items = json->find("items"); items != json->end() && items->is_array()) {
      for (auto& item : *items) {
        if (!item.is_object()) co_return Error{Errc::invalid, doing + ": an item is no object"};
        item.emplace("apiVersion", resource.api_version());
        item.emplace("kind", resource.kind);
        out.push_back(std::move(item));
      }
    }
    token = text_at(*json, "metadata/continue");
    if (token.empty()) co_return out;
  }
  co_return Error{Errc::invalid, doing + ": more than " + std::to_string(max_pages) + " pages"};
}

}  // namespace

asio::awaitable<Result<std::vector<Json>>> Cluster::list(const Resource& resource, std::string namespace_, std::string query) {
  return list_pages(*this, resource, std::move(namespace_), std::move(query), {});
}

asio::awaitable<Result<std::vector<Json>>> Cluster::list_metadata(const Resource& resource, std::string namespace_,
                                                                  std::string query) {
  return list_pages(*this, resource, std::move(namespace_), std::move(query), std::string(metadata_only));
}

asio::awaitable<Result<std::string>> Cluster::watch(const Resource& resource, std::string namespace_, std::string query,
                                                    std::string resource_version, int seconds, OnEvent event) {
  const std::string doing = "watching " + resource.path(namespace_);
  net::Request request;
  request.url = state_->access.server + resource.path(namespace_) +
                "?watch=1&allowWatchBookmarks=true&timeoutSeconds=" + std::to_string(seconds) +
                "&resourceVersion=" + net::percent_encode(resource_version);
  if (!query.empty()) request.url += "&" + query;
  request.headers.push_back({"Accept", "application/json"});
  auto bearer = state_->token();
  if (!bearer) co_return std::move(bearer).error();
  if (!bearer->empty()) request.headers.push_back({"Authorization", "Bearer " + *bearer});
  net::Limits limits;
  limits.connect = state_->rules.connect_limit;
  limits.total = milliseconds(0);
  limits.idle = std::chrono::seconds(seconds + 30);
  limits.body_bytes = std::size_t{1} << 30;
  constexpr std::size_t max_line = std::size_t{8} << 20;

  bool stopped = false;
  std::string line;
  std::string& last = resource_version;
  net::BodySink sink = [&](std::string_view piece) -> Result<> {
    line += piece;
    for (auto end = line.find('\n'); end != std::string::npos; end = line.find('\n')) {
      auto json = plan::parse_json(std::string_view(line).substr(0, end));
      line.erase(0, end + 1);
      if (!json) return std::move(json).error();
      const auto type = text_at(*json, "type");
      const Json* object = plan::find(*json, "object");
      if (!object) return Error{Errc::invalid, "an event without an object"};
      if (type == "ERROR") {
        const auto code = static_cast<int>(plan::int_at(*object, "code", 500));
        return to_error(read_refusal(code, plan::to_text(*object)), "watch");
      }
      if (auto version = text_at(*object, "metadata/resourceVersion"); !version.empty()) last = std::move(version);
      if (type != "BOOKMARK" && !event(type, *object)) {
        stopped = true;
        return Error{Errc::cancelled, "stopped"};
      }
    }
    if (line.size() > max_line) return Error{Errc::invalid, "an event larger than 8 MiB"};
    return {};
  };
  auto response = co_await state_->client->send(std::move(request), limits, std::move(sink));
  if (stopped) co_return last;
  if (!response) co_return std::move(response).error().during(doing);
  auto answer = to_answer(std::move(*response));
  if (answer.refusal) co_return to_error(*answer.refusal, doing);
  co_return last;
}

asio::awaitable<Result<const std::string*>> Cluster::State::discover(std::string path, Cached& cache, bool& is_aggregated) {
  Call call;
  call.path = path;
  call.accept = aggregated;
  call.if_none_match = cache.etag;
  Result<Answer> answer = Error{};
  for (int attempt = 0;; ++attempt) {
    answer = co_await send_once(call);
    const bool no_answer = !answer && (answer.error().code == Errc::unavailable || answer.error().code == Errc::timeout);
    const bool transient = answer && answer->refusal && answer->refusal->is_transient();
    if ((!no_answer && !transient) || attempt >= rules.retries_per_call || budget == 0) break;
    --budget;
    const auto pause = pause_before(attempt, answer ? answer->refusal->retry_after_seconds : 0);
    co_await sleep_for(pause);
  }
  const std::string doing = "reading what the API server serves (" + path + ")";
  if (!answer) co_return std::move(answer).error().during(doing);
  if (answer->refusal) co_return to_error(*answer->refusal, doing);
  if (answer->status != 304) {
    is_aggregated = answer->content_type.find("APIGroupDiscoveryList") != std::string::npos;
    cache.etag = is_aggregated ? answer->etag : std::string();
    cache.text = std::move(answer->text);
  } else {
    is_aggregated = true;
  }
  co_return &cache.text;
}

namespace {

/// The group/versions that a legacy /api or /apis names, preferred ones first.
std::vector<std::string> legacy_versions(const Json& list) {
  std::vector<std::string> out;
  if (const Json* versions = plan::find(list, "versions"); versions && versions->is_array()) {
    for (const auto& version : *versions) {
      if (version.is_string()) out.push_back(version.get<std::string>());
    }
  }
  if (const Json* groups = plan::find(list, "groups"); groups && groups->is_array()) {
    for (const auto& group : *groups) {
      const auto preferred = text_at(group, "preferredVersion/groupVersion");
      if (!preferred.empty()) out.push_back(preferred);
      const Json* versions = plan::find(group, "versions");
      if (!versions || !versions->is_array()) continue;
      for (const auto& version : *versions) {
        if (auto name = text_at(version, "groupVersion"); !name.empty() && name != preferred) out.push_back(std::move(name));
      }
    }
  }
  return out;
}

}  // namespace

asio::awaitable<Result<std::shared_ptr<const Discovery>>> Cluster::discovery() {
  if (state_->discovery) co_return state_->discovery;
  std::array<Result<const std::string*>, 2> texts{Error{}, Error{}};
  std::array<bool, 2> is_aggregated{};
  auto read = [&](std::size_t i) -> asio::awaitable<Result<>> {
    texts[i] = co_await state_->discover(i == 0 ? "/api" : "/apis", i == 0 ? state_->api : state_->apis, is_aggregated[i]);
    if (!texts[i]) co_return std::move(texts[i]).error();
    co_return Result<>();
  };
  std::function<asio::awaitable<Result<>>(std::size_t)> work = read;
  auto done = co_await in_parallel(2, 2, work);
  if (!done) co_return std::move(done).error();
  Discovery found;
  for (std::size_t i = 0; i < 2; ++i) {
    auto json = plan::parse_json(**texts[i]);
    if (!json) co_return std::move(json).error().during("reading what the API server serves");
    if (is_aggregated[i]) {
      auto added = found.add_aggregated(*json);
      if (!added) co_return std::move(added).error();
      continue;
    }
    for (const auto& version : legacy_versions(*json)) {
      auto list = co_await get((i == 0 ? "/api/" : "/apis/") + version);
      // one aggregated API whose server is down must not hide all others
      if (!list && list.error().code == Errc::unavailable) continue;
      if (!list) co_return std::move(list).error();
      auto added = found.add_legacy(*list);
      if (!added) co_return std::move(added).error();
    }
  }
  state_->discovery = std::make_shared<const Discovery>(std::move(found));
  co_return state_->discovery;
}

void Cluster::forget_discovery() { state_->discovery.reset(); }

static Error no_kubernetes(const Access& access, std::string_view found) {
  return {Errc::invalid, access.server + " does not answer as a Kubernetes API server: " + std::string(found)};
}

asio::awaitable<Result<std::string>> Cluster::version() {
  auto json = co_await get("/version");
  if (!json) co_return std::move(json).error();
  std::string version = text_at(*json, "gitVersion");
  if (version.empty()) co_return no_kubernetes(access(), "/version names no gitVersion");
  co_return version;
}

asio::awaitable<Result<ClusterIdentity>> Cluster::identity() {
  auto json = co_await get("/api/v1/namespaces/kube-system");
  if (!json) co_return std::move(json).error().during("telling which cluster this is");
  ClusterIdentity out;
  out.uid = text_at(*json, "metadata/uid");
  if (out.uid.empty()) co_return no_kubernetes(access(), "the namespace kube-system has no uid");
  if (!state_->access.tls.ca_pem.empty()) out.ca_sha256 = to_hex(sha256(state_->access.tls.ca_pem));
  co_return out;
}

}  // namespace sluice::kube
