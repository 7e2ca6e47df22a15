#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/sandbox/kinds.hpp"

namespace sluice::sandbox {

/// One change, as a watch tells it.
struct Change {
  std::uint64_t version = 0;
  std::string type;  ///< ADDED, MODIFIED, DELETED
  std::string collection;
  std::string namespace_;
  nlohmann::json object;
};

/// An answer of the API: an object with 200 or 201, or a Status with its code.
struct Outcome {
  int code = 200;
  nlohmann::json body;
};

Outcome failure(int code, const std::string& reason, const std::string& message, const nlohmann::json& details = nullptr);

/// How an object is changed.
struct Edit {
  enum class How { merge, strategic, apply, replace };
  How how = How::merge;
  nlohmann::json body;
  std::string manager;
  bool dry_run = false;
};

/// The objects of all kinds, in memory, with the bookkeeping of an API server: uid, resourceVersion, generation, changes.
class Objects {
 public:
  Objects();

  const Kinds& kinds() const { return kinds_; }
  Outcome get(const Kind& kind, const std::string& namespace_, const std::string& name) const;
  Outcome list(const Kind& kind, const std::string& namespace_, const std::string& labels, const std::string& fields) const;
  Outcome create(const Kind& kind, const std::string& namespace_, nlohmann::json object, bool dry_run);
  /// Changes an object; `apply` makes it if it is not there.
  Outcome edit(const Kind& kind, const std::string& namespace_, const std::string& name, const Edit& edit);
  Outcome remove(const Kind& kind, const std::string& namespace_, const std::string& name, const nlohmann::json& options,
                 bool dry_run);

  std::uint64_t version() const { return version_; }
  /// Changes of a collection after `version`; nothing if that is too long ago.
  std::optional<std::vector<Change>> changes(const Kind& kind, const std::string& namespace_, std::uint64_t version) const;
  /// Lets workloads that were written long enough ago become ready. True if any did.
  bool tick(std::chrono::steady_clock::time_point now);

  /// Does the object have these labels? `selector` as in the API's labelSelector.
  static bool has_labels(const nlohmann::json& object, std::string_view selector);

 private:
  struct Entry {
    nlohmann::json object;
    std::map<std::string, nlohmann::json> applied;  ///< by manager
    std::optional<std::chrono::steady_clock::time_point> ready_at;
  };
  using Key = std::pair<std::string, std::string>;  ///< namespace, name

  static std::string collection(const Kind& kind) { return kind.group + "/" + kind.plural; }
  std::optional<Outcome> refuse_namespace(const Kind& kind, const std::string& namespace_) const;
  void stamp_new(const Kind& kind, const std::string& namespace_, nlohmann::json& object);
  void record(const char* type, const Kind& kind, const nlohmann::json& object);
  void stored(const Kind& kind, Entry& entry);
  void remove_namespace(const std::string& name);

  Kinds kinds_;
  std::map<std::string, std::map<Key, Entry>> collections_;
  std::map<std::string, Kind> kind_of_;
  std::deque<Change> history_;
  std::uint64_t version_ = 1;
  std::uint64_t next_address_ = 1;
};

}  // namespace sluice::sandbox
