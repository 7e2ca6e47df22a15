#include "server/api/requests.hpp"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "core/intake/json.hpp"
#include "server/base/log_text.hpp"

namespace sluice::api {

using nlohmann::json;

namespace {
std::optional<std::int64_t> number_in(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

Error bad(std::string text) { return {Errc::invalid, "request-malformed: " + std::move(text)}; }
}  // namespace

Result<deployment::DeploymentId> id_of(const http::Request& request, std::size_t capture) {
  const auto value = number_in(request.captures.at(capture));
  if (!value || *value <= 0) return Error{Errc::not_found, "not-found: there is no such deployment"};
  return deployment::DeploymentId{*value};
}

Result<json> object_of(const http::Request& request, std::initializer_list<std::string_view> members) {
  if (request.body.empty()) return json::object();
  const std::string_view type = request.field("Content-Type").value_or("");
  if (!http::same_name(type.substr(0, type.find(';')), "application/json"))
    return Error{Errc::unsupported, "send the body as Content-Type: application/json"};
  auto body = intake::read_json(request.body);
  if (!body) return bad(body.error().what);
  if (!body->is_object()) return bad("the body must be a JSON object");
  for (const auto& [name, value] : body->items()) {
    if (std::find(members.begin(), members.end(), name) != members.end()) continue;
    std::string known;
    for (const auto member : members) known += (known.empty() ? "" : ", ") + std::string(member);
    return bad("unknown member \"" + shown(name) + "\"; known are: " + (known.empty() ? "none" : known));
  }
  return body;
}

Result<std::string> text_of(const json& object, std::string_view member, std::size_t limit) {
  const auto found = object.find(member);
  if (found == object.end() || found->is_null()) return std::string();
  if (!found->is_string()) return bad(std::string(member) + ": expected a text");
  auto text = found->get<std::string>();
  if (text.size() > limit) return bad(std::string(member) + ": longer than " + std::to_string(limit) + " bytes");
  return text;
}

Result<std::int64_t> number_parameter(const http::Request& request, std::string_view name, std::int64_t otherwise,
                                      std::int64_t low, std::int64_t high) {
  const auto text = request.parameter(name);
  if (!text || text->empty()) return otherwise;
  const auto value = number_in(*text);
  if (value && *value >= low && *value <= high) return *value;
  return bad(std::string(name) + ": expected a number from " + std::to_string(low) + " to " + std::to_string(high) +
             ", found \"" + shown(*text) + "\"");
}

}  // namespace sluice::api
