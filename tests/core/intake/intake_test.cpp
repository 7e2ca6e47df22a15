#include "core/intake/intake.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "core/deployment/pattern.hpp"

namespace sluice::intake {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::IsEmpty;

const std::string sha_a(40, 'a');
const std::string sha_b(40, 'b');

json repository() { return {{"id", 100}, {"full_name", "Acme/Shop"}, {"default_branch", "main"}}; }
json sender() { return {{"id", 1}, {"login", "ann"}, {"type", "User"}}; }

json push() {
  return {{"ref", "refs/heads/main"},   {"before", sha_a},   {"after", sha_b},
          {"deleted", false},           {"forced", false},   {"head_commit", {{"id", sha_b}, {"message", "bump web\n\nmore"}}},
          {"repository", repository()}, {"sender", sender()}};
}

json workflow_run() {
  json run = {{"id", 900},
              {"name", "CI"},
              {"path", ".github/workflows/ci.yml"},
              {"run_attempt", 2},
              {"event", "push"},
              {"conclusion", "success"},
              {"head_branch", "main"},
              {"head_sha", sha_b},
              {"head_repository", {{"id", 100}}}};
  return {{"action", "completed"}, {"workflow_run", run}, {"repository", repository()}, {"sender", sender()}};
}

Rule rule(std::string event, std::map<std::string, std::string> conditions = {}) {
  return {std::move(event), std::move(conditions)};
}

std::vector<Repository> configured() {
  return {{"acme/shop",
           {{"prod",
             {rule("push", {{"branch", "main"}}), rule("workflow_run", {{"workflow", "CI"}, {"branch", "main"}}),
              rule("release", {{"tag", "v*"}}), rule("repository_dispatch")}},
            {"staging", {rule("push"), rule("registry_package", {{"package", "shop-web"}})}},
            {"tagged", {rule("push", {{"tag", "v*"}})}},
            {"by-hand", {rule("manual")}}}}};
}

Result<Verdict> judged(const std::string& event, const json& body) {
  const std::string text = body.dump();
  return judge({event, "guid-1", text}, configured(), &deployment::matches);
}

std::vector<std::string> environments(const Verdict& verdict) {
  std::vector<std::string> names;
  for (const auto& each : verdict.deployments) names.push_back(each.environment);
  return names;
}

TEST(Intake, TurnsAPushIntoADeploymentOfEachEnvironmentThatWantsIt) {
  const auto verdict = judged("push", push());
  ASSERT_TRUE(verdict) << verdict.error().what;
  EXPECT_THAT(verdict->deployments, ElementsAre(Wanted{"prod", "refs/heads/main", sha_b, "bump web"},
                                                Wanted{"staging", "refs/heads/main", sha_b, "bump web"}));
  EXPECT_EQ(verdict->trigger_key, "push:100:refs/heads/main:" + sha_b);
  EXPECT_EQ(verdict->repository, "acme/shop");
  EXPECT_EQ(verdict->sender, (Sender{"ann", 1}));
}

TEST(Intake, LeavesOtherBranchesToThoseThatWantThem) {
  auto body = push();
  body["ref"] = "refs/heads/feature";
  EXPECT_THAT(environments(*judged("push", body)), ElementsAre("staging"));
}

TEST(Intake, TakesTheCommitAndNotTheObjectOfATag) {
  auto body = push();
  body["ref"] = "refs/tags/v1.2";
  body["after"] = std::string(40, 'c');  // the annotated tag itself
  const auto verdict = judged("push", body);
  EXPECT_THAT(verdict->deployments, ElementsAre(Wanted{"tagged", "refs/tags/v1.2", sha_b, "bump web"}));
}

TEST(Intake, IgnoresADeletedBranch) {
  auto body = push();
  body["deleted"] = true;
  body["after"] = std::string(40, '0');
  body["head_commit"] = nullptr;
  const auto verdict = judged("push", body);
  EXPECT_THAT(verdict->deployments, IsEmpty());
  EXPECT_EQ(verdict->reason, "the ref was deleted");
  EXPECT_EQ(verdict->trigger_key, "");
}

TEST(Intake, HonoursSkipWords) {
  auto body = push();
  body["head_commit"]["message"] = "docs [skip ci]";
  EXPECT_EQ(judged("push", body)->reason, "the commit message asks to skip it");
}

TEST(Intake, TakesAGreenRunOfTheWorkflow) {
  const auto verdict = judged("workflow_run", workflow_run());
  ASSERT_TRUE(verdict) << verdict.error().what;
  EXPECT_THAT(verdict->deployments, ElementsAre(Wanted{"prod", "refs/heads/main", sha_b, ""}));
  EXPECT_EQ(verdict->trigger_key, "wfrun:100:900:2");
}

TEST(Intake, TakesNoRunOfAForkThatCallsItsBranchMain) {
  auto body = workflow_run();
  body["workflow_run"]["head_repository"]["id"] = 666;
  EXPECT_EQ(judged("workflow_run", body)->reason, "the workflow ran for another repository's commit");
  body = workflow_run();
  body["workflow_run"]["head_repository"] = nullptr;
  EXPECT_EQ(judged("workflow_run", body)->reason, "the workflow ran for another repository's commit");
  body = workflow_run();
  body["workflow_run"]["event"] = "pull_request";
  EXPECT_EQ(judged("workflow_run", body)->reason, "the workflow ran for an event that outsiders can cause");
}

TEST(Intake, TakesNoRunThatFailedOrIsAnotherWorkflow) {
  auto body = workflow_run();
  body["workflow_run"]["conclusion"] = "failure";
  EXPECT_EQ(judged("workflow_run", body)->reason, "no trigger rule asks for it");
  body = workflow_run();
  body["workflow_run"]["conclusion"] = nullptr;
  body["action"] = "in_progress";
  EXPECT_EQ(judged("workflow_run", body)->reason, "the workflow run has not completed");
  body = workflow_run();
  body["workflow_run"]["name"] = "Lint";
  EXPECT_EQ(judged("workflow_run", body)->reason, "no trigger rule asks for it");
}

TEST(Intake, TakesAPublishedReleaseByItsTag) {
  const json body = {{"action", "published"},
                     {"release", {{"id", 31}, {"tag_name", "v1.4.0"}, {"draft", false}, {"name", "1.4"}}},
                     {"repository", repository()},
                     {"sender", sender()}};
  const auto verdict = judged("release", body);
  EXPECT_THAT(verdict->deployments, ElementsAre(Wanted{"prod", "refs/tags/v1.4.0", "", "1.4"}));
  EXPECT_EQ(verdict->trigger_key, "release:100:31");
}

TEST(Intake, TakesADispatchForTheEnvironmentItNames) {
  json body = {{"action", "sluice-deploy"},
               {"branch", "main"},
               {"client_payload", {{"environment", "prod"}, {"ref", "release"}}},
               {"repository", repository()},
               {"sender", sender()}};
  EXPECT_THAT(judged("repository_dispatch", body)->deployments, ElementsAre(Wanted{"prod", "refs/heads/release", "", ""}));
  body["client_payload"]["environment"] = "staging";
  EXPECT_EQ(judged("repository_dispatch", body)->reason, "no trigger rule asks for it");
}

TEST(Intake, TakesAPackageUnderBothOfItsNames) {
  const json package = {
      {"id", 61}, {"name", "shop-web"}, {"package_version", {{"id", 610}, {"container_metadata", {{"tag", {{"name", "bbb"}}}}}}}};
  json body = {{"action", "published"}, {"package", package}, {"repository", repository()}, {"sender", sender()}};
  EXPECT_THAT(environments(*judged("package", body)), ElementsAre("staging"));
  EXPECT_EQ(judged("package", body)->trigger_key, "pkg:61:610:bbb");
  body["registry_package"] = package;
  EXPECT_THAT(environments(*judged("registry_package", body)), ElementsAre("staging"));
  body["package"]["package_version"]["container_metadata"]["tag"]["name"] = "";
  EXPECT_EQ(judged("package", body)->reason, "the package version has no tag");
}

TEST(Intake, AnswersAPingAndWarnsAboutTheHook) {
  const json body = {{"zen", "ok"}, {"hook", {{"config", {{"content_type", "form"}, {"insecure_ssl", "1"}}}}}};
  const auto verdict = judged("ping", body);
  EXPECT_TRUE(verdict->is_ping);
  EXPECT_THAT(verdict->warnings,
              ElementsAre("the hook's content type is not application/json", "the hook does not verify our certificate"));
}

TEST(Intake, IgnoresWhatItDoesNotKnow) {
  EXPECT_EQ(judged("star", push())->reason, "the event is not used");
  auto body = push();
  body["repository"]["full_name"] = "acme/other";
  EXPECT_EQ(judged("push", body)->reason, "repo-not-allowed: the repository is not configured");
}

TEST(Intake, RefusesABodyUnderAnotherEventsName) {
  EXPECT_EQ(judged("workflow_run", push()).error(),
            (Error{Errc::invalid, "not the shape of a workflow_run event: workflow_run is missing"}));
  EXPECT_EQ(judged("ping", push()).error(), (Error{Errc::invalid, "not the shape of a ping event: zen must be a string"}));
  EXPECT_EQ(judged("push", workflow_run()).error(),
            (Error{Errc::invalid, "not the shape of a push event: ref must be a string"}));
}

TEST(Intake, RefusesWrongTypes) {
  EXPECT_EQ(judged("push", json::array()).error(),
            (Error{Errc::invalid, "not the shape of a push event: the body must be an object"}));
  auto body = push();
  body["after"] = "HEAD; rm -rf /";
  EXPECT_EQ(judged("push", body).error(),
            (Error{Errc::invalid, "not the shape of a push event: after must be a full object id"}));
  body = push();
  body["repository"]["id"] = "100";
  EXPECT_EQ(judged("push", body).error(),
            (Error{Errc::invalid, "not the shape of a push event: repository.id must be a whole number"}));
  body = push();
  body["sender"] = 7;
  EXPECT_EQ(judged("push", body).error(), (Error{Errc::invalid, "not the shape of a push event: sender must be an object"}));
}

}  // namespace
}  // namespace sluice::intake
