#include "server/app/release_tables.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <cstdio>
#include <map>

#include "core/plan/yaml_text.hpp"
#include "server/app/client_text.hpp"

namespace sluice::app {

using plan::Json;
using plan::text_at;

namespace {

/// Columns as Helm's table writer lays them out: each as wide as its widest cell, a tab between them.
std::string table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths(rows.front().size(), 0);
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string out;
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i)
      out += (i > 0 ? "\t" : "") + row[i] + std::string(widths[i] - row[i].size(), ' ');
    out += "\n";
  }
  return out;
}

std::string chart_of(const Json& record) {
  const auto name = text_at(record, "chart/metadata/name");
  return name.empty() ? "MISSING" : name + "-" + text_at(record, "chart/metadata/version");
}

std::string revision_of(const Json& record) { return std::to_string(plan::int_at(record, "version", 0)); }

Json history_row(const Json& record) {
  return {{"revision", plan::int_at(record, "version", 0)},
          {"updated", text_at(record, "info/last_deployed")},
          {"status", text_at(record, "info/status")},
          {"chart", chart_of(record)},
          {"app_version", text_at(record, "chart/metadata/appVersion")},
          {"description", text_at(record, "info/description")}};
}

std::string formatted_rows(const std::vector<Json>& records, const std::string& output, Json (*row_of)(const Json&)) {
  Json rows = Json::array();
  for (const auto& record : records) rows.push_back(row_of(record));
  if (output == "json") return plan::to_text(rows) + "\n";
  auto text = formatted(rows, output);
  return text ? *text : std::string();
}

std::string trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  return std::string(text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1));
}

}  // namespace

Result<std::vector<plan::RecordHead>> newest_of(const std::vector<plan::RecordHead>& heads,
                                                const std::vector<std::string>& statuses, const std::string& filter) {
  const re2::RE2 pattern(filter, re2::RE2::Quiet);
  if (!pattern.ok()) return Error{Errc::invalid, "--filter: " + pattern.error()};
  std::map<std::pair<std::string, std::string>, plan::RecordHead> newest;
  for (const auto& head : heads) {
    auto& best = newest[{head.name, head.namespace_}];
    if (head.revision > best.revision) best = head;
  }
  std::vector<plan::RecordHead> out;
  for (auto& [key, head] : newest) {
    const std::string status = plan::is_pending(head.status) ? "pending" : head.status;
    const bool wanted = statuses.empty() || std::find(statuses.begin(), statuses.end(), status) != statuses.end();
    if (wanted && re2::RE2::PartialMatch(head.name, pattern)) out.push_back(std::move(head));
  }
  return out;
}

Json list_row(const Json& record) {
  return {{"name", text_at(record, "name")},
          {"namespace", text_at(record, "namespace")},
          {"revision", revision_of(record)},
          {"updated", go_time(text_at(record, "info/last_deployed"))},
          {"status", text_at(record, "info/status")},
          {"chart", chart_of(record)},
          {"app_version", text_at(record, "chart/metadata/appVersion")}};
}

std::string list_table(const std::vector<Json>& records, const std::string& output, bool names_only) {
  if (output != "table") return formatted_rows(records, output, list_row);
  if (names_only) {
    std::string out;
    for (const auto& record : records) out += text_at(record, "name") + "\n";
    return out;
  }
  std::vector<std::vector<std::string>> rows{{"NAME", "NAMESPACE", "REVISION", "UPDATED", "STATUS", "CHART", "APP VERSION"}};
  for (const auto& record : records)
    rows.push_back({text_at(record, "name"), text_at(record, "namespace"), revision_of(record),
                    go_time(text_at(record, "info/last_deployed")), text_at(record, "info/status"), chart_of(record),
                    text_at(record, "chart/metadata/appVersion")});
  return table(rows);
}

std::string history_table(const std::vector<Json>& records, const std::string& output) {
  if (output != "table") return formatted_rows(records, output, history_row);
  std::vector<std::vector<std::string>> rows{{"REVISION", "UPDATED", "STATUS", "CHART", "APP VERSION", "DESCRIPTION"}};
  for (const auto& record : records)
    rows.push_back({revision_of(record), ansi_time(text_at(record, "info/last_deployed")), text_at(record, "info/status"),
                    chart_of(record), text_at(record, "chart/metadata/appVersion"),
                    printable(text_at(record, "info/description"))});
  return table(rows);
}

namespace {

enum class Metadata { no, yes };

std::string notes_text(const Json& record) {
  const auto notes = trimmed(text_at(record, "info/notes"));
  return notes.empty() ? std::string() : "NOTES:\n" + notes + "\n";
}

/// Up to the tests.
std::string status_head(const Json& record, Metadata metadata, bool with_description) {
  std::string out = "NAME: " + text_at(record, "name") + "\n";
  if (const auto time = text_at(record, "info/last_deployed"); !time.empty()) out += "LAST DEPLOYED: " + ansi_time(time) + "\n";
  out += "NAMESPACE: " + text_at(record, "namespace") + "\n";
  out += "STATUS: " + text_at(record, "info/status") + "\n";
  out += "REVISION: " + revision_of(record) + "\n";
  if (metadata == Metadata::yes) {
    out += "CHART: " + text_at(record, "chart/metadata/name") + "\nVERSION: " + text_at(record, "chart/metadata/version") +
           "\nAPP_VERSION: " + text_at(record, "chart/metadata/appVersion") + "\n";
  }
  if (with_description) out += "DESCRIPTION: " + text_at(record, "info/description") + "\n";
  bool has_tests = false;
  if (const Json* hooks = plan::find(record, "hooks"); hooks && hooks->is_array()) {
    for (const auto& hook : *hooks) {
      const Json* events = plan::find(hook, "events");
      if (!events || std::find(events->begin(), events->end(), "test") == events->end()) continue;
      has_tests = true;
      if (text_at(hook, "last_run/started_at").empty()) continue;
      out += "TEST SUITE:     " + text_at(hook, "name") + "\nLast Started:   " + ansi_time(text_at(hook, "last_run/started_at")) +
             "\nLast Completed: " + ansi_time(text_at(hook, "last_run/completed_at")) +
             "\nPhase:          " + text_at(hook, "last_run/phase") + "\n";
    }
  }
  if (!has_tests) out += "TEST SUITE: None\n";
  return out;
}

}  // namespace

std::string status_text(const Json& record, bool with_description) {
  return status_head(record, Metadata::no, with_description) + notes_text(record);
}

std::string all_text(const Json& record, const std::string& values, const std::string& computed_values) {
  return status_head(record, Metadata::yes, false) + "USER-SUPPLIED VALUES:\n" + values + "\n\nCOMPUTED VALUES:\n" + computed_values +
         "\n\nHOOKS:\n" + hooks_text(record) + "MANIFEST:\n" + text_at(record, "manifest") + "\n" + notes_text(record);
}

std::string hooks_text(const Json& record) {
  std::string out;
  if (const Json* hooks = plan::find(record, "hooks"); hooks && hooks->is_array()) {
    for (const auto& hook : *hooks) out += "---\n# Source: " + text_at(hook, "path") + "\n" + text_at(hook, "manifest") + "\n";
  }
  return out;
}

std::string go_time(const std::string& rfc3339) {
  if (rfc3339.size() < 20) return rfc3339;
  std::string date = rfc3339.substr(0, 19);
  date[10] = ' ';
  std::size_t end = 19;
  if (rfc3339[end] == '.') end = rfc3339.find_first_not_of("0123456789", 20);
  std::string fraction = rfc3339.substr(19, end == std::string::npos ? std::string::npos : end - 19);
  while (fraction.ends_with('0')) fraction.pop_back();
  if (fraction == ".") fraction.clear();
  std::string zone = end == std::string::npos ? "Z" : rfc3339.substr(end);
  if (zone == "Z") return date + fraction + " +0000 UTC";
  std::erase(zone, ':');
  return date + fraction + " " + zone + " " + zone;
}

std::string ansi_time(const std::string& rfc3339) {
  int y = 0, mo = 0, d = 0, h = 0, mi = 0, s = 0;
  if (std::sscanf(rfc3339.c_str(), "%d-%d-%dT%d:%d:%d", &y, &mo, &d, &h, &mi, &s) != 6 || mo < 1 || mo > 12) return rfc3339;
  static constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  static constexpr const char* days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  const std::chrono::weekday weekday{std::chrono::sys_days{std::chrono::year{y} / mo / d}};
  char out[64];
  std::snprintf(out, sizeof out, "%s %s %2d %02d:%02d:%02d %d", days[weekday.c_encoding()], months[mo - 1], d, h, mi, s, y);
  return out;
}

Result<std::chrono::seconds> parse_duration(const std::string& text) {
  const Error bad{Errc::invalid, "'" + text + "' is no duration: expected a form such as 90s, 5m or 1h30m"};
  std::chrono::seconds total{0};
  std::size_t at = 0;
  while (at < text.size()) {
    const auto end = text.find_first_not_of("0123456789", at);
    if (end == at || end == std::string::npos || end - at > 6) return bad;
    const int number = std::stoi(text.substr(at, end - at));
    if (text[end] == 'h') {
      total += std::chrono::hours(number);
    } else if (text[end] == 'm') {
      total += std::chrono::minutes(number);
    } else if (text[end] == 's') {
      total += std::chrono::seconds(number);
    } else {
      return bad;
    }
    at = end + 1;
  }
  if (text.empty()) return bad;
  return total;
}

std::string printable(const std::string& text) { return plan::visible(text); }

}  // namespace sluice::app
