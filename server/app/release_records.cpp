#include "server/app/release_records.hpp"

#include <functional>

#include "server/worker/records.hpp"

namespace sluice::app {

namespace asio = boost::asio;
using plan::Json;

asio::awaitable<Result<std::vector<Json>>> read_records(kube::Cluster& cluster, std::vector<plan::RecordHead> heads, std::size_t width) {
  std::vector<Json> records(heads.size());
  std::function<asio::awaitable<Result<>>(std::size_t)> work = [&](std::size_t i) -> asio::awaitable<Result<>> {
    const auto& head = heads[i];
    auto record = co_await worker::read_record(cluster, head.namespace_, head.name, head.revision,
                                               plan::RecordParts::without_chart_content);
    if (!record) co_return std::move(record).error();
    records[i] = std::move(*record);
    co_return Result<>();
  };
  auto done = co_await kube::in_parallel(heads.size(), width, work);
  if (!done) co_return std::move(done).error();
  co_return records;
}

Result<Json> read_record(ClusterRun& run, const RecordWanted& wanted) {
  int revision = wanted.revision;
  if (revision == 0) {
    auto heads = run.wait_for(worker::list_records(run.cluster(), wanted.namespace_));
    if (!heads) return std::move(heads).error();
    const auto history = worker::history_of(*heads, wanted.name, wanted.namespace_);
    if (!history.last()) return Error{Errc::not_found, "release: not found"};
    revision = history.last()->revision;
  }
  auto record = run.wait_for(worker::read_record(run.cluster(), wanted.namespace_, wanted.name, revision, wanted.parts));
  if (!record && record.error().code == Errc::not_found) return Error{Errc::not_found, "release: not found"};
  return record;
}

}  // namespace sluice::app
