#include "server/worker/live.hpp"

#include <nlohmann/json.hpp>

namespace sluice::worker {

namespace asio = boost::asio;
using plan::Json;
using plan::ObjectId;

namespace {

/// From how many wanted objects on a collection is listed. Cluster-wide collections are full of other people's objects.
std::size_t worth_listing(const kube::Resource& resource) { return resource.namespaced ? 3 : 12; }

struct Batch {
  const kube::Resource* resource;
  std::string namespace_;
  std::vector<ObjectId> ids;
};

}  // namespace

void Places::add(const plan::DefinedKind& kind) {
  if (kind.versions.empty() || kind.plural.empty()) return;
  if (discovery_->find(kind.group, kind.kind)) return;
  defined_[{kind.group, kind.kind}] = {kind.group, kind.versions.front(), kind.kind, kind.plural, kind.namespaced, true};
}

std::optional<bool> Places::is_namespaced(std::string_view group, std::string_view kind) const {
  const ObjectId id{std::string(group), std::string(kind), {}, {}};
  const auto* found = resource(id, {});
  if (!found) return std::nullopt;
  return found->namespaced;
}

const kube::Resource* Places::resource(const ObjectId& id, std::string_view api_version) const {
  if (const auto* found = discovery_->find(id.group, id.kind, plan::version_of(api_version))) return found;
  const auto found = defined_.find(std::pair(id.group, id.kind));
  return found == defined_.end() ? nullptr : &found->second;
}

std::optional<plan::Place> Places::find(const ObjectId& id, std::string_view api_version) const {
  const auto* found = resource(id, api_version);
  if (!found) return std::nullopt;
  return plan::Place{found->path(id.namespace_), found->path(id.namespace_, id.name)};
}

bool Places::is_new(std::string_view group, std::string_view kind) const {
  return defined_.contains(std::pair<std::string, std::string>(group, kind));
}

asio::awaitable<Result<>> Live::read(kube::Cluster& cluster, const Places& places, std::vector<Wanted> wanted) {
  std::map<std::pair<std::string, std::string>, Batch> batches;  // by collection path
  for (const auto& want : wanted) {
    if (objects_.contains(want.id) || places.is_new(want.id.group, want.id.kind)) continue;
    const auto* resource = places.resource(want.id, want.api_version);
    if (!resource) continue;
    auto& batch = batches[{resource->path(want.id.namespace_), ""}];
    batch.resource = resource;
    batch.namespace_ = want.id.namespace_;
    batch.ids.push_back(want.id);
  }
  struct Request {
    const Batch* batch;
    const ObjectId* id;  // null: list
  };
  std::vector<Request> requests;
  for (const auto& [path, batch] : batches) {
    if (batch.resource->can_list && batch.ids.size() >= worth_listing(*batch.resource)) {
      requests.push_back({&batch, nullptr});
    } else {
      for (const auto& id : batch.ids) requests.push_back({&batch, &id});
    }
  }
  std::function<asio::awaitable<Result<>>(std::size_t)> work = [&](std::size_t i) -> asio::awaitable<Result<>> {
    const auto request = requests[i];
    const auto& resource = *request.batch->resource;
    if (request.id) {
      auto found = co_await cluster.find(resource.path(request.batch->namespace_, request.id->name));
      if (!found) co_return std::move(found).error();
      if (*found) objects_[*request.id] = std::move(**found);
      co_return Result<>();
    }
    const std::set<ObjectId> ids(request.batch->ids.begin(), request.batch->ids.end());
    auto items = co_await cluster.list(resource, request.batch->namespace_);
    // a namespace that does not exist has no objects
    if (!items && items.error().code == Errc::not_found) co_return Result<>();
    if (!items) co_return std::move(items).error();
    for (auto& item : *items) {
      ObjectId id = plan::id_of(item, request.batch->namespace_);
      if (ids.contains(id)) objects_[std::move(id)] = std::move(item);
    }
    co_return Result<>();
  };
  auto done = co_await kube::in_parallel(requests.size(), 8, work);
  co_return done;
}

const Json* Live::find(const ObjectId& id) const {
  const auto found = objects_.find(id);
  return found == objects_.end() ? nullptr : &found->second;
}

}  // namespace sluice::worker
