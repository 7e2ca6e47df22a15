#include "core/plan/drift.hpp"

#include "core/plan/yaml_text.hpp"

namespace sluice::plan {

namespace {

constexpr std::size_t longest_value = 200;

std::string shown(const Json& value) {
  if (value.is_null()) return "nothing";
  std::string text = visible(value.is_string() ? value.get<std::string>() : to_text(value));
  if (text.size() <= longest_value) return text;
  std::size_t end = longest_value;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end) + "...";
}

bool is_missing(const ObjectDiff& object) { return object.verb == Verb::create; }

std::string counted(int number, const char* what) { return std::to_string(number) + " " + what + (number == 1 ? "" : "s"); }

}  // namespace

std::string drift_text(const Diff& drift, Colour colour) {
  const auto painted = [colour](const char* code, const std::string& text) {
    return (colour == Colour::yes ? code + text + "\x1b[0m" : text) + "\n";
  };
  std::string out;
  int with_drift = 0;
  for (const ReleaseDiff& release : drift.releases) {
    std::string body;
    bool drifted = false;
    for (const std::string& note : release.notes) body += painted("\x1b[33m", "  note: " + visible(note));
    for (const ObjectDiff& object : release.objects) {
      if (object.verb == Verb::unchanged) continue;
      drifted = true;
      body += painted(is_missing(object) ? "\x1b[31m" : "\x1b[33m",
                      "  " + visible(to_string(object.id)) + (is_missing(object) ? " is missing" : " was changed"));
      for (const Change& change : object.changes)
        body += "    " + visible(change.path) + ": " + shown(change.before) + ", deployed as " + shown(change.after) +
                (change.by.empty() ? "" : " (changed" + visible(author_of(change)) + ")") + "\n";
      for (const std::string& note : object.notes) body += painted("\x1b[33m", "    note: " + visible(note));
    }
    with_drift += drifted ? 1 : 0;
    if (body.empty()) continue;
    out += painted("\x1b[1m", "Release " + release.namespace_ + "/" + release.release + ", revision " +
                                  std::to_string(release.revision) + (release.chart.empty() ? "" : ", chart " + release.chart)) +
           body;
  }
  const Counts counts = drift.counts();
  const int objects = counts.changed() + counts.unchanged;
  const auto releases = static_cast<int>(drift.releases.size());
  if (counts.changed() == 0) return out + "No drift: " + counted(objects, "object") + " of " + counted(releases, "release") + " as deployed.\n";
  return out + "Drift: " + std::to_string(counts.changed()) + " of " + counted(objects, "object") + ", in " + std::to_string(with_drift) +
         " of " + counted(releases, "release") + ".\n";
}

Json drift_json(const Diff& drift) {
  const Counts counts = drift.counts();
  Json out = {{"summary",
               {{"releases", drift.releases.size()},
                {"objects", counts.changed() + counts.unchanged},
                {"changed", counts.changed() - counts.create},
                {"missing", counts.create}}},
              {"releases", Json::array()}};
  for (const ReleaseDiff& release : drift.releases) {
    Json entry = {{"release", release.release}, {"namespace", release.namespace_}, {"revision", release.revision},
                  {"chart", release.chart},     {"notes", release.notes},          {"objects", Json::array()}};
    for (const ObjectDiff& object : release.objects) {
      if (object.verb == Verb::unchanged) continue;
      Json fields = Json::array();
      for (const Change& change : object.changes) {
        Json field = {{"path", change.path}, {"live", change.before}, {"deployed", change.after}};
        if (!change.by.empty()) field["by"] = change.by;
        if (!change.at.empty()) field["at"] = change.at;
        fields.push_back(std::move(field));
      }
      entry["objects"].push_back({{"kind", object.id.kind},
                                  {"group", object.id.group},
                                  {"namespace", object.id.namespace_},
                                  {"name", object.id.name},
                                  {"state", is_missing(object) ? "missing" : "changed"},
                                  {"notes", object.notes},
                                  {"fields", std::move(fields)}});
    }
    out["releases"].push_back(std::move(entry));
  }
  return out;
}

}  // namespace sluice::plan
