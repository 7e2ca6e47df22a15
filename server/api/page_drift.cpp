// The page of drift: per environment and release what is no longer as it was deployed.

#include <nlohmann/json.hpp>

#include "server/api/guard.hpp"
#include "server/api/handlers.hpp"
#include "server/api/page_parts.hpp"

namespace sluice::api {

using nlohmann::json;

namespace {

std::string shown(const json& value) {
  if (value.is_null()) return "nothing";
  return value.is_string() ? value.get<std::string>() : value.dump(2, ' ', false, json::error_handler_t::replace);
}

void add_field(Html& out, const json& field) {
  out.raw("<p><code>").text(field.value("path", "")).raw("</code>");
  if (const std::string by = field.value("by", ""); !by.empty()) {
    out.raw(" <span class=\"soft\">changed by ").text(by);
    if (const std::string at = field.value("at", ""); !at.empty()) out.raw(" at ").text(at);
    out.raw("</span>");
  }
  out.raw("</p><pre class=\"del\">deployed  ").text(shown(field["deployed"])).raw("</pre><pre class=\"add\">live      ");
  out.text(shown(field["live"])).raw("</pre>");
}

void add_object(Html& out, const json& object) {
  const bool missing = object.value("state", "") == "missing";
  out.raw("<details open><summary><span class=\"").text(missing ? "tag bad" : "tag warn").raw("\">");
  out.text(missing ? "missing" : "changed").raw("</span> ").text(object.value("kind", "")).raw(" <strong>");
  out.text(object.value("name", "")).raw("</strong> <span class=\"soft\">").text(object.value("namespace", ""));
  out.raw("</span></summary><div class=\"body\">");
  for (const json& note : object["notes"]) out.raw("<p class=\"warn\">").text(shown(note)).raw("</p>");
  for (const json& field : object["fields"]) add_field(out, field);
  if (missing) out.raw("<p class=\"soft\">It was deployed and is not there any more.</p>");
  out.raw("</div></details>");
}

void add_release(Html& out, const json& release) {
  if (release["objects"].empty() && release["notes"].empty()) return;
  out.raw("<h3>").text(release.value("namespace", "") + "/" + release.value("release", "")).raw(" <span class=\"soft\">revision ");
  out.number(release.value("revision", 0)).raw(", ").text(release.value("chart", "")).raw("</span></h3>");
  for (const json& note : release["notes"]) out.raw("<p class=\"warn\">").text(shown(note)).raw("</p>");
  for (const json& object : release["objects"]) add_object(out, object);
}

/// Bringing it back is a deployment like any other: planned, approved, recorded.
void add_repair(Html& out, const json& drift, const std::string& form_token) {
  out.raw("<form method=\"post\" action=\"/deployments/").number(drift["deployment"].get<std::int64_t>());
  out.raw("/decision\"><input type=\"hidden\" name=\"form_token\" value=\"").text(form_token);
  out.raw("\"><div class=\"buttons\"><button name=\"decision\" value=\"rollback\">Plan to bring it back</button></div></form>");
}

Html environment_view(const json& drift, const std::string& form_token) {
  Html out;
  out.raw("<h2>").text(drift.value("environment", "")).raw("</h2>");
  if (drift.contains("error")) {
    out.raw("<p class=\"card bad\" role=\"alert\">").text(drift.value("error", "")).raw("</p>");
    return out;
  }
  const json& summary = drift["summary"];
  const int drifted = summary.value("changed", 0) + summary.value("missing", 0);
  out.raw("<div class=\"card\"><p><strong class=\"").text(drifted == 0 ? "good" : "warn").raw("\">");
  if (drifted == 0) out.raw("No drift");
  if (drifted > 0) out.number(summary.value("changed", 0)).raw(" changed, ").number(summary.value("missing", 0)).raw(" missing");
  out.raw("</strong> <span class=\"soft\">of ").number(summary.value("objects", 0)).raw(" objects in ");
  out.number(summary.value("releases", 0)).text(summary.value("releases", 0) == 1 ? " release" : " releases").raw(", looked at ").text(drift.value("checked", "").substr(11, 8)).raw(" UTC</span></p>");
  for (const json& release : drift["releases"]) add_release(out, release);
  if (drifted > 0 && !form_token.empty() && drift["deployment"].is_number_integer()) add_repair(out, drift, form_token);
  out.raw("</div>");
  return out;
}

}  // namespace

Answer show_drift_page(const World& world, Guard& guard, http::Request request) {
  const std::string person = request.caller->person.name;
  const bool may_repair = has_role(request.caller->person, deployment::Role::operator_);
  const std::string form_token = may_repair ? guard.form_token(request.caller->session) : std::string();
  auto drift = co_await drift_of(world, request);
  if (!drift) co_return page_failure(drift.error());
  Html main;
  main.raw("<h1>Drift</h1>");
  for (const json& each : (*drift)["items"]) main.add(environment_view(each, form_token));
  co_return page_answer(200, "Drift", main, person);
}

}  // namespace sluice::api
