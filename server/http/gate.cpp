#include "server/http/gate.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace sluice::http {

namespace {

constexpr std::string_view malformed = "request-malformed";

Refusal bad(std::string_view message) { return {400, malformed, message}; }

constexpr std::array<std::string_view, 7> methods = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};

/// Fields that mean something to us and that two readers could pick differently when repeated.
constexpr std::array<std::string_view, 9> single_fields = {
    "Host",   "Authorization", "Content-Type", "Content-Encoding", "X-Hub-Signature-256", "X-Hub-Signature",
    "Cookie", "Origin",        "Expect"};

bool starts_with_name(std::string_view name, std::string_view start) {
  return name.size() >= start.size() && same_name(name.substr(0, start.size()), start);
}

bool must_be_single(std::string_view name) {
  if (starts_with_name(name, "X-GitHub-")) return true;
  return std::any_of(single_fields.begin(), single_fields.end(), [&](std::string_view each) { return same_name(name, each); });
}

std::size_t count_of(const Request& request, std::string_view name) {
  return static_cast<std::size_t>(std::count_if(request.fields.begin(), request.fields.end(),
                                                [&](const Field& field) { return same_name(field.name, name); }));
}

std::optional<Refusal> check_repeats(const Request& request) {
  const auto& fields = request.fields;
  for (auto field = fields.begin(); field != fields.end(); ++field) {
    if (!must_be_single(field->name)) continue;
    if (std::any_of(std::next(field), fields.end(), [&](const Field& other) { return same_name(other.name, field->name); }))
      return bad("a header field that must be single is repeated");
  }
  const auto host = request.field("Host");
  if (!host || host->empty()) return bad("the Host field is missing");
  return std::nullopt;
}

std::optional<Refusal> check_framing(const Request& request, int version, Framing& framing) {
  const auto lengths = count_of(request, "Content-Length");
  const auto encodings = count_of(request, "Transfer-Encoding");
  if (encodings > 0 && version < 11) return bad("Transfer-Encoding needs HTTP/1.1");
  if (encodings > 0 && lengths > 0) return bad("Transfer-Encoding and Content-Length exclude each other");
  if (lengths > 1) return bad("Content-Length is repeated");
  if (encodings > 1 || (encodings == 1 && !same_name(*request.field("Transfer-Encoding"), "chunked")))
    return bad("Transfer-Encoding must be exactly chunked");
  if (encodings == 1) framing.kind = Framing::Kind::chunked;
  if (lengths == 1) {
    const auto text = *request.field("Content-Length");
    const auto digits = std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (text.empty() || text.size() > 18 || !digits) return bad("Content-Length must be one decimal number");
    std::from_chars(text.data(), text.data() + text.size(), framing.length);
    framing.kind = Framing::Kind::length;
  }
  const bool bodiless = request.method == "GET" || request.method == "HEAD";
  if (bodiless && (encodings > 0 || framing.length > 0)) return bad("this method takes no body");
  if (request.field("Content-Encoding")) return Refusal{415, "unsupported-encoding", "send the body without Content-Encoding"};
  return std::nullopt;
}

bool has_dot_dot(std::string_view path) {
  while (true) {
    const auto end = path.find('/');
    if (path.substr(0, end) == "..") return true;
    if (end == path.npos) return false;
    path.remove_prefix(end + 1);
  }
}

/// Encoded slashes and control bytes are refused even where decoding would be harmless: proxies disagree about them.
bool hides_something(std::string_view path) {
  const auto decoded = percent_decode(path, false);
  if (!decoded) return true;
  if (std::any_of(decoded->begin(), decoded->end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }))
    return true;
  return std::count(decoded->begin(), decoded->end(), '/') != std::count(path.begin(), path.end(), '/') ||
         decoded->find('\\') != std::string::npos || has_dot_dot(*decoded);
}

std::optional<Refusal> check_target(Request& request, const Limits& limits) {
  const std::string_view target = request.target;
  if (target.size() > limits.target_bytes) return Refusal{414, "target-too-long", "the request target is too long"};
  if (target.empty() || target.front() != '/') return bad("the request target must be a path");
  if (std::any_of(target.begin(), target.end(), [](char c) { return c <= 0x20 || c >= 0x7f || c == '#'; }))
    return bad("the request target holds a byte that must be encoded");
  const auto mark = target.find('?');
  const auto path = target.substr(0, mark);
  if (hides_something(path)) return bad("the request target must be a plain path");
  request.path = *percent_decode(path, false);
  if (mark != target.npos) request.query = target.substr(mark + 1);
  return std::nullopt;
}

}  // namespace

std::optional<Refusal> check_bytes(std::string_view head, std::size_t from) {
  for (std::size_t i = from; i < head.size(); ++i) {
    const auto c = static_cast<unsigned char>(head[i]);
    const bool last = i + 1 == head.size();
    if (c == '\r' && !last && head[i + 1] != '\n') return bad("lines must end in CR LF");
    if (c == '\n') {
      if (i == 0 || head[i - 1] != '\r') return bad("lines must end in CR LF");
      if (!last && (head[i + 1] == ' ' || head[i + 1] == '\t')) return bad("header fields must not be folded");
    }
    if ((c < 0x20 && c != '\r' && c != '\n' && c != '\t') || c == 0x7f) return bad("the header holds a control byte");
  }
  return std::nullopt;
}

std::optional<Refusal> check_head(Request& request, int version, const Limits& limits, Framing& framing) {
  if (std::find(methods.begin(), methods.end(), request.method) == methods.end()) return bad("the method is not known");
  if (auto refusal = check_target(request, limits)) return refusal;
  if (request.fields.size() > limits.fields) return bad("there are too many header fields");
  if (auto refusal = check_repeats(request)) return refusal;
  return check_framing(request, version, framing);
}

}  // namespace sluice::http
