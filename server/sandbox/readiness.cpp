#include "server/sandbox/readiness.hpp"

#include <nlohmann/json.hpp>
#include <string>

namespace sluice::sandbox {

using Json = nlohmann::json;

namespace {

bool is_broken(const Json& object) {
  const auto pod = Json::json_pointer("/spec/template/spec/containers");
  if (!object.contains(pod)) return false;
  for (const Json& container : object.at(pod)) {
    if (container.value("image", "").find("broken") != std::string::npos) return true;
  }
  return false;
}

Json condition(const char* type, const char* status, const char* reason) {
  return {{"type", type}, {"status", status}, {"reason", reason}, {"message", ""}};
}

long replicas(const Json& object) { return object.value("/spec/replicas"_json_pointer, 1L); }
long generation(const Json& object) { return object.value("/metadata/generation"_json_pointer, 1L); }

Json deployment_status(const Json& object, bool ready) {
  const long wanted = replicas(object);
  Json status{{"observedGeneration", generation(object)}, {"replicas", wanted}, {"updatedReplicas", wanted}};
  if (ready) {
    status.update(Json{{"readyReplicas", wanted}, {"availableReplicas", wanted}});
    status["conditions"] = {condition("Available", "True", "MinimumReplicasAvailable"),
                            condition("Progressing", "True", "NewReplicaSetAvailable")};
  } else {
    status["unavailableReplicas"] = wanted;
    status["conditions"] = {condition("Available", "False", "MinimumReplicasUnavailable"),
                            condition("Progressing", "True", "ReplicaSetUpdated")};
  }
  return status;
}

Json stateful_status(const Json& object, bool ready) {
  const long wanted = replicas(object);
  Json status{{"observedGeneration", generation(object)},
              {"replicas", wanted},
              {"updatedReplicas", wanted},
              {"currentRevision", "r" + std::to_string(generation(object))},
              {"updateRevision", "r" + std::to_string(generation(object))}};
  if (ready) status.update(Json{{"readyReplicas", wanted}, {"availableReplicas", wanted}, {"currentReplicas", wanted}});
  return status;
}

Json daemon_status(const Json& object, bool ready) {
  const long count = ready ? 1 : 0;
  return {{"observedGeneration", generation(object)},
          {"desiredNumberScheduled", 1},
          {"currentNumberScheduled", 1},
          {"updatedNumberScheduled", 1},
          {"numberReady", count},
          {"numberAvailable", count},
          {"numberMisscheduled", 0}};
}

Json job_status(bool ready) {
  if (!ready) return {{"active", 1}};
  return {{"succeeded", 1},
          {"conditions",
           {condition("SuccessCriteriaMet", "True", "CompletionsReached"), condition("Complete", "True", "CompletionsReached")}}};
}

/// The status of a kind that gets one; null for all others.
Json status_of(const Json& object, bool ready) {
  const std::string kind = object.value("kind", "");
  if (kind == "Deployment") return deployment_status(object, ready);
  if (kind == "StatefulSet") return stateful_status(object, ready);
  if (kind == "DaemonSet") return daemon_status(object, ready);
  if (kind == "ReplicaSet") return stateful_status(object, ready);
  if (kind == "Job") return job_status(ready);
  if (kind == "Pod")
    return {{"phase", ready ? "Running" : "Pending"}, {"conditions", {condition("Ready", ready ? "True" : "False", "")}}};
  if (kind == "Namespace") return {{"phase", "Active"}};
  if (kind == "PersistentVolumeClaim") return {{"phase", "Bound"}};
  if (kind == "PersistentVolume") return {{"phase", "Available"}};
  if (kind == "CustomResourceDefinition") {
    return {{"conditions",
             {condition("NamesAccepted", "True", "NoConflicts"), condition("Established", "True", "InitialNamesAccepted")}}};
  }
  if (kind == "Service" && object.value("/spec/type"_json_pointer, "") == "LoadBalancer") {
    return {{"loadBalancer", {{"ingress", {{{"ip", "127.0.0.100"}}}}}}};
  }
  return nullptr;
}

}  // namespace

void begin_status(Json& object) {
  Json status = status_of(object, false);
  if (!status.is_null()) object["status"] = std::move(status);
}

bool finish_status(Json& object) {
  if (is_broken(object)) return false;
  Json status = status_of(object, true);
  if (status.is_null() || object.value("status", Json()) == status) return false;
  object["status"] = std::move(status);
  return true;
}

}  // namespace sluice::sandbox
