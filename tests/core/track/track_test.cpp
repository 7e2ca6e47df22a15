#include "core/track/track.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace sluice::track {

using plan::Json;

namespace {

Verdict of(const std::string& text, Jobs jobs = Jobs::wait) { return judge(Json::parse(text), jobs); }

Json deployment() {
  return Json::parse(
      R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","generation":3},"spec":{"replicas":3},
    "status":{"observedGeneration":3,"replicas":3,"updatedReplicas":3,"readyReplicas":3,"availableReplicas":3,"conditions":[
      {"type":"Available","status":"True"},{"type":"Progressing","status":"True","reason":"NewReplicaSetAvailable"}]}})");
}

Verdict deployment_with(const std::string& patch) {
  Json object = deployment();
  object.merge_patch(Json::parse(patch));
  return judge(object, Jobs::wait);
}

}  // namespace

TEST(Deployment, IsReadyWhenAllReplicasOfItsGenerationAreAvailable) {
  EXPECT_EQ(judge(deployment(), Jobs::wait), (Verdict{Progress::ready, "3 of 3 replicas are available"}));
}

TEST(Deployment, SaysWhatItWaitsFor) {
  const auto waits = [](const std::string& patch) {
    const auto verdict = deployment_with(patch);
    EXPECT_EQ(verdict.progress, Progress::progressing);
    return verdict.why;
  };
  EXPECT_EQ(waits(R"({"metadata":{"generation":4}})"), "the controller has not seen the change yet");
  EXPECT_EQ(waits(R"({"status":null})"), "the controller has not looked at it yet");
  EXPECT_EQ(waits(R"({"status":{"updatedReplicas":null}})"), "0 of 3 replicas are updated");
  EXPECT_EQ(waits(R"({"status":{"replicas":5}})"), "2 old replicas are still there");
  EXPECT_EQ(waits(R"({"status":{"readyReplicas":2}})"), "2 of 3 replicas are ready");
  EXPECT_EQ(waits(R"({"status":{"availableReplicas":1}})"), "1 of 3 replicas are available");
  EXPECT_EQ(waits(R"({"metadata":{"deletionTimestamp":"2026-01-01T00:00:00Z"}})"), "being deleted");
}

TEST(Deployment, FailsWhenItsReplicasCannotBeMadeOrItsDeadlinePassed) {
  EXPECT_EQ(
      deployment_with(
          R"({"status":{"conditions":[{"type":"ReplicaFailure","status":"True","reason":"FailedCreate","message":"exceeded quota"}]}})"),
      (Verdict{Progress::failed, "FailedCreate: exceeded quota"}));
  EXPECT_EQ(deployment_with(
                R"({"status":{"conditions":[{"type":"Progressing","status":"False","reason":"ProgressDeadlineExceeded"}]}})"),
            (Verdict{Progress::failed, "ProgressDeadlineExceeded"}));
}

TEST(Deployment, OldConditionsOfTheFormerGenerationDoNotCount) {
  // right after an update: the spec is new, everything else still speaks of the old one
  EXPECT_EQ(deployment_with(R"({"metadata":{"generation":4}})").progress, Progress::progressing);
}

TEST(Deployment, ScaledToZeroIsReady) {
  EXPECT_EQ(
      of(R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{"generation":1},"spec":{"replicas":0},"status":{"observedGeneration":1}})")
          .progress,
      Progress::ready);
}

TEST(StatefulSet, IsReadyWhenEveryPodHasTheNewRevision) {
  const std::string head =
      R"({"apiVersion":"apps/v1","kind":"StatefulSet","metadata":{"generation":2},"spec":{"replicas":2},"status":{"observedGeneration":2,)";
  EXPECT_EQ(of(head + R"("readyReplicas":2,"updatedReplicas":2,"currentRevision":"b","updateRevision":"b"}})").progress,
            Progress::ready);
  EXPECT_EQ(of(head + R"("readyReplicas":2,"updatedReplicas":2,"currentRevision":"a","updateRevision":"b"}})").why,
            "the new revision is not the current one yet");
  EXPECT_EQ(of(head + R"("readyReplicas":2,"updatedReplicas":1}})").why, "1 of 2 replicas are updated");
}

TEST(DaemonSet, IsReadyOnEveryNode) {
  const std::string head = R"({"apiVersion":"apps/v1","kind":"DaemonSet","metadata":{"generation":1},"spec":{},"status":{)";
  EXPECT_EQ(of(head + R"("desiredNumberScheduled":2}})").why, "the controller has not looked at it yet");
  EXPECT_EQ(
      of(head + R"("observedGeneration":1,"desiredNumberScheduled":2,"updatedNumberScheduled":2,"numberAvailable":1}})").why,
      "1 of 2 pods are available");
  EXPECT_EQ(
      of(head +
         R"("observedGeneration":1,"desiredNumberScheduled":2,"updatedNumberScheduled":2,"numberAvailable":2,"numberReady":2}})")
          .progress,
      Progress::ready);
}

TEST(Job, IsWaitedForOnlyWhenAsked) {
  const std::string running =
      R"({"apiVersion":"batch/v1","kind":"Job","spec":{"completions":2},"status":{"succeeded":1,"failed":1}})";
  EXPECT_EQ(of(running, Jobs::ignore).progress, Progress::ready);
  EXPECT_EQ(of(running), (Verdict{Progress::progressing, "1 of 2 pods have succeeded, 1 failed"}));
  EXPECT_EQ(
      of(R"({"apiVersion":"batch/v1","kind":"Job","status":{"conditions":[{"type":"SuccessCriteriaMet","status":"True"}]}})")
          .progress,
      Progress::progressing);
  EXPECT_EQ(
      of(R"({"apiVersion":"batch/v1","kind":"Job","status":{"conditions":[{"type":"Failed","status":"True","reason":"BackoffLimitExceeded"}]}})"),
      (Verdict{Progress::failed, "BackoffLimitExceeded"}));
}

TEST(Service, WaitsForItsLoadBalancerAddress) {
  EXPECT_EQ(of(R"({"apiVersion":"v1","kind":"Service","spec":{"type":"ClusterIP","clusterIP":"10.0.0.1"}})").progress,
            Progress::ready);
  EXPECT_EQ(of(R"({"apiVersion":"v1","kind":"Service","spec":{"type":"ExternalName"}})").progress, Progress::ready);
  EXPECT_EQ(
      of(R"({"apiVersion":"v1","kind":"Service","spec":{"type":"LoadBalancer","clusterIP":"10.0.0.1"},"status":{"loadBalancer":{}}})")
          .why,
      "no load balancer address yet");
}

TEST(Claim, ThatWaitsForItsFirstConsumerHoldsNothingUp) {
  EXPECT_EQ(of(R"({"apiVersion":"v1","kind":"PersistentVolumeClaim","status":{"phase":"Pending"}})"),
            (Verdict{Progress::ready, "phase Pending"}));
}

TEST(Definition, IsReadyOnceEstablished) {
  const std::string head = R"({"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","status":)";
  EXPECT_EQ(of(head + R"({"conditions":null}})").why, "not established yet");
  EXPECT_EQ(of(head + R"({"conditions":[{"type":"Established","status":"True"}]}})").progress, Progress::ready);
  EXPECT_EQ(of(head + R"({"conditions":[{"type":"NamesAccepted","status":"False","reason":"ListKindConflict"}]}})"),
            (Verdict{Progress::failed, "ListKindConflict"}));
}

TEST(CustomResource, IsJudgedByItsReadyConditionIfItHasOne) {
  const std::string head = R"({"apiVersion":"cert-manager.io/v1","kind":"Certificate","metadata":{"generation":1},"status":)";
  EXPECT_EQ(of(head + "{}}").progress, Progress::ready);
  EXPECT_EQ(of(head + R"({"conditions":[{"type":"Ready","status":"False","reason":"DoesNotExist","message":"no Secret yet"}]}})"),
            (Verdict{Progress::progressing, "DoesNotExist: no Secret yet"}));
  EXPECT_EQ(of(head + R"({"conditions":[{"type":"Stalled","status":"True","reason":"Bad"}]}})").progress, Progress::failed);
}

TEST(Hook, IsDoneWhenItsJobOrPodIs) {
  EXPECT_EQ(judge_hook(Json::parse(R"({"kind":"Pod","status":{"phase":"Running"}})")).progress, Progress::progressing);
  EXPECT_EQ(judge_hook(Json::parse(R"({"kind":"Pod","status":{"phase":"Succeeded"}})")).progress, Progress::ready);
  EXPECT_EQ(judge_hook(Json::parse(R"({"kind":"ConfigMap"})")).progress, Progress::ready);
}

TEST(Anything, OfAnUnexpectedShapeIsJudgedWithoutTrouble) {
  for (const char* text : {"null", "[]", "7", "{}", R"({"kind":"Deployment","apiVersion":"apps/v1","status":7,"spec":"x"})",
                           R"({"kind":"Job","apiVersion":"batch/v1","status":{"conditions":[null,7,{"type":3}]}})"})
    of(text);
}

}  // namespace sluice::track
