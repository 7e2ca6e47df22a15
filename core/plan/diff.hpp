#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "core/plan/object.hpp"

namespace sluice::plan {

/// Why a field changes: the chart or its values ask for something else than last time; somebody changed it in the cluster;
/// or neither, and the API server adds it (a default, a webhook).
enum class Cause { chart, drift, server };
std::string_view to_string(Cause cause);

/// One field that changes; masked already. null: it is not there.
struct Change {
  std::string path;  ///< "spec.template.spec.containers[web].image"
  Json before, after;
  Cause cause = Cause::chart;
  std::string by = {}, at = {};  ///< of drift: who changed it and when (RFC 3339), where the API server tells
};

/// One object of the plan as it is shown. Everything in it is masked.
struct ObjectDiff {
  Verb verb = Verb::unchanged;
  ObjectId id;
  std::string source;
  Json before, after;              ///< cleaned; null where there is none
  std::vector<Change> changes;     ///< empty for create and remove
  std::vector<std::string> notes;  ///< what to know about it: warnings of the server, "not validated by the server"
};

struct ReleaseDiff {
  std::string release, namespace_;
  std::string operation;  ///< "install", "upgrade", "uninstall", "unchanged"
  std::string chart;      ///< "web-1.2.0"
  int revision = 0;       ///< that it will have
  std::vector<ObjectDiff> objects;
  std::vector<std::string> notes;
  std::vector<std::string> commands = {};  ///< what runs beside it: "presync: sh -c ...", secret parts hidden
};

struct Counts {
  int create = 0, update = 0, replace = 0, remove = 0, unchanged = 0;
  int changed() const { return create + update + replace + remove; }
};

struct Diff {
  std::vector<ReleaseDiff> releases;
  std::vector<std::string> commands = {};  ///< what runs last of all

  Counts counts() const;
  bool is_empty() const { return counts().changed() == 0; }
  /// Whether all that changes is the images of containers.
  bool is_image_only() const;
  /// Objects whose removal or replacement can lose data: volumes, claims, stateful sets, namespaces, definitions.
  std::vector<std::string> data_losses() const;
};

/// The fields in which `before` and `after` differ. Elements of lists are matched by name, key or port where all have one.
std::vector<Change> changes_between(const Json& before, const Json& after);

/// " by kubectl-edit at 2026-11-25T07:00:00Z"; empty where nobody knows.
std::string author_of(const Change& change);

/// Tells for each change why it happens, from what the last manifest and the new one say.
void attribute(std::vector<Change>& changes, const Json& original, const Json& modified);

enum class Colour { no, yes };
struct TextOptions {
  Colour colour = Colour::no;
  std::size_t context = 3;
  std::size_t max_bytes = std::size_t{64} << 20;  ///< what is beyond is announced
};

/// The diff to read: per release, deletions first, then what changes, then what is new.
std::string to_text(const Diff& diff, const TextOptions& options);
/// "Plan: 1 to create, 2 to update, 0 to replace, 0 to delete, 17 unchanged."
std::string summary(const Counts& counts);
/// The same as JSON: {summary, image_only, data_losses, releases:[{release, namespace, operation, objects:[{action, kind,
/// ...}]}]}.
Json to_json(const Diff& diff);

}  // namespace sluice::plan
