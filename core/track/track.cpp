#include "core/track/track.hpp"

#include <nlohmann/json.hpp>

#include "core/plan/object.hpp"

namespace sluice::track {

using plan::find_path;
using plan::int_at;
using plan::Json;
using plan::text_at;

namespace {

Verdict ready(std::string why = {}) { return {Progress::ready, std::move(why)}; }
Verdict progressing(std::string why) { return {Progress::progressing, std::move(why)}; }
Verdict failed(std::string why) { return {Progress::failed, std::move(why)}; }

struct Condition {
  bool exists = false, is_true = false, is_false = false;
  std::string reason, message;

  std::string text() const { return reason + (message.empty() ? "" : ": " + message.substr(0, 500)); }
};

Condition condition(const Json& object, std::string_view type) {
  Condition out;
  const Json* conditions = find_path(object, "status/conditions");
  if (!conditions || !conditions->is_array()) return out;
  for (const auto& entry : *conditions) {
    if (text_at(entry, "type") != type) continue;
    out.exists = true;
    out.is_true = text_at(entry, "status") == "True";
    out.is_false = text_at(entry, "status") == "False";
    out.reason = text_at(entry, "reason");
    out.message = text_at(entry, "message");
  }
  return out;
}

std::string count(long long have, long long want, std::string_view what) {
  return std::to_string(have) + " of " + std::to_string(want) + " replicas are " + std::string(what);
}

bool is_observed(const Json& object) {
  const long long observed = int_at(object, "status/observedGeneration", 0);
  return observed >= int_at(object, "metadata/generation", 0);
}

Verdict judge_deployment(const Json& object) {
  if (const auto replica_failure = condition(object, "ReplicaFailure"); replica_failure.is_true)
    return failed(replica_failure.text());
  const auto progress = condition(object, "Progressing");
  if (progress.is_false && progress.reason == "ProgressDeadlineExceeded") return failed(progress.text());
  const Json* paused = find_path(object, "spec/paused");
  if (paused && *paused == true) return ready("paused");
  const auto want = int_at(object, "spec/replicas", 1);
  const auto all = int_at(object, "status/replicas", 0);
  const auto updated = int_at(object, "status/updatedReplicas", 0);
  if (updated < want) return progressing(count(updated, want, "updated"));
  if (all > updated) return progressing(std::to_string(all - updated) + " old replicas are still there");
  if (const auto n = int_at(object, "status/readyReplicas", 0); n < want) return progressing(count(n, want, "ready"));
  if (const auto n = int_at(object, "status/availableReplicas", 0); n < want) return progressing(count(n, want, "available"));
  if (progress.exists && progress.reason != "NewReplicaSetAvailable")
    return progressing("the new replica set is not marked available yet");
  if (const auto available = condition(object, "Available"); available.is_false) return progressing(available.text());
  return ready(count(want, want, "available"));
}

Verdict judge_replica_set(const Json& object) {
  if (const auto failure = condition(object, "ReplicaFailure"); failure.is_true) return failed(failure.text());
  const auto want = int_at(object, "spec/replicas", 1);
  const auto have = int_at(object, "status/readyReplicas", 0);
  if (have < want) return progressing(count(have, want, "ready"));
  if (int_at(object, "status/replicas", 0) > want) return progressing("surplus replicas are still there");
  return ready();
}

Verdict judge_stateful_set(const Json& object) {
  const auto want = int_at(object, "spec/replicas", 1);
  const auto have = int_at(object, "status/readyReplicas", 0);
  if (text_at(object, "spec/updateStrategy/type") == "OnDelete")
    return have < want ? progressing(count(have, want, "ready")) : ready("old pods must be deleted by hand (OnDelete)");
  const auto partition = int_at(object, "spec/updateStrategy/rollingUpdate/partition", 0);
  const auto updated = int_at(object, "status/updatedReplicas", 0);
  if (updated < want - partition) return progressing(count(updated, want - partition, "updated"));
  if (have < want) return progressing(count(have, want, "ready"));
  const auto current = text_at(object, "status/currentRevision");
  if (partition == 0 && current != text_at(object, "status/updateRevision"))
    return progressing("the new revision is not the current one yet");
  return ready(count(want, want, "ready"));
}

Verdict judge_daemon_set(const Json& object) {
  const auto want = int_at(object, "status/desiredNumberScheduled", 0);
  const auto text = [want](long long have, const char* what) {
    return std::to_string(have) + " of " + std::to_string(want) + " pods are " + what;
  };
  if (!find_path(object, "status/observedGeneration")) return progressing("the controller has not looked at it yet");
  if (text_at(object, "spec/updateStrategy/type") != "OnDelete") {
    if (const auto n = int_at(object, "status/updatedNumberScheduled", 0); n < want) return progressing(text(n, "updated"));
  }
  if (const auto n = int_at(object, "status/numberAvailable", 0); n < want) return progressing(text(n, "available"));
  if (const auto n = int_at(object, "status/numberReady", 0); n < want) return progressing(text(n, "ready"));
  return ready(text(want, "available"));
}

Verdict judge_job(const Json& object) {
  for (const char* type : {"Failed", "FailureTarget"}) {
    if (const auto bad = condition(object, type); bad.is_true) return failed(bad.text());
  }
  if (condition(object, "Complete").is_true) return ready("complete");
  if (condition(object, "Suspended").is_true) return progressing("suspended");
  return progressing(std::to_string(int_at(object, "status/succeeded", 0)) + " of " +
                     std::to_string(int_at(object, "spec/completions", 1)) + " pods have succeeded, " +
                     std::to_string(int_at(object, "status/failed", 0)) + " failed");
}

Verdict judge_pod(const Json& object) {
  const auto phase = text_at(object, "status/phase");
  if (phase == "Succeeded") return ready("succeeded");
  if (phase == "Failed")
    return failed("failed" + (text_at(object, "status/reason").empty() ? "" : ": " + text_at(object, "status/reason")));
  if (condition(object, "Ready").is_true) return ready();
  return progressing(phase.empty() ? "not scheduled yet" : "phase " + phase);
}

Verdict judge_service(const Json& object) {
  const auto type = text_at(object, "spec/type");
  if (type == "ExternalName") return ready();
  if (text_at(object, "spec/clusterIP").empty()) return progressing("no cluster address yet");
  if (type != "LoadBalancer") return ready();
  const Json* external = find_path(object, "spec/externalIPs");
  const Json* ingress = find_path(object, "status/loadBalancer/ingress");
  if ((external && !external->empty()) || (ingress && !ingress->empty())) return ready();
  return progressing("no load balancer address yet");
}

Verdict judge_claim(const Json& object) {
  const auto phase = text_at(object, "status/phase");
  if (phase == "Lost") return failed("its volume is lost");
  // a claim of a class that binds at first use stays Pending until a pod wants it: its pods are what is waited for
  return phase == "Bound" ? ready() : ready("phase " + (phase.empty() ? std::string("Pending") : phase));
}

Verdict judge_definition(const Json& object) {
  if (const auto names = condition(object, "NamesAccepted"); names.is_false) return failed(names.text());
  const auto established = condition(object, "Established");
  if (established.is_true) return ready("established");
  if (established.is_false && established.reason != "Installing") return failed(established.text());
  return progressing("not established yet");
}

Verdict judge_custom(const Json& object) {
  if (const auto stalled = condition(object, "Stalled"); stalled.is_true) return failed(stalled.text());
  if (const auto reconciling = condition(object, "Reconciling"); reconciling.is_true) return progressing(reconciling.text());
  const auto is_ready = condition(object, "Ready");
  if (is_ready.exists && !is_ready.is_true) return progressing(is_ready.text().empty() ? "not Ready" : is_ready.text());
  return ready();
}

}  // namespace

Verdict judge(const Json& object, Jobs jobs) {
  const auto kind = text_at(object, "kind");
  if (!text_at(object, "metadata/deletionTimestamp").empty()) return progressing("being deleted");
  if (kind == "Job" && jobs == Jobs::ignore) return ready();
  if (find_path(object, "status/observedGeneration") && !is_observed(object))
    return progressing("the controller has not seen the change yet");
  const auto api_version = text_at(object, "apiVersion");
  const auto group = plan::group_of(api_version);
  if (group == "apps") {
    if (kind == "Deployment")
      return is_observed(object) ? judge_deployment(object) : progressing("the controller has not looked at it yet");
    if (kind == "ReplicaSet") return judge_replica_set(object);
    if (kind == "StatefulSet")
      return is_observed(object) ? judge_stateful_set(object) : progressing("the controller has not looked at it yet");
    if (kind == "DaemonSet") return judge_daemon_set(object);
  }
  if (group == "batch" && kind == "Job") return judge_job(object);
  if (group == "apiextensions.k8s.io") return judge_definition(object);
  if (group == "apiregistration.k8s.io") {
    const auto available = condition(object, "Available");
    return available.is_true ? ready() : progressing(available.text().empty() ? "not available yet" : available.text());
  }
  if (group.empty()) {
    if (kind == "Pod") return judge_pod(object);
    if (kind == "ReplicationController") return judge_replica_set(object);
    if (kind == "Service") return judge_service(object);
    if (kind == "PersistentVolumeClaim") return judge_claim(object);
    if (kind == "Namespace") return text_at(object, "status/phase") == "Active" ? ready() : progressing("not active yet");
    return ready();
  }
  // kinds of Kubernetes' own groups that nothing waits for (roles, policies, ingresses, ...) exist and are done
  const bool own = group.find('.') == std::string_view::npos || group.ends_with(".k8s.io");
  return own ? ready() : judge_custom(object);
}

Verdict judge_hook(const Json& object) {
  const auto kind = text_at(object, "kind");
  if (kind == "Job") return judge_job(object);
  if (kind == "Pod") {
    const auto phase = text_at(object, "status/phase");
    if (phase == "Succeeded") return ready("succeeded");
    if (phase == "Failed") return failed("failed");
    return progressing("phase " + phase);
  }
  return ready();
}

}  // namespace sluice::track
