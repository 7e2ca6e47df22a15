#include "server/http/problem.hpp"

#include "core/base/stable_code.hpp"
#include "server/base/log_text.hpp"

namespace sluice::http {

namespace {
void add(std::string& json, std::string_view name, std::string_view value) {
  if (json.size() > 1) json += ',';
  json.append("\"").append(name).append("\":\"").append(json_escaped(shown(value, 4000))).append("\"");
}
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
  if (const auto code = stable_code(what.message); !code.empty()) {
    what.code = code;
    if (what.message.starts_with(code)) what.message.erase(0, code.size() + 2);
  }
  return what;
}

}  // namespace sluice::http
