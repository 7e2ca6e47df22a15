#include "server/app/client.hpp"

#include <chrono>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <thread>

#include "server/base/files.hpp"
#include "server/base/random.hpp"
#include "server/net/client.hpp"
#include "server/net/url.hpp"

namespace sluice::app {

using nlohmann::json;

struct Client::State {
  net::BlockingClient http;
  std::string base;
  Secret token;

  Result<net::Response> send(const std::string& method, const std::string& path, const std::string& accept,
                             const std::string& body) {
    net::Request request{.method = method, .url = base + path, .body = body};
    request.headers = {{"Authorization", "Bearer " + token.reveal()}, {"Accept", accept}};
    if (!body.empty()) request.headers.push_back({"Content-Type", "application/json"});
    if (method == "POST") request.headers.push_back({"Idempotency-Key", random_hex(16)});
    return http.send(std::move(request), net::Limits{});
  }
};

namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : value;
}

Errc code_of(int status) {
  if (status == 401 || status == 403) return Errc::denied;
  if (status == 404) return Errc::not_found;
  if (status == 409) return Errc::conflict;
  return status >= 500 || status == 429 ? Errc::unavailable : Errc::invalid;
}

Error problem_in(const net::Response& response) {
  const auto body = json::parse(response.body, nullptr, false);
  if (!body.is_object() || !body.contains("message"))
    return {code_of(response.status), "the daemon answered " + std::to_string(response.status)};
  std::string text = body.value("code", "error") + ": " + body.value("message", "");
  if (body.contains("hint")) text += " (" + body.value("hint", "") + ")";
  return {code_of(response.status), std::move(text)};
}

bool is_this_machine(const std::string& host) {
  return host == "localhost" || host == "127.0.0.1" || host == "::1" || host == "[::1]";
}

/// Takes the lines of an event stream apart.
class EventReader {
 public:
  explicit EventReader(std::function<void(const json&)> tell) : tell_(std::move(tell)) {}
  std::string last_id = "0";
  bool ended = false;

  void take(std::string_view piece) {
    rest_ += piece;
    for (auto end = rest_.find('\n'); end != std::string::npos; end = rest_.find('\n')) {
      line(rest_.substr(0, end));
      rest_.erase(0, end + 1);
    }
  }

 private:
  void line(const std::string& text) {
    if (text.starts_with("id: ")) last_id = text.substr(4);
    if (text == "event: end") ended = true;
    if (!text.starts_with("data: ") || ended) return;
    const auto data = json::parse(text.substr(6), nullptr, false);
    if (data.is_object()) tell_(data);
  }
  std::function<void(const json&)> tell_;
  std::string rest_;
};

}  // namespace

Result<Client> Client::from_environment() {
  std::string base = environment("SLUICE_URL");
  if (base.empty())
    return Error{Errc::invalid, "SLUICE_URL is not set: expected the address of the daemon, such as https://deploy.example.org"};
  while (base.ends_with('/')) base.pop_back();
  const std::string token = environment("SLUICE_TOKEN");
  if (token.empty()) return Error{Errc::invalid, "SLUICE_TOKEN is not set: expected a token made with `sluice token create`"};
  auto url = net::parse_url(base);
  if (!url) return std::move(url).error().during("SLUICE_URL");
  net::ClientOptions options;
  if (!url->https) {
    if (!is_this_machine(url->host))
      return Error{Errc::invalid, "SLUICE_URL: the token would travel in clear; use https, or http on this machine only"};
    options.plain_http = true;
  }
  if (const auto file = environment("SLUICE_CA"); !file.empty()) {
    auto pem = read_file(file, std::size_t{1} << 20);
    if (!pem) return std::move(pem).error().during("SLUICE_CA");
    options.tls.ca_pem = std::move(*pem);
  }
  auto http = net::BlockingClient::make(std::move(options));
  if (!http) return std::move(http).error();
  return Client(std::unique_ptr<State>(new State{std::move(*http), std::move(base), Secret(token)}));
}

Client::Client(std::unique_ptr<State> state) : state_(std::move(state)) {}
Client::~Client() = default;
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;

Result<json> Client::get(const std::string& path) {
  auto response = state_->send("GET", path, "application/json", "");
  if (!response) return std::move(response).error();
  if (response->status / 100 != 2) return problem_in(*response);
  return json::parse(response->body, nullptr, false);
}

Result<json> Client::post(const std::string& path, const json& body) {
  auto response = state_->send("POST", path, "application/json", body.dump());
  if (!response) return std::move(response).error();
  if (response->status / 100 != 2) return problem_in(*response);
  return json::parse(response->body, nullptr, false);
}

Result<std::string> Client::get_text(const std::string& path) {
  auto response = state_->send("GET", path, "text/plain", "");
  if (!response) return std::move(response).error();
  if (response->status / 100 != 2) return problem_in(*response);
  return std::move(response->body);
}

Result<> Client::follow(const std::string& path, std::function<void(const json&)> tell) {
  EventReader reader(std::move(tell));
  net::Limits limits;
  limits.total = std::chrono::milliseconds(0);
  limits.idle = std::chrono::seconds(40);  // the daemon says that it is still there every 15 s
  limits.body_bytes = std::size_t{1} << 40;
  constexpr int attempts = 10;
  for (int failures = 0; !reader.ended;) {
    net::Request request{.method = "GET", .url = state_->base + path};
    request.headers = {{"Authorization", "Bearer " + state_->token.reveal()},
                       {"Accept", "text/event-stream"},
                       {"Last-Event-ID", reader.last_id}};
    const std::string before = reader.last_id;
    auto response = state_->http.send(std::move(request), limits, [&reader](std::string_view piece) -> Result<> {
      reader.take(piece);
      return {};
    });
    if (response && response->status / 100 != 2) return problem_in(*response);
    if (reader.ended) break;
    failures = response || reader.last_id != before ? 0 : failures + 1;
    if (failures >= attempts) return std::move(response).error();
    std::this_thread::sleep_for(std::chrono::seconds(1));
  }
  return {};
}

}  // namespace sluice::app
