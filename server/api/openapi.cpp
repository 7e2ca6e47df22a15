#include "server/api/openapi.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/base/version.hpp"

namespace sluice::api {

using nlohmann::json;

namespace {

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text;
}

json parameters_of(const std::string& pattern) {
  json all = json::array();
  for (auto open = pattern.find('{'); open != std::string::npos; open = pattern.find('{', open + 1)) {
    const auto name = pattern.substr(open + 1, pattern.find('}', open) - open - 1);
    const json schema = name == "id" ? json{{"type", "integer"}, {"minimum", 1}} : json{{"type", "string"}};
    all.push_back({{"name", name}, {"in", "path"}, {"required", true}, {"schema", schema}});
  }
  if (pattern == "/api/v1/deployments") {
    for (const char* name : {"environment", "repository", "state", "cursor"})
      all.push_back({{"name", name}, {"in", "query"}, {"required", false}, {"schema", {{"type", "string"}}}});
    all.push_back({{"name", "limit"},
                   {"in", "query"},
                   {"required", false},
                   {"schema", {{"type", "integer"}, {"minimum", 1}, {"maximum", 200}}}});
  }
  return all;
}

json body_of(std::string text) {
  json properties = json::object();
  json required = json::array();
  while (!text.empty()) {
    const auto end = text.find(", ");
    std::string name = text.substr(0, end);
    text = end == std::string::npos ? std::string() : text.substr(end + 2);
    const bool must = name.ends_with('!');
    if (must) name.pop_back();
    const bool list = name.ends_with("[]");
    if (list) name.resize(name.size() - 2);
    if (must) required.push_back(name);
    properties[name] = list ? json{{"type", "array"}, {"items", {{"type", "string"}}}} : json{{"type", "string"}};
  }
  const json schema = {{"type", "object"}, {"properties", properties}, {"required", required}, {"additionalProperties", false}};
  return {{"required", !required.empty()}, {"content", {{"application/json", {{"schema", schema}}}}}};
}

json responses_of(const http::Route& route) {
  const json problem = {{"description", "a problem object"},
                        {"content", {{"application/problem+json", {{"schema", {{"$ref", "#/components/schemas/Problem"}}}}}}}};
  json out = {{"2XX", {{"description", "done"}}}, {"4XX", problem}, {"5XX", problem}};
  if (route.access == http::Access::open) out.erase("4XX");
  return out;
}

}  // namespace

std::string openapi_document(const std::vector<http::Route>& routes, const std::vector<RouteText>& texts) {
  json paths = json::object();
  for (const auto& route : routes) {
    const auto text = std::find_if(texts.begin(), texts.end(), [&](const RouteText& each) {
      return each.method == route.method && each.pattern == route.pattern;
    });
    if (text == texts.end()) continue;  // the page is not part of the API
    json operation = {{"summary", text->summary}, {"x-role", http::to_string(route.access)}, {"responses", responses_of(route)}};
    if (auto parameters = parameters_of(route.pattern); !parameters.empty()) operation["parameters"] = std::move(parameters);
    if (!text->body.empty()) operation["requestBody"] = body_of(text->body);
    const bool is_open = route.access == http::Access::open || route.access == http::Access::signed_body;
    operation["security"] = is_open ? json::array() : json::array({{{"token", json::array()}}});
    paths[route.pattern][lower(route.method)] = std::move(operation);
  }
  const json text_type = {{"type", "string"}};
  const json problem = {{"type", "object"},
                        {"required", {"type", "title", "status", "code", "message", "retryable"}},
                        {"properties",
                         {{"type", text_type},
                          {"title", text_type},
                          {"status", {{"type", "integer"}}},
                          {"detail", text_type},
                          {"code", text_type},
                          {"message", text_type},
                          {"hint", text_type},
                          {"where", text_type},
                          {"request_id", text_type},
                          {"retryable", {{"type", "boolean"}}},
                          {"retry_after", {{"type", "integer"}}}}}};
  const json document = {
      {"openapi", "3.1.0"},
      {"info", {{"title", "sluice"}, {"version", version}}},
      {"paths", paths},
      {"components",
       {{"schemas", {{"Problem", problem}}}, {"securitySchemes", {{"token", {{"type", "http"}, {"scheme", "bearer"}}}}}}}};
  return document.dump(2) + "\n";
}

}  // namespace sluice::api
