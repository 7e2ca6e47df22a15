#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <nlohmann/json.hpp>

#include "server/kube/cluster.hpp"

namespace sluice::kube {

namespace asio = boost::asio;
using plan::Json;

struct BlockingReader::State {
  Access access;
  ClusterRules rules;
  const Discovery& discovery;
  asio::io_context context{1};
  std::unique_ptr<Cluster> cluster{};
};

BlockingReader::BlockingReader(Access access, ClusterRules rules, const Discovery& discovery)
    : state_(new State{std::move(access), std::move(rules), discovery}) {}
BlockingReader::~BlockingReader() = default;

namespace {

asio::awaitable<void> read(Cluster& cluster, const Resource& resource, std::string namespace_, std::string name,
                           Result<std::optional<Json>>& out) {
  if (!name.empty()) {
    out = co_await cluster.find(resource.path(namespace_, name));
    co_return;
  }
  auto items = co_await cluster.list(resource, namespace_);
  if (!items) {
    out = std::move(items).error();
    co_return;
  }
  Json list = Json::object();
  list["apiVersion"] = resource.api_version();
  list["kind"] = resource.kind + "List";
  list["items"] = std::move(*items);
  out = std::optional<Json>(std::move(list));
}

}  // namespace

Result<std::optional<Json>> BlockingReader::lookup(std::string_view api_version, std::string_view kind,
                                                   std::string_view namespace_, std::string_view name) {
  const Resource* resource = state_->discovery.find_exact(api_version, kind);
  if (!resource) return std::optional<Json>();
  if (!state_->cluster) {
    auto made = Cluster::make(state_->context.get_executor(), state_->access, state_->rules);
    if (!made) return std::move(made).error();
    state_->cluster = std::move(*made);
  }
  Result<std::optional<Json>> out = std::optional<Json>();
  auto reading = read(*state_->cluster, *resource, std::string(namespace_), std::string(name), out);
  asio::co_spawn(state_->context, std::move(reading), [](std::exception_ptr thrown) {
    if (thrown) std::rethrow_exception(thrown);
  });
  state_->context.restart();
  state_->context.run();
  return out;
}

}  // namespace sluice::kube
