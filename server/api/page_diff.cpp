#include <nlohmann/json.hpp>

#include "server/api/answers.hpp"
#include "server/api/page_parts.hpp"

namespace sluice::api {

using nlohmann::json;

namespace {

constexpr std::size_t shown_inline = std::size_t{1} << 20;

std::string text_at(const json& object, const char* name) {
  if (!object.is_object()) return {};
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

json list_at(const json& object, const char* name) {
  if (!object.is_object()) return json::array();
  const auto found = object.find(name);
  return found != object.end() && found->is_array() ? *found : json::array();
}

/// Each line of a value behind its sign.
std::string signed_lines(const json& value, char sign) {
  const std::string text =
      value.is_string() ? value.get<std::string>() : value.dump(2, ' ', false, json::error_handler_t::replace);
  std::string out;
  std::size_t at = 0;
  while (true) {
    const auto end = text.find('\n', at);
    out.append(1, sign).append(" ").append(text, at, end == std::string::npos ? std::string::npos : end - at).append("\n");
    if (end == std::string::npos || end + 1 == text.size()) return out;
    at = end + 1;
  }
}

void add_value(Html& out, const json& object, const char* member, char sign) {
  const auto found = object.find(member);
  if (found == object.end() || found->is_null()) return;
  if (sign == '+')
    out.raw("<pre class=\"add\">");
  else
    out.raw("<pre class=\"del\">");
  out.text(signed_lines(*found, sign)).raw("</pre>");
}

std::string_view action_mark(const std::string& action) {
  if (action == "create") return "tag good";
  if (action == "delete" || action == "remove" || action == "replace") return "tag bad";
  return "tag warn";
}

void add_object(Html& out, const json& object) {
  const std::string action = text_at(object, "action");
  out.raw("<details><summary><span class=\"").text(action_mark(action)).raw("\">").text(action).raw("</span> ");
  out.text(text_at(object, "kind")).raw(" <strong>").text(text_at(object, "name")).raw("</strong> <span class=\"soft\">");
  out.text(text_at(object, "namespace")).raw("</span></summary><div class=\"body\">");
  for (const auto& note : list_at(object, "notes"))
    if (note.is_string()) out.raw("<p class=\"warn\">").text(note.get<std::string>()).raw("</p>");
  const auto changes = list_at(object, "changes");
  for (const auto& change : changes) {
    if (!change.is_object()) continue;
    out.raw("<div><code>").text(text_at(change, "path")).raw("</code>");
    if (const auto cause = text_at(change, "cause"); cause == "drift" || cause == "server") {
      out.raw(" <span class=\"warn\">").text(cause == "drift" ? "changed in the cluster" : "added by the server");
      if (const auto by = text_at(change, "by"); !by.empty()) out.raw(" by ").text(by);
      if (const auto at = text_at(change, "at"); !at.empty()) out.raw(" at ").text(at);
      out.raw("</span>");
    }
    out.raw("</div>");
    add_value(out, change, "before", '-');
    add_value(out, change, "after", '+');
  }
  if (changes.empty()) {
    add_value(out, object, "before", '-');
    add_value(out, object, "after", '+');
  }
  out.raw("</div></details>");
}

}  // namespace

Html plan_counts(const store::Plan& plan) {
  const json summary = parsed(plan.summary);
  const json diff = parsed(plan.diff_json);
  const json* counts = nullptr;
  for (const auto* each : {&diff, &summary}) {
    const auto found = each->is_object() ? each->find("summary") : each->end();
    if (each->is_object() && found != each->end() && found->is_object() && counts == nullptr) counts = &*found;
  }
  Html out;
  out.raw("<p>");
  bool any = false;
  for (const char* name : {"delete", "replace", "update", "create", "unchanged"}) {
    const auto count = counts == nullptr || !counts->contains(name) || !(*counts)[name].is_number_integer()
                           ? 0
                           : (*counts)[name].get<std::int64_t>();
    if (count == 0) continue;
    if (any) out.raw(" · ");
    any = true;
    out.raw("<strong>").number(count).raw("</strong> ").text(name);
  }
  out.raw("</p>");
  for (const auto& loss : list_at(diff, "data_losses"))
    if (loss.is_string()) out.raw("<p class=\"bad\">May lose data: ").text(loss.get<std::string>()).raw("</p>");
  return out;
}

Html diff_view(const store::Plan& plan, std::string_view full_diff) {
  Html out;
  bool cut = false;
  const json diff = parsed(plan.diff_json);
  const json releases = list_at(diff, "releases");
  for (const auto& release : releases) {
    if (!release.is_object()) continue;
    out.raw("<details open><summary><strong>").text(text_at(release, "release")).raw("</strong> ");
    out.text(text_at(release, "operation")).raw(" <span class=\"soft\">").text(text_at(release, "namespace")).raw(" ");
    out.text(text_at(release, "chart")).raw("</span></summary>");
    for (const auto& command : list_at(release, "commands")) {
      if (command.is_string()) out.raw("<div class=\"body\">Runs at ").text(command.get<std::string>()).raw("</div>");
    }
    std::int64_t unchanged = 0;
    for (const auto& object : list_at(release, "objects")) {
      if (!object.is_object()) continue;
      if (text_at(object, "action") == "unchanged")
        ++unchanged;
      else if (out.size() > shown_inline)
        cut = true;
      else
        add_object(out, object);
    }
    if (unchanged > 0) out.raw("<div class=\"body soft\">").number(unchanged).raw(" unchanged</div>");
    out.raw("</details>");
  }
  if (releases.empty() && !plan.diff_text.empty()) {
    const auto fits = std::string_view(plan.diff_text).substr(0, shown_inline);
    cut = fits.size() < plan.diff_text.size();
    out.raw("<pre>").text(fits).raw("</pre>");
  }
  if (cut) out.raw("<p class=\"bad\">This is not all of it. Read the rest before you decide:</p>");
  out.raw("<p><a href=\"").text(full_diff).raw("\">The whole diff as text</a></p>");
  return out;
}

}  // namespace sluice::api
