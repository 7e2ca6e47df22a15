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

/// Takes out what stands between `marker` and the last of ": " behind it: `Invalid value: "hunter2": must be ...`.
void hide_after(std::string& text, std::string_view marker) {
  for (std::size_t at = text.find(marker); at != std::string::npos; at = text.find(marker, at)) {
    at += marker.size();
    // the message of one cause ends before the next one begins
    const auto next = text.find(marker, at);
    const auto end = next == std::string::npos ? text.size() : text.rfind(", ", next);
    const auto tail = text.rfind(": ", end == std::string::npos ? next : end);
    if (tail == std::string::npos || tail < at) {
      text.replace(at, (end == std::string::npos ? text.size() : std::max(end, at)) - at, "(hidden)");
    } else {
      text.replace(at, tail - at, "(hidden)");
    }
  }
}

/// Cuts the text where the server begins to quote what it was sent.
void cut_at(std::string& text, std::string_view marker) {
  if (const auto at = text.find(marker); at != std::string::npos) text = text.substr(0, at) + std::string(marker) + " (hidden)";
}

}  // namespace

std::string redact(std::string_view message) {
  std::string out(message.substr(0, 64 * 1024));
  for (const std::string_view marker : {"Invalid value: ", "Duplicate value: ", "Unsupported value: "}) {
    hide_after(out, marker);
  }
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
  std::string what = std::string(doing) + ": " + refusal.message;
  if (refusal.code == 401) what = std::string(doing) + ": the API server does not accept the credential (401)";
  if (refusal.reason.empty()) what += " (" + std::to_string(refusal.code) + ")";
  return {code, std::move(what)};
}

}  // namespace sluice::kube
