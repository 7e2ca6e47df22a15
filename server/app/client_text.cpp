#include "server/app/client_text.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/value/json.hpp"
#include "core/value/yaml.hpp"
#include "server/base/log_text.hpp"

namespace sluice::app {

using nlohmann::json;

namespace {

constexpr std::size_t line_limit = 16 * 1024;

std::string text_at(const json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || found->is_null()) return {};
  return shown(found->is_string() ? found->get<std::string>() : found->dump(), line_limit);
}

/// Characters, not bytes, so that columns line up.
std::size_t width(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::string short_ref(std::string ref) {
  for (const std::string_view prefix : {"refs/heads/", "refs/tags/"})
    if (ref.starts_with(prefix)) ref.erase(0, prefix.size());
  return ref;
}

void add_line(std::string& out, std::string_view name, const std::string& value) {
  if (value.empty()) return;
  out.append(name).append(16 > name.size() ? 16 - name.size() : 1, ' ').append(value).append("\n");
}

std::string counts_line(const json& summary) {
  const auto counts = summary.find("summary");
  if (counts == summary.end() || !counts->is_object()) return {};
  std::string out;
  for (const char* name : {"delete", "replace", "update", "create", "unchanged"})
    if (counts->value(name, 0) > 0) out += (out.empty() ? "" : ", ") + std::to_string(counts->value(name, 0)) + " " + name;
  return out;
}

}  // namespace

std::string table_of(const std::vector<std::string>& headings, const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& heading : headings) widths.push_back(width(heading));
  for (const auto& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width(row[i]));
  std::string out;
  auto add = [&](const std::vector<std::string>& row) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) line.append(row[i]).append(widths[i] - width(row[i]) + 2, ' ');
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  };
  add(headings);
  for (const auto& row : rows) add(row);
  return out;
}

std::string deployments_table(const json& items) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& one : items)
    rows.push_back({text_at(one, "id"), text_at(one, "state"), text_at(one, "environment"), text_at(one, "repository"),
                    text_at(one, "commit").substr(0, 8), short_ref(text_at(one, "ref")), text_at(one, "digest").substr(0, 8),
                    text_at(one, "created").substr(0, 16), shown(text_at(one, "title"), 50)});
  return table_of({"ID", "STATE", "ENVIRONMENT", "REPOSITORY", "COMMIT", "REF", "PLAN", "CREATED", "TITLE"}, rows);
}

std::string deployment_text(const json& one) {
  std::string out;
  add_line(out, "Deployment", text_at(one, "id"));
  add_line(out, "State", text_at(one, "state"));
  add_line(out, "Reason", text_at(one, "reason"));
  add_line(out, "Repository", text_at(one, "repository"));
  add_line(out, "Environment", text_at(one, "environment") + " on cluster " + text_at(one, "cluster"));
  add_line(out, "Commit", text_at(one, "commit") + " " + short_ref(text_at(one, "ref")));
  add_line(out, "Title", text_at(one, "title"));
  add_line(out, "Trigger", text_at(one, "trigger") + " by " + text_at(one.value("initiator", json::object()), "name"));
  add_line(out, "Created", text_at(one, "created"));
  add_line(out, "Finished", text_at(one, "finished"));
  const auto plan = one.find("plan");
  if (plan != one.end() && plan->is_object()) {
    add_line(out, "Plan", text_at(*plan, "digest"));
    add_line(out, "Changes", counts_line(plan->value("summary", json::object())));
    add_line(out, "Expires", text_at(*plan, "expires"));
  }
  for (const auto& decision : one.value("decisions", json::array()))
    add_line(out, "Decision",
             text_at(decision, "decision") + " by " + text_at(decision.value("by", json::object()), "name") + " at " +
                 text_at(decision, "at") + (text_at(decision, "comment").empty() ? "" : ": " + text_at(decision, "comment")));
  if (one.value("can_approve", false))
    out +=
        "\nTo approve exactly this plan:\n  sluice approve " + text_at(one, "id") + " --digest " + text_at(one, "digest") + "\n";
  return out;
}

std::string event_line(const json& event) {
  const std::string time = text_at(event, "at");
  const std::string text = event.value("text", std::string());
  std::string out;
  std::string_view rest = text;
  do {
    const auto end = rest.find('\n');
    out += (time.size() >= 19 ? time.substr(11, 8) : time) + "  " + text_at(event, "kind") + "  " +
           shown(rest.substr(0, end), line_limit) + "\n";
    rest = end == rest.npos ? std::string_view() : rest.substr(end + 1);
  } while (!rest.empty());
  return out;
}

std::string diff_text(std::string_view diff, Paint paint) {
  std::string out;
  while (!diff.empty()) {
    const auto end = diff.find('\n');
    const auto line = diff.substr(0, end);
    const auto mark = line.find_first_not_of(' ');
    const char first = mark == line.npos ? ' ' : line[mark];
    const char* colour = first == '+' ? "\x1b[32m" : first == '-' ? "\x1b[31m" : first == '~' || first == '!' ? "\x1b[33m" : "";
    // Tabs are harmless and part of many charts' texts.
    std::string plain;
    std::string_view rest = line;
    while (true) {
      const auto tab = rest.find('\t');
      plain += shown(rest.substr(0, tab), line_limit);
      if (tab == rest.npos) break;
      plain += '\t';
      rest.remove_prefix(tab + 1);
    }
    if (paint == Paint::yes && *colour != '\0')
      out += colour + plain + "\x1b[0m\n";
    else
      out += plain + "\n";
    if (end == diff.npos) break;
    diff.remove_prefix(end + 1);
  }
  return out;
}

Result<std::string> formatted(const json& value, const std::string& format) {
  if (format == "json") return value.dump(2, ' ', true, json::error_handler_t::replace) + "\n";
  if (format != "yaml") return Error{Errc::invalid, "output: expected table, json or yaml, found \"" + format + "\""};
  auto tree = read_json(value.dump(-1, ' ', true, json::error_handler_t::replace), {.numbers = Numbers::typed});
  if (!tree) return std::move(tree).error();
  auto text = to_yaml(*tree);
  if (!text) return std::move(text).error();
  std::string out = text->str();
  if (!out.ends_with('\n')) out += '\n';
  return out;
}

}  // namespace sluice::app
