#include "server/notify/github.hpp"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "core/deployment/state.hpp"

namespace sluice::notify {

using Json = nlohmann::json;
using store::State;

namespace {

constexpr std::size_t longest_description = 140;

struct Words {
  const char* status;      ///< of the commit
  const char* deployment;  ///< of the deployment
  const char* description;
  bool with_reason = false;
};

std::optional<Words> words_of(State state) {
  switch (state) {
    case State::planning: return Words{"pending", "pending", "planning"};
    case State::waiting_for_image: return Words{"pending", "pending", "waiting for the image"};
    case State::awaiting_approval: return Words{"pending", "pending", "waiting for approval"};
    case State::approved: return Words{"pending", "queued", "approved"};
    case State::deploying: return Words{"pending", "in_progress", "deploying"};
    case State::succeeded: return Words{"success", "success", "deployed"};
    case State::no_changes: return Words{"success", "success", "nothing to change"};
    case State::failed: return Words{"failure", "failure", "failed", true};
    case State::rolled_back: return Words{"failure", "failure", "rolled back", true};
    case State::rejected: return Words{"failure", "failure", "rejected", true};
    case State::expired: return Words{"failure", "failure", "the approval did not come in time"};
    case State::superseded: return Words{"error", "inactive", "superseded", true};
    case State::cancelled: return Words{"error", "inactive", "cancelled", true};
    case State::plan_failed: return Words{"error", "error", "could not be planned", true};
    case State::poisoned: return Words{"error", "error", "set aside", true};
    case State::received:
    case State::verifying:
    case State::interrupted: break;
  }
  return std::nullopt;
}

/// The first line, as much of it as GitHub takes.
std::string shortened(std::string text) {
  text = text.substr(0, text.find('\n'));
  if (text.size() <= longest_description) return text;
  const std::string dots = "…";
  std::size_t end = longest_description - dots.size();
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end) + dots;
}

bool is_commit(const std::string& text) {
  return text.size() == 40 && std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

std::string dumped(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

/// For a query: environments' names may hold anything.
std::string escaped(const std::string& text) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' || c == '~';
    if (plain) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += {'%', digits[byte >> 4], digits[byte & 15]};
    }
  }
  return out;
}

std::int64_t number_in(std::string_view text) {
  std::int64_t number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  return read.ec == std::errc() ? number : 0;
}

}  // namespace

std::optional<std::string> github_body(const store::Deployment& one, State state, const std::string& reason, const std::string& public_url) {
  const auto words = words_of(state);
  if (!words || !is_commit(one.commit)) return std::nullopt;
  const bool told = words->with_reason && !reason.empty();
  return dumped({{"id", one.id.value},
                 {"repository", one.repository},
                 {"environment", one.environment},
                 {"commit", one.commit},
                 {"plan", one.digest},
                 {"status", words->status},
                 {"deployment", words->deployment},
                 {"description", shortened(words->description + (told ? ": " + reason : std::string()))},
                 {"url", public_url.empty() ? "" : public_url + "/deployments/" + std::to_string(one.id.value)}});
}

Result<GithubRequests> GithubRequests::of(const std::string& body, std::string api, const Secret& token) {
  const Json about = Json::parse(body, nullptr, false);
  if (!about.is_object() || !about.contains("commit")) return Error{Errc::invalid, "the message is not one of ours"};
  const auto text = [&about](const char* key) { return about.value(key, ""); };
  GithubRequests made;
  made.about_ = {"sluice-" + std::to_string(about.value("id", std::int64_t{0})), text("repository"), text("environment"), text("commit"), text("plan"),
                 text("status"), text("deployment"), text("description"), text("url")};
  while (api.ends_with('/')) api.pop_back();
  made.api_ = std::move(api);
  made.authorization_ = "Bearer " + token.reveal();
  return made;
}

net::Request GithubRequests::request(std::string method, const std::string& path, std::string body) const {
  net::Request made;
  made.method = std::move(method);
  made.url = api_ + "/repos/" + about_.repository + path;
  made.headers = {{"Accept", "application/vnd.github+json"}, {"X-GitHub-Api-Version", "2022-11-28"}, {"Authorization", authorization_}};
  if (!body.empty()) made.headers.push_back({"Content-Type", "application/json"});
  made.body = std::move(body);
  return made;
}

net::Request GithubRequests::commit_status() const {
  Json body{{"state", about_.status}, {"context", "sluice/" + about_.environment}, {"description", about_.description}};
  if (!about_.url.empty()) body["target_url"] = about_.url;
  return request("POST", "/statuses/" + about_.commit, dumped(body));
}

net::Request GithubRequests::deployments() const {
  return request("GET", "/deployments?task=deploy&per_page=100&sha=" + about_.commit + "&environment=" + escaped(about_.environment), "");
}

Result<std::string> GithubRequests::find_ours(const std::string& answer) const {
  const Json list = Json::parse(answer, nullptr, false);
  if (!list.is_array()) return Error{Errc::invalid, "GitHub's list of deployments is no list"};
  for (const Json& one : list) {
    if (!one.is_object() || !one.contains("payload")) continue;
    // GitHub gives the payload back as an object or as its text
    const Json payload = one["payload"].is_string() ? Json::parse(one["payload"].get<std::string>(), nullptr, false) : one["payload"];
    if (payload.is_object() && payload.value("sluice_id", "") == about_.sluice_id) return id_of(dumped(one));
  }
  return std::string();
}

net::Request GithubRequests::create_deployment() const {
  // without these two GitHub would merge into the ref, or wait for our own pending status
  return request("POST", "/deployments",
                 dumped({{"ref", about_.commit},
                         {"task", "deploy"},
                         {"auto_merge", false},
                         {"required_contexts", Json::array()},
                         {"environment", about_.environment},
                         {"payload", {{"sluice_id", about_.sluice_id}, {"plan", about_.plan}}}}));
}

Result<std::string> GithubRequests::id_of(const std::string& answer) {
  const Json object = Json::parse(answer, nullptr, false);
  const bool has_id = object.is_object() && object.contains("id") && object["id"].is_number_integer();
  if (!has_id) return Error{Errc::invalid, "GitHub's answer has no id of a deployment"};
  return std::to_string(object["id"].get<std::int64_t>());
}

net::Request GithubRequests::deployment_status(const std::string& id) const {
  Json body{{"state", about_.deployment}, {"description", about_.description}, {"environment", about_.environment}};
  if (!about_.url.empty()) body["log_url"] = about_.url;
  return request("POST", "/deployments/" + id + "/statuses", dumped(body));
}

GithubRefusal refusal_of(const net::Response& answer, std::chrono::seconds unix_now) {
  const Json body = Json::parse(answer.body, nullptr, false);
  const std::string said = body.is_object() ? body.value("message", "").substr(0, 200) : "";
  const std::string what = "GitHub answered " + std::to_string(answer.status) + (said.empty() ? "" : ": " + said);
  const std::chrono::seconds retry_after(number_in(answer.header("retry-after")));
  const bool used_up = answer.header("x-ratelimit-remaining") == "0";
  const bool limited = answer.status == 429 || (answer.status == 403 && (retry_after.count() > 0 || used_up || said.find("rate limit") != std::string::npos));
  if (limited) {
    std::chrono::seconds pause = std::max(retry_after, std::chrono::seconds(60));
    if (used_up) pause = std::max(pause, std::chrono::seconds(number_in(answer.header("x-ratelimit-reset"))) - unix_now);
    return {{Errc::unavailable, what}, std::clamp(pause, std::chrono::seconds(60), std::chrono::seconds(3 * 3600))};
  }
  if (answer.status >= 500 || answer.status == 408) return {{Errc::unavailable, what}};
  return {{Errc::denied, what}};
}

}  // namespace sluice::notify
