#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/plan/diff.hpp"
#include "core/plan/line_diff.hpp"
#include "core/plan/yaml_text.hpp"

namespace sluice::plan {

namespace {

struct Palette {
  const char *red, *green, *yellow, *bold, *dim, *off;
};
constexpr Palette plain{"", "", "", "", "", ""};
constexpr Palette coloured{"\x1b[31m", "\x1b[32m", "\x1b[33m", "\x1b[1m", "\x1b[2m", "\x1b[0m"};

int rank(Verb verb) {
  switch (verb) {
    case Verb::remove: return 0;
    case Verb::replace: return 1;
    case Verb::update: return 2;
    case Verb::create: return 3;
    case Verb::unchanged: return 4;
  }
  return 4;
}

std::string_view headline(Verb verb) {
  switch (verb) {
    case Verb::remove: return "will be deleted";
    case Verb::replace: return "will be deleted and created anew";
    case Verb::update: return "will be changed";
    case Verb::create: return "will be created";
    case Verb::unchanged: return "stays as it is";
  }
  return "";
}

class Printer {
 public:
  Printer(const TextOptions& options) : options_(options), colours_(options.colour == Colour::yes ? coloured : plain) {}

  void release(const ReleaseDiff& release) {
    const bool changes = std::any_of(release.objects.begin(), release.objects.end(),
                                     [](const ObjectDiff& o) { return o.verb != Verb::unchanged; });
    if (!changes && release.operation == "unchanged") return;
    line(colours_.bold, "Release " + release.namespace_ + "/" + release.release + ": " + release.operation +
                            (release.chart.empty() ? "" : ", chart " + release.chart) +
                            (release.revision > 0 ? ", revision " + std::to_string(release.revision) : ""));
    for (const auto& note : release.notes) line(colours_.yellow, "  note: " + visible(note));
    commands(release.commands, "  ");
    std::vector<const ObjectDiff*> order;
    for (const auto& object : release.objects) {
      if (object.verb != Verb::unchanged) order.push_back(&object);
    }
    std::stable_sort(order.begin(), order.end(), [](auto* a, auto* b) { return rank(a->verb) < rank(b->verb); });
    for (const auto* object : order) print(*object);
    text_ += "\n";
  }
  void commands(const std::vector<std::string>& list, const char* indent) {
    for (const auto& command : list) line(colours_.yellow, indent + std::string("runs at ") + visible(command));
  }
  std::string finish(const Counts& counts) {
    if (dropped_ > 0)
      text_ += "... " + std::to_string(dropped_) + " more lines are not shown: the diff is larger than the limit\n";
    text_ += summary(counts) + "\n";
    return std::move(text_);
  }

 private:
  void print(const ObjectDiff& object) {
    const char* colour = object.verb == Verb::create   ? colours_.green
                         : object.verb == Verb::update ? colours_.yellow
                                                       : colours_.red;
    line(colour, "  " + visible(to_string(object.id)) + " " + std::string(headline(object.verb)));
    for (const auto& note : object.notes) line(colours_.yellow, "    note: " + visible(note));
    const auto before = yaml_lines(object.before);
    const auto after = yaml_lines(object.after);
    const std::size_t context = object.verb == Verb::update || object.verb == Verb::replace ? options_.context : 0;
    for (const auto& entry : line_diff(before, after, context)) {
      if (entry.mark == '-') line(colours_.red, "    - " + entry.text);
      if (entry.mark == '+') line(colours_.green, "    + " + entry.text);
      if (entry.mark == ' ') line("", "      " + entry.text);
      if (entry.mark == '.') line(colours_.dim, "      ...");
    }
    drift(object);
  }
  /// What was changed behind our back is named, since the manifest's own diff does not explain it.
  void drift(const ObjectDiff& object) {
    for (const auto& change : object.changes) {
      if (change.cause == Cause::drift)
        line(colours_.yellow, "    drift: " + visible(change.path) + " was changed in the cluster" + visible(author_of(change)));
    }
  }
  void line(const char* colour, const std::string& text) {
    if (text_.size() + text.size() > options_.max_bytes) {
      ++dropped_;
      return;
    }
    text_ += colour + text + (*colour ? colours_.off : "") + "\n";
  }

  const TextOptions& options_;
  const Palette& colours_;
  std::string text_;
  std::size_t dropped_ = 0;
};

}  // namespace

std::string author_of(const Change& change) {
  if (change.by.empty()) return "";
  return " by " + change.by + (change.at.empty() ? "" : " at " + change.at);
}

std::string summary(const Counts& counts) {
  if (counts.changed() == 0) return "No changes: " + std::to_string(counts.unchanged) + " objects are as they should be.";
  return "Plan: " + std::to_string(counts.create) + " to create, " + std::to_string(counts.update) + " to update, " +
         std::to_string(counts.replace) + " to replace, " + std::to_string(counts.remove) + " to delete, " +
         std::to_string(counts.unchanged) + " unchanged.";
}

std::string to_text(const Diff& diff, const TextOptions& options) {
  Printer printer(options);
  for (const auto& release : diff.releases) printer.release(release);
  if (!diff.is_empty()) printer.commands(diff.commands, "");
  return printer.finish(diff.counts());
}

Json to_json(const Diff& diff) {
  const auto counts = diff.counts();
  Json out = {{"summary",
               {{"create", counts.create},
                {"update", counts.update},
                {"replace", counts.replace},
                {"delete", counts.remove},
                {"unchanged", counts.unchanged}}},
              {"image_only", diff.is_image_only()},
              {"data_losses", diff.data_losses()},
              {"commands", diff.commands},
              {"releases", Json::array()}};
  for (const auto& release : diff.releases) {
    Json entry = {{"release", release.release}, {"namespace", release.namespace_}, {"operation", release.operation},
                  {"chart", release.chart},     {"revision", release.revision},    {"notes", release.notes},
                  {"commands", release.commands},  {"objects", Json::array()}};
    for (const auto& object : release.objects) {
      Json shown = {{"action", to_string(object.verb)},
                    {"group", object.id.group},
                    {"kind", object.id.kind},
                    {"namespace", object.id.namespace_},
                    {"name", object.id.name},
                    {"source", object.source},
                    {"notes", object.notes}};
      if (object.verb != Verb::unchanged) {
        shown["before"] = object.before;
        shown["after"] = object.after;
        shown["changes"] = Json::array();
        for (const auto& change : object.changes) {
          Json fields = {{"path", change.path}, {"before", change.before}, {"after", change.after}, {"cause", to_string(change.cause)}};
          if (!change.by.empty()) fields["by"] = change.by;
          if (!change.at.empty()) fields["at"] = change.at;
          shown["changes"].push_back(std::move(fields));
        }
      }
      entry["objects"].push_back(std::move(shown));
    }
    out["releases"].push_back(std::move(entry));
  }
  return out;
}

}  // namespace sluice::plan
