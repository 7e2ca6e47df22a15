#include "server/api/answers.hpp"

#include <nlohmann/json.hpp>

#include "core/base/stable_code.hpp"
#include "server/http/problem.hpp"

namespace sluice::api {

using nlohmann::json;

std::string dumped(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

http::Response json_answer(int status, const json& body) {
  return {.status = status, .content_type = "application/json", .body = dumped(body) + "\n"};
}

http::Response failed(const Error& error, const http::Request& request) {
  auto what = http::problem_of(error, request);
  if (error.code == Errc::unsupported) what.status = 415, what.code = "unsupported-media-type";
  return problem(what);
}

Error no_such_deployment() { return {Errc::not_found, "not-found: there is no such deployment"}; }

json parsed(const std::string& text) {
  auto value = json::parse(text, nullptr, false);
  return value.is_discarded() ? json() : value;
}

namespace {
json time_or_null(const std::optional<WallTime>& time) { return time ? json(to_rfc3339(*time)) : json(); }
}  // namespace

json to_json(const store::Deployment& one) {
  return {{"id", one.id.value},
          {"state", deployment::to_string(one.state)},
          {"reason", one.reason},
          {"code", stable_code(one.reason)},
          {"final", deployment::is_final(one.state)},
          {"repository", one.repository},
          {"environment", one.environment},
          {"cluster", one.cluster},
          {"ref", one.ref},
          {"commit", one.commit},
          {"title", one.title},
          {"trigger", one.trigger},
          {"initiator", {{"name", one.initiator.name}, {"id", one.initiator.id}}},
          {"origin", one.origin ? json(one.origin->value) : json()},
          {"delivery", one.delivery ? json(one.delivery->value) : json()},
          {"digest", one.digest},
          {"cancel_requested", one.cancel_requested},
          {"created", to_rfc3339(one.created)},
          {"changed", to_rfc3339(one.changed)},
          {"started", time_or_null(one.started)},
          {"finished", time_or_null(one.finished)}};
}

json to_json(const store::Decision& decision) {
  return {{"decision", deployment::to_string(decision.wish)},
          {"by", {{"name", decision.by.name}, {"id", decision.by.id}}},
          {"digest", decision.digest},
          {"comment", decision.comment},
          {"hold", decision.hold},
          {"at", to_rfc3339(decision.at)}};
}

json to_json(const store::Event& event) {
  return {{"sequence", event.sequence}, {"at", to_rfc3339(event.at)}, {"kind", event.kind}, {"text", event.text}};
}

json to_json(const store::EnvironmentLock& lock) {
  return {{"environment", lock.environment}, {"reason", lock.reason}, {"by", lock.by}, {"at", to_rfc3339(lock.at)}};
}

}  // namespace sluice::api
