#pragma once

#include <boost/asio/awaitable.hpp>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/plan/actions.hpp"
#include "server/kube/cluster.hpp"

namespace sluice::worker {

/// Where objects live: what the server serves, and what the definitions of the plan will add.
class Places {
 public:
  explicit Places(std::shared_ptr<const kube::Discovery> discovery) : discovery_(std::move(discovery)) {}

  void add(const plan::DefinedKind& kind);
  /// Whether it is namespaced; nothing for an unknown kind.
  std::optional<bool> is_namespaced(std::string_view group, std::string_view kind) const;
  /// The resource that serves the object's kind, in its version if possible; null for a kind nobody serves.
  const kube::Resource* resource(const plan::ObjectId& id, std::string_view api_version) const;
  std::optional<plan::Place> find(const plan::ObjectId& id, std::string_view api_version) const;
  /// Whether the kind exists only once this plan's definitions do.
  bool is_new(std::string_view group, std::string_view kind) const;

 private:
  std::shared_ptr<const kube::Discovery> discovery_;
  std::map<std::pair<std::string, std::string>, kube::Resource, std::less<>> defined_;
};

/// Objects as they are in the cluster, read in as few requests as possible.
class Live {
 public:
  struct Wanted {
    plan::ObjectId id;
    std::string api_version;
  };
  /// Reads all of them, eight requests at a time: a collection of which several are wanted is listed.
  /// What does not exist, or belongs to a kind that the server does not serve yet, is simply not there afterwards.
  boost::asio::awaitable<Result<>> read(kube::Cluster& cluster, const Places& places, std::vector<Wanted> wanted);
  /// null if there is none
  const plan::Json* find(const plan::ObjectId& id) const;

 private:
  std::map<plan::ObjectId, plan::Json> objects_;
};

}  // namespace sluice::worker
