#include "server/worker/records.hpp"

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

#include "core/plan/raw_json.hpp"
#include "server/base/clock.hpp"
#include "server/net/url.hpp"

namespace sluice::worker {

namespace asio = boost::asio;
using plan::Json;
using plan::RecordHead;

namespace {

const kube::Resource& secrets() {
  static const kube::Resource resource{"", "v1", "Secret", "secrets", true, true};
  return resource;
}

long long unix_now() {
  return std::chrono::duration_cast<std::chrono::seconds>(system_clock().wall().time_since_epoch()).count();
}

/// What is between the quotes of a JSON string of base64.
std::string_view text_of(std::string_view string) {
  return string.size() < 2 || string.front() != '"' ? std::string_view() : string.substr(1, string.size() - 2);
}

asio::awaitable<Result<>> write(kube::Cluster& cluster, std::string method, std::string path, Json secret) {
  kube::Call call;
  call.method = std::move(method);
  call.path = std::move(path);
  call.content_type = "application/json";
  call.body = plan::to_text(secret);
  call.repeat = call.method == "PUT" ? kube::Repeat::safe : kube::Repeat::no;
  auto answer = co_await cluster.ask(std::move(call));
  const std::string doing = "writing the release record " + plan::text_at(secret, "metadata/name");
  if (!answer) co_return std::move(answer).error().during(doing);
  if (answer->refusal) co_return to_error(*answer->refusal, doing);
  co_return Result<>();
}

}  // namespace

const RecordHead* History::deployed() const {
  const auto found =
      std::find_if(revisions.rbegin(), revisions.rend(), [](const RecordHead& head) { return head.status == "deployed"; });
  return found == revisions.rend() ? nullptr : &*found;
}

const RecordHead* History::find(int revision) const {
  const auto found =
      std::find_if(revisions.begin(), revisions.end(), [&](const RecordHead& head) { return head.revision == revision; });
  return found == revisions.end() ? nullptr : &*found;
}

asio::awaitable<Result<std::vector<RecordHead>>> list_records(kube::Cluster& cluster, std::string namespace_) {
  auto items = co_await cluster.list_metadata(secrets(), std::move(namespace_), "labelSelector=owner%3Dhelm");
  if (!items && items.error().code == Errc::not_found) co_return std::vector<RecordHead>();
  if (!items) co_return std::move(items).error().during("reading the releases");
  std::vector<RecordHead> out;
  for (const auto& item : *items) {
    auto head = plan::record_head(item);
    if (head.revision > 0) out.push_back(std::move(head));
  }
  co_return out;
}

History history_of(const std::vector<RecordHead>& records, const std::string& name, const std::string& namespace_) {
  History out;
  for (const auto& head : records) {
    if (head.name == name && head.namespace_ == namespace_) out.revisions.push_back(head);
  }
  std::sort(out.revisions.begin(), out.revisions.end(),
            [](const RecordHead& a, const RecordHead& b) { return a.revision < b.revision; });
  return out;
}

asio::awaitable<Result<Json>> read_record(kube::Cluster& cluster, std::string namespace_, std::string name, int revision,
                                          plan::RecordParts parts) {
  auto secret = co_await cluster.get_text(secrets().path(namespace_, plan::record_name(name, revision)));
  const std::string doing = "release " + namespace_ + "/" + name + ", revision " + std::to_string(revision);
  if (!secret && secret.error().code == Errc::not_found) co_return Error{Errc::not_found, doing + ": release: not found"};
  if (!secret) co_return std::move(secret).error().during(doing);
  auto record = plan::decode_record(text_of(plan::raw_at(*secret, "data/release")), parts);
  if (!record) co_return std::move(record).error().during(doing);
  if (auto labels = plan::parse_json(plan::raw_at(*secret, "metadata/labels"))) {
    if (auto own = plan::release_labels(&*labels); !own.empty()) (*record)["labels"] = std::move(own);
  }
  co_return std::move(*record);
}

asio::awaitable<Result<>> create_record(kube::Cluster& cluster, const Json& record) {
  Json secret = plan::record_secret(record, "createdAt", unix_now());
  std::string path = secrets().path(plan::text_at(record, "namespace"));
  auto written = co_await write(cluster, "POST", std::move(path), std::move(secret));
  co_return written;
}

asio::awaitable<Result<>> update_record(kube::Cluster& cluster, const Json& record) {
  Json secret = plan::record_secret(record, "modifiedAt", unix_now());
  std::string path = secrets().path(plan::text_at(record, "namespace"), plan::text_at(secret, "metadata/name"));
  auto written = co_await write(cluster, "PUT", std::move(path), std::move(secret));
  co_return written;
}

asio::awaitable<Result<>> set_status(kube::Cluster& cluster, std::string namespace_, std::string name, int revision,
                                     std::string status, std::string description) {
  auto record = co_await read_record(cluster, std::move(namespace_), std::move(name), revision, plan::RecordParts::all);
  if (!record) co_return std::move(record).error();
  (*record)["info"]["status"] = status;
  if (!description.empty()) (*record)["info"]["description"] = description;
  auto written = co_await update_record(cluster, *record);
  co_return written;
}

asio::awaitable<Result<>> delete_record(kube::Cluster& cluster, std::string namespace_, std::string name, int revision) {
  kube::Call call;
  call.method = "DELETE";
  call.path = secrets().path(namespace_, plan::record_name(name, revision));
  call.repeat = kube::Repeat::safe;
  auto answer = co_await cluster.ask(std::move(call));
  if (!answer) co_return std::move(answer).error();
  if (answer->refusal && !answer->refusal->is_not_found())
    co_return to_error(*answer->refusal, "deleting the release record " + plan::record_name(name, revision));
  co_return Result<>();
}

std::string record_time() { return to_rfc3339(system_clock().wall()); }

}  // namespace sluice::worker
