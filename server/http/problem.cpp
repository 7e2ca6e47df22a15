#include "server/http/problem.hpp"

#include <algorithm>
#include <array>

#include "server/base/log_text.hpp"

namespace sluice::http {

namespace {
void add(std::string& json, std::string_view name, std::string_view value) {
  if (json.size() > 1) json += ',';
  json.append("\"").append(name).append("\":\"").append(json_escaped(shown(value, 4000))).append("\"");
}

/// Codes that an Error's text may begin with.
constexpr std::array<std::string_view, 34> known_codes = {"request-malformed",
                                                          "rate-limited",
                                                          "overloaded",
                                                          "storage-full",
                                                          "storage-failed",
                                                          "outcome-unknown",
                                                          "not-authenticated",
                                                          "not-permitted",
                                                          "not-found",
                                                          "conflict",
                                                          "plan-stale",
                                                          "plan-digest-mismatch",
                                                          "approval-expired",
                                                          "approval-used",
                                                          "self-approval",
                                                          "repo-not-allowed",
                                                          "git-unreachable",
                                                          "git-object-mismatch",
                                                          "chart-digest-mismatch",
                                                          "archive-unsafe",
                                                          "path-outside-tree",
                                                          "render-limit",
                                                          "render-crashed",
                                                          "exec-denied",
                                                          "cluster-unreachable",
                                                          "cluster-identity",
                                                          "tls-verify",
                                                          "apply-conflict",
                                                          "apply-rejected",
                                                          "not-ready",
                                                          "poisoned",
                                                          "locked",
                                                          "state-changed",
                                                          "body-too-large"};
}  // namespace

Response problem(const Problem& what) {
  std::string json = "{";
  add(json, "type", "urn:sluice:" + std::string(what.code));
  add(json, "title", reason_phrase(what.status));
  json += ",\"status\":" + std::to_string(what.status);
  add(json, "detail", what.message);
  add(json, "code", what.code);
  add(json, "message", what.message);
  if (!what.hint.empty()) add(json, "hint", what.hint);
  if (!what.where.empty()) add(json, "where", what.where);
  if (!what.request_id.empty()) add(json, "request_id", what.request_id);
  const bool retryable = what.retry_after.count() > 0;
  json += retryable ? ",\"retryable\":true" : ",\"retryable\":false";
  if (retryable) json += ",\"retry_after\":" + std::to_string(what.retry_after.count());
  json += "}\n";

  Response response{.status = what.status, .content_type = "application/problem+json", .body = std::move(json)};
  if (retryable) response.fields.push_back({"Retry-After", std::to_string(what.retry_after.count())});
  return response;
}

std::string_view reason_phrase(int status) {
  switch (status) {
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 303: return "See Other";
    case 304: return "Not Modified";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 406: return "Not Acceptable";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 411: return "Length Required";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 417: return "Expectation Failed";
    case 422: return "Unprocessable Content";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 501: return "Not Implemented";
    case 503: return "Service Unavailable";
    case 505: return "HTTP Version Not Supported";
    default: return status < 500 ? "Error" : "Internal Server Error";
  }
}

Problem problem_of(const Error& error, const Request& request) {
  Problem what{.message = error.what, .request_id = request.id};
  switch (error.code) {
    case Errc::invalid: what.status = 400, what.code = "request-invalid"; break;
    case Errc::not_found: what.status = 404, what.code = "not-found"; break;
    case Errc::conflict: what.status = 409, what.code = "conflict"; break;
    case Errc::denied: what.status = 403, what.code = "not-permitted"; break;
    case Errc::unavailable: what.status = 503, what.code = "overloaded", what.retry_after = std::chrono::seconds(5); break;
    case Errc::timeout: what.status = 503, what.code = "outcome-unknown", what.retry_after = std::chrono::seconds(5); break;
    case Errc::cancelled: what.status = 503, what.code = "outcome-unknown", what.retry_after = std::chrono::seconds(5); break;
    case Errc::unsupported: what.status = 501, what.code = "unsupported"; break;
  }
  const auto colon = what.message.find(": ");
  const auto known = std::find(known_codes.begin(), known_codes.end(), std::string_view(what.message).substr(0, colon));
  if (colon != std::string::npos && known != known_codes.end()) {
    what.code = *known;
    what.message.erase(0, colon + 2);
  }
  return what;
}

}  // namespace sluice::http
