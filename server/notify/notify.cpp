#include "server/notify/notify.hpp"

#include <nlohmann/json.hpp>

#include "core/deployment/state.hpp"

namespace sluice::notify {

using Json = nlohmann::json;
using store::State;

bool is_worth_telling(State state) {
  switch (state) {
    case State::awaiting_approval:
    case State::plan_failed:
    case State::succeeded:
    case State::failed:
    case State::rolled_back:
    case State::rejected:
    case State::expired:
    case State::interrupted:
    case State::poisoned: return true;
    default: return false;
  }
}

std::string to_body(const store::Deployment& one, State state, const std::string& reason, const std::string& public_url) {
  const Json body{{"id", one.id.value},
                  {"state", deployment::to_string(state)},
                  {"repository", one.repository},
                  {"environment", one.environment},
                  {"commit", one.commit},
                  {"title", one.title},
                  {"reason", reason},
                  {"url", public_url.empty() ? "" : public_url + "/deployments/" + std::to_string(one.id.value)}};
  return body.dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// How a state is said.
static std::string words_of(const std::string& state) {
  if (state == "awaiting_approval") return "waits for approval";
  if (state == "plan_failed") return "could not be planned";
  if (state == "rolled_back") return "failed and was rolled back";
  if (state == "expired") return "was not approved in time";
  if (state == "rejected") return "was rejected";
  if (state == "interrupted") return "was cut off by a restart and is looked into";
  if (state == "poisoned") return "was set aside";
  return state;
}

std::string to_sentence(const std::string& body) {
  const Json about = Json::parse(body, nullptr, false);
  if (!about.is_object()) return {};
  std::string text = about.value("environment", "") + ": deployment " + std::to_string(about.value("id", std::int64_t{0})) + " of " +
                     about.value("repository", "") + " " + words_of(about.value("state", ""));
  if (const std::string title = about.value("title", ""); !title.empty()) text += ": " + title;
  if (const std::string reason = about.value("reason", ""); !reason.empty()) text += " (" + reason.substr(0, 300) + ")";
  return text;
}

/// A header's value: one line of printable ASCII.
static std::string header_text(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) > 0x7e) c = '?';
  }
  return text;
}

Result<net::Request> to_request(const std::string& body, const std::string& format, const std::string& url) {
  const Json about = Json::parse(body, nullptr, false);
  if (!about.is_object()) return Error{Errc::invalid, "the message is not one of ours"};
  net::Request request;
  request.method = "POST";
  request.url = url;
  if (format == "ntfy") {
    request.headers = {{"Content-Type", "text/plain; charset=utf-8"},
                       {"Title", header_text(about.value("environment", "") + ": " + words_of(about.value("state", "")))}};
    if (const std::string page = about.value("url", ""); !page.empty()) request.headers.push_back({"Click", header_text(page)});
    request.body = to_sentence(body);
  } else {
    request.headers = {{"Content-Type", "application/json"}};
    const std::string page = about.value("url", "");
    const Json slack{{"text", to_sentence(body) + (page.empty() ? "" : " " + page)}};
    request.body = format == "slack" ? slack.dump(-1, ' ', false, Json::error_handler_t::replace) : body;
  }
  return request;
}

}  // namespace sluice::notify
