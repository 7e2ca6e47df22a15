#include "server/worker/wait.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "core/track/pods.hpp"
#include "server/base/failpoint.hpp"
#include "server/task/bell.hpp"

namespace sluice::worker {

namespace asio = boost::asio;
using plan::Json;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
using track::Progress;

namespace {

constexpr auto first_pause = milliseconds(100);
constexpr auto longest_pause = milliseconds(2000);

std::string collection_of(const std::string& path) { return path.substr(0, path.rfind('/')); }

/// Reads the objects, listing a collection of which several are wanted. A missing one is null.
asio::awaitable<Result<std::vector<Json>>> read_all(kube::Cluster& cluster, const std::vector<Awaited>& objects) {
  std::vector<Json> out(objects.size());
  std::map<std::string, std::vector<std::size_t>> collections;
  for (std::size_t i = 0; i < objects.size(); ++i) collections[collection_of(objects[i].path)].push_back(i);
  std::vector<std::pair<std::string, std::vector<std::size_t>>> requests;
  for (auto& [path, indices] : collections) {
    const bool is_cluster_wide = path.find("/namespaces/") == std::string::npos;
    if (indices.size() >= 4 && !is_cluster_wide) {
      requests.emplace_back(path, indices);
    } else {
      for (const auto index : indices) requests.emplace_back(objects[index].path, std::vector<std::size_t>{index});
    }
  }
  const auto keep = [&](std::size_t index, Json object) {
    object["apiVersion"] = objects[index].api_version;
    object["kind"] = objects[index].id.kind;
    out[index] = std::move(object);
  };
  std::function<asio::awaitable<Result<>>(std::size_t)> work = [&](std::size_t i) -> asio::awaitable<Result<>> {
    const auto& [path, indices] = requests[i];
    auto found = co_await cluster.find(path);
    if (!found) co_return std::move(found).error();
    if (!*found) co_return Result<>();
    if (indices.size() == 1) {
      keep(indices[0], std::move(**found));
      co_return Result<>();
    }
    const Json* items = plan::find(**found, "items");
    if (!items || !items->is_array()) co_return Result<>();
    for (const auto& item : *items) {
      for (const auto index : indices) {
        if (plan::text_at(item, "metadata/name") == objects[index].id.name) keep(index, item);
      }
    }
    co_return Result<>();
  };
  auto done = co_await kube::in_parallel(requests.size(), 8, work);
  if (!done) co_return std::move(done).error();
  co_return out;
}

bool has_pods(const plan::ObjectId& id) {
  return id.group == "apps" || (id.group == "batch" && id.kind == "Job") || (id.group.empty() && id.kind == "Pod");
}

/// The pods of the newest revision of `workload` among `pods`.
std::vector<const Json*> pods_of(const Json& workload, const std::vector<Json>& pods, const std::vector<Json>& replica_sets) {
  std::vector<const Json*> out;
  const auto uid = plan::text_at(workload, "metadata/uid");
  const auto kind = plan::text_at(workload, "kind");
  const Json* annotations = plan::find_path(workload, "metadata/annotations");
  const Json* revision = annotations ? plan::find(*annotations, "deployment.kubernetes.io/revision") : nullptr;
  std::string owner = uid;
  if (kind == "Deployment") {
    owner.clear();
    for (const auto& set : replica_sets) {
      const Json* own = plan::find_path(set, "metadata/annotations");
      const Json* its_revision = own ? plan::find(*own, "deployment.kubernetes.io/revision") : nullptr;
      if (track::is_owned_by(set, uid) && revision && its_revision && *revision == *its_revision)
        owner = plan::text_at(set, "metadata/uid");
    }
  }
  const auto update_revision = plan::text_at(workload, "status/updateRevision");
  for (const auto& pod : pods) {
    if (kind == "Pod" && plan::text_at(pod, "metadata/uid") == uid) out.push_back(&pod);
    if (owner.empty() || !track::is_owned_by(pod, owner)) continue;
    const Json* labels = plan::find_path(pod, "metadata/labels");
    const Json* hash = labels ? plan::find(*labels, "controller-revision-hash") : nullptr;
    if (kind == "StatefulSet" && hash && !update_revision.empty() && *hash != update_revision) continue;
    out.push_back(&pod);
  }
  return out;
}

asio::awaitable<std::vector<Json>> list_or_nothing(kube::Cluster& cluster, const char* group, const char* kind,
                                                   const char* plural, std::string namespace_, std::string query = {}) {
  const kube::Resource resource{group, "v1", kind, plural, true, true};
  auto items = co_await cluster.list(resource, std::move(namespace_), std::move(query));
  if (!items) co_return std::vector<Json>();
  co_return std::move(*items);
}

class Waiter {
 public:
  Waiter(kube::Cluster& cluster, WaitRequest request) : cluster_(cluster), request_(std::move(request)) {}

  asio::awaitable<Result<>> run() {
    const auto begin = steady_clock::now();
    auto pause = first_pause;
    for (;;) {
      if (auto planted = failpoint("deploy.ready_poll")) co_return *planted;
      auto round = co_await look();
      if (!round) co_return std::move(round).error();
      if (request_.objects.empty()) co_return Result<>();
      const auto left = request_.limit - (steady_clock::now() - begin);
      if (left <= steady_clock::duration::zero())
        co_return Error{Errc::timeout, "not-ready: waited " + std::to_string(request_.limit.count()) + " s: " + reasons()};
      co_await sleep_for(std::min(pause, std::chrono::duration_cast<milliseconds>(left) + milliseconds(1)));
      pause = std::min(pause * 3 / 2, longest_pause);
    }
  }

 private:
  /// Reads what is not ready yet, and forgets what has become so.
  asio::awaitable<Result<>> look() {
    auto objects = co_await read_all(cluster_, request_.objects);
    if (!objects) co_return std::move(objects).error();
    std::vector<Awaited> waiting;
    std::vector<Json> workloads;
    for (std::size_t i = 0; i < objects->size(); ++i) {
      const auto name = plan::to_string(request_.objects[i].id);
      auto verdict = track::judge((*objects)[i], request_.jobs);
      if ((*objects)[i].is_null()) verdict = {Progress::progressing, "not there"};
      tell(name, verdict);
      if (verdict.progress == Progress::failed) co_return Error{Errc::invalid, name + " has failed: " + verdict.why};
      if (verdict.progress == Progress::ready) continue;
      if (has_pods(request_.objects[i].id)) workloads.push_back(std::move((*objects)[i]));
      waiting.push_back(request_.objects[i]);
    }
    request_.objects = std::move(waiting);
    if (workloads.empty() || ++rounds_ % 4 != 0) co_return Result<>();
    auto fine = co_await look_at_pods(workloads);
    co_return fine;
  }

  asio::awaitable<Result<>> look_at_pods(const std::vector<Json>& workloads) {
    std::map<std::string, std::vector<const Json*>> by_namespace;
    for (const auto& workload : workloads) by_namespace[plan::text_at(workload, "metadata/namespace")].push_back(&workload);
    std::map<std::string, steady_clock::time_point> still;
    std::string failure;
    for (const auto& [ns, list] : by_namespace) {
      const auto pods = co_await list_or_nothing(cluster_, "", "Pod", "pods", ns);
      const auto sets = co_await list_or_nothing(cluster_, "apps", "ReplicaSet", "replicasets", ns);
      for (const auto* workload : list) {
        for (const auto* pod : pods_of(*workload, pods, sets)) {
          for (const auto& trouble : track::troubles(*pod)) {
            const auto key = trouble.pod + "/" + trouble.container;
            const auto known = troubles_.find(key);
            const auto since = known == troubles_.end() ? steady_clock::now() : known->second;
            still[key] = since;
            if (known == troubles_.end() && request_.note) request_.note(trouble.text());
            const bool over = steady_clock::now() - since >= trouble.grace;
            if (over && failure.empty())
              failure = plan::text_at(*workload, "kind") + " " + ns + "/" + plan::text_at(*workload, "metadata/name") +
                        " has failed: " + trouble.text();
          }
        }
      }
    }
    troubles_ = std::move(still);
    if (!failure.empty()) co_return Error{Errc::invalid, std::move(failure)};
    co_return Result<>();
  }

  void tell(const std::string& name, const track::Verdict& verdict) {
    auto& last = told_[name];
    const std::string text = verdict.progress == Progress::ready ? "ready" : verdict.why;
    const bool at_once = verdict.progress == Progress::ready && last.empty();  // nothing to follow
    if (last != text && !at_once && request_.note) request_.note(name + ": " + text);
    last = text;
  }
  std::string reasons() const {
    std::string out;
    for (const auto& object : request_.objects) {
      const auto name = plan::to_string(object.id);
      out += (out.empty() ? "" : "; ") + name + " (" + told_.at(name) + ")";
    }
    return out;
  }

  kube::Cluster& cluster_;
  WaitRequest request_;
  std::map<std::string, std::string> told_;
  std::map<std::string, steady_clock::time_point> troubles_;
  int rounds_ = 0;
};

constexpr std::size_t max_lines = 100;

asio::awaitable<std::vector<std::string>> log_tail(kube::Cluster& cluster, std::string ns, track::Trouble trouble) {
  std::vector<std::string> out;
  kube::Call call;
  call.path = "/api/v1/namespaces/" + ns + "/pods/" + trouble.pod +
              "/log?tailLines=15&limitBytes=8192&container=" + trouble.container + (trouble.crashed ? "&previous=true" : "");
  call.accept = "text/plain, */*";
  auto answer = co_await cluster.ask(std::move(call));
  if (!answer || answer->refusal) co_return out;
  std::string_view rest(answer->text);
  while (!rest.empty()) {
    const auto end = rest.find('\n');
    const auto line = rest.substr(0, end);
    if (!line.empty())
      out.push_back("  log of pod " + trouble.pod + ", container " + trouble.container + ": " + std::string(line.substr(0, 500)));
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
  }
  co_return out;
}

}  // namespace

asio::awaitable<Result<>> wait_until_ready(kube::Cluster& cluster, WaitRequest request) {
  Waiter waiter(cluster, std::move(request));
  auto done = co_await waiter.run();
  co_return done;
}

asio::awaitable<Result<>> wait_until_gone(kube::Cluster& cluster, std::string path, std::string uid, std::chrono::seconds limit) {
  const auto begin = steady_clock::now();
  auto pause = first_pause;
  for (;;) {
    auto found = co_await cluster.find(path);
    if (!found) co_return std::move(found).error();
    if (!*found || (!uid.empty() && plan::text_at(**found, "metadata/uid") != uid)) co_return Result<>();
    if (steady_clock::now() - begin > limit) {
      const Json* finalizers = plan::find_path(**found, "metadata/finalizers");
      co_return Error{Errc::timeout, path + " is still there after " + std::to_string(limit.count()) + " s" +
                                         (finalizers ? ", held by finalizers " + finalizers->dump() : "")};
    }
    co_await sleep_for(pause);
    pause = std::min(pause * 3 / 2, longest_pause);
  }
}

asio::awaitable<std::vector<std::string>> collect_evidence(kube::Cluster& cluster, std::vector<Awaited> objects,
                                                           track::Jobs jobs) {
  std::vector<std::string> out;
  auto read = co_await read_all(cluster, objects);
  if (!read) co_return out;
  for (std::size_t i = 0; i < objects.size() && out.size() < max_lines; ++i) {
    const Json& object = (*read)[i];
    const auto verdict = object.is_null() ? track::Verdict{Progress::progressing, "not there"} : track::judge(object, jobs);
    if (verdict.progress == Progress::ready) continue;
    out.push_back(plan::to_string(objects[i].id) + ": " + verdict.why);
    const std::string& ns = objects[i].id.namespace_;
    if (!has_pods(objects[i].id) || ns.empty()) continue;
    const auto pods = co_await list_or_nothing(cluster, "", "Pod", "pods", ns);
    const auto sets = co_await list_or_nothing(cluster, "apps", "ReplicaSet", "replicasets", ns);
    const auto events = co_await list_or_nothing(cluster, "", "Event", "events", ns, "fieldSelector=type%3DWarning");
    std::vector<std::string> uids{plan::text_at(object, "metadata/uid")};
    for (const auto* pod : pods_of(object, pods, sets)) {
      uids.push_back(plan::text_at(*pod, "metadata/uid"));
      for (const auto& trouble : track::troubles(*pod)) {
        out.push_back("  " + trouble.text());
        if (trouble.container.empty() || out.size() > max_lines / 2) continue;
        auto lines = co_await log_tail(cluster, ns, trouble);
        std::move(lines.begin(), lines.end(), std::back_inserter(out));
      }
    }
    for (const auto& set : sets) {
      if (track::is_owned_by(set, uids[0])) uids.push_back(plan::text_at(set, "metadata/uid"));
    }
    std::vector<const Json*> told;
    for (const auto& event : events) {
      if (std::find(uids.begin(), uids.end(), plan::text_at(event, "involvedObject/uid")) != uids.end()) told.push_back(&event);
    }
    std::sort(told.begin(), told.end(),
              [](const Json* a, const Json* b) { return track::event_time(*a) > track::event_time(*b); });
    for (std::size_t k = 0; k < std::min<std::size_t>(told.size(), 5); ++k)
      out.push_back("  event: " + track::event_text(*told[k]));
  }
  if (out.size() > max_lines) out.resize(max_lines);
  co_return out;
}

}  // namespace sluice::worker
