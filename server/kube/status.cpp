#include "server/kube/status.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace sluice::kube {

using plan::int_at;
using plan::Json;
using plan::text_at;

namespace {

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

constexpr std::array<std::string_view, 3> value_markers = {"Invalid value: ", "Duplicate value: ", "Unsupported value: "};

/// Where the value that begins at `begin` ends: behind its closing quote, or else before the last ": " of its own cause.
std::size_t end_of_value(const std::string& text, std::size_t begin, std::size_t limit) {
  if (begin < limit && text[begin] == '"') {
    for (std::size_t i = begin + 1; i < limit; ++i) {
      if (text[i] == '\\') {
        ++i;
      } else if (text[i] == '"') {
        return i + 1;
      }
    }
    return limit;
  }
  const auto detail = text.rfind(": ", limit == 0 ? 0 : limit - 1);
  return detail == std::string::npos || detail < begin ? limit : detail;
}

/// Takes out the values in `a: Invalid value: "hunter2": must be ..., b: Duplicate value: "hunter3"`, the last one first.
void hide_values(std::string& text) {
  std::size_t limit = text.size();
  for (;;) {
    std::size_t marker = std::string::npos;
    std::size_t begin = 0;
    for (const auto candidate : value_markers) {
      const auto at = limit < candidate.size() ? std::string::npos : text.rfind(candidate, limit - candidate.size());
      if (at == std::string::npos || (marker != std::string::npos && at < marker)) continue;
      marker = at;
      begin = at + candidate.size();
    }
    if (marker == std::string::npos) return;
    text.replace(begin, end_of_value(text, begin, limit) - begin, "(hidden)");
    // the cause before this one ends before the name of this one's field
    const auto comma = text.rfind(", ", marker);
    limit = comma == std::string::npos ? marker : comma;
  }
}

/// Cuts the text where the server begins to quote what it was sent.
void cut_at(std::string& text, std::string_view marker) {
  if (const auto at = text.find(marker); at != std::string::npos) text = text.substr(0, at) + std::string(marker) + " (hidden)";
}

}  // namespace

std::string redact(std::string_view message) {
  std::string out(message.substr(0, 64 * 1024));
  hide_values(out);
  for (const std::string_view marker : {"error found in #", "bigger context", ", got ", "cannot parse", "unable to parse"})
    cut_at(out, marker);
  for (char& c : out) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  if (out.size() > 600) out = out.substr(0, 600) + "... (+" + std::to_string(out.size() - 600) + ")";
  return out;
}

bool Refusal::namespace_is_terminating() const {
  return std::any_of(causes.begin(), causes.end(), [](const Cause& cause) { return cause.reason == "NamespaceTerminating"; });
}

bool Refusal::is_immutable_field() const {
  if (code != 422) return false;
  static constexpr std::array<std::string_view, 8> fragments = {"field is immutable",
                                                                "updates to statefulset spec for fields other than",
                                                                "pod updates may not change fields other than",
                                                                "may not change once set",
                                                                "spec is immutable after creation",
                                                                "updates to parameters are forbidden",
                                                                "may not be changed in an update",
                                                                "cannot change roleRef"};
  const auto speaks_of_it = [](std::string_view text) {
    return std::any_of(fragments.begin(), fragments.end(), [&](std::string_view fragment) { return contains(text, fragment); });
  };
  const auto is_uid = [](const Cause& cause) { return cause.field == "metadata.uid"; };
  if (std::any_of(causes.begin(), causes.end(), is_uid)) return false;  // the object was replaced, nothing immutable was changed
  return speaks_of_it(message) ||
         std::any_of(causes.begin(), causes.end(), [&](const Cause& cause) { return speaks_of_it(cause.message); });
}

bool Refusal::is_transient() const {
  if (code == 429 || code == 503 || code == 504) return true;
  if (code != 500) return false;
  // a 500 without a reason is a body that the server could not digest: sending it again changes nothing
  return reason == "ServerTimeout" || reason == "Timeout" || contains(message, "failed calling webhook") ||
         contains(message, "conversion webhook for") || contains(message, "etcdserver: leader changed") ||
         contains(message, "raft proposal dropped") || contains(message, "etcdserver: request timed out");
}

Refusal read_refusal(int code, std::string_view body) {
  Refusal out;
  out.code = code;
  const auto json = plan::parse_json(body);
  if (!json || text_at(*json, "kind") != "Status") {
    out.message = redact(body.substr(0, 200));
    if (out.message.empty()) out.message = "no text";
    return out;
  }
  out.reason = text_at(*json, "reason");
  out.message = redact(text_at(*json, "message"));
  out.details_kind = text_at(*json, "details/kind");
  out.details_name = text_at(*json, "details/name");
  out.retry_after_seconds = static_cast<int>(std::clamp(int_at(*json, "details/retryAfterSeconds", 0), 0LL, 60LL));
  if (const Json* causes = plan::find_path(*json, "details/causes"); causes && causes->is_array()) {
    for (const auto& cause : *causes) {
      if (out.causes.size() == 50) break;
      out.causes.push_back({text_at(cause, "reason"), text_at(cause, "field"), redact(text_at(cause, "message"))});
    }
  }
  return out;
}

Error to_error(const Refusal& refusal, std::string_view doing) {
  Errc code = Errc::invalid;
  if (refusal.code == 404) code = Errc::not_found;
  if (refusal.code == 409 || refusal.code == 410) code = Errc::conflict;
  if (refusal.code == 401 || refusal.code == 403) code = Errc::denied;
  if (refusal.is_transient()) code = Errc::unavailable;
  std::string what = std::string(doing) + ": " + (refusal.code == 403 ? "cluster-forbidden: " : "") + refusal.message;
  if (refusal.code == 401) what = std::string(doing) + ": cluster-auth: the API server does not accept the credential";
  if (refusal.reason.empty()) what += " (" + std::to_string(refusal.code) + ")";
  return {code, std::move(what)};
}

}  // namespace sluice::kube
