#include "core/plan/plan.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/base/digest.hpp"
#include "core/plan/actions.hpp"
#include "core/plan/clean.hpp"
#include "core/plan/release.hpp"

namespace sluice::plan {

namespace {

Plan example() {
  Plan plan;
  plan.environment = "prod";
  plan.commit = std::string(40, 'a');
  plan.cluster_uid = "uid";
  ReleasePlan release;
  release.name = "web";
  release.namespace_ = "shop";
  release.operation = Operation::upgrade;
  release.revision = 4;
  release.options.timeout = std::chrono::seconds(90);
  Action action;
  action.verb = Verb::update;
  action.id = {"apps", "Deployment", "shop", "web"};
  action.method = "PATCH";
  action.body = "{\"spec\":\"\u00e9\"}";
  action.live = {"u", "h"};
  release.actions.push_back(action);
  release.hooks.push_back({"p", "n", "Job", {"pre-upgrade"}, -5, {"hook-failed"}, action});
  release.commands.push_back({"presync", "check", "sh", {"-c", "true"}, {"-c", "false"}, "deploy", true, {action}});
  plan.releases.push_back(release);
  plan.commands.push_back({"cleanup", "rm", "rm", {"x"}, {}, ".", false, {}});
  plan.secret_places[{"", "ConfigMap", "shop", "c"}] = {"/data/url", "/data/a~1b"};
  return plan;
}

}  // namespace

TEST(Plan, ComesBackFromItsTextAsItWas) {
  const Plan plan = example();
  const auto read = read_plan(to_text(plan));
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_EQ(read->releases, plan.releases);
  EXPECT_EQ(read->commands, plan.commands);
  EXPECT_EQ(read->secret_places, plan.secret_places);
  EXPECT_EQ(to_text(*read), to_text(plan));
  EXPECT_EQ(digest(*read), digest(plan));
}

TEST(Plan, HasAnotherDigestForEveryChange) {
  const auto before = digest(example());
  Plan plan = example();
  plan.releases[0].actions[0].body += " ";
  EXPECT_NE(digest(plan), before);
  plan = example();
  plan.cluster_uid = "other";
  EXPECT_NE(digest(plan), before);
  plan = example();
  plan.releases[0].options.timeout = std::chrono::seconds(91);
  EXPECT_NE(digest(plan), before);
  plan = example();
  plan.releases[0].commands[0].arguments[1] = "true; true";
  EXPECT_NE(digest(plan), before);
  plan = example();
  plan.commands.clear();
  EXPECT_NE(digest(plan), before);
}

TEST(Plan, IsNotReadFromAnythingElse) {
  EXPECT_EQ(read_plan("{").error().what, "reading a plan: not JSON");
  EXPECT_EQ(read_plan("{}").error().what, "reading a plan: a field is missing or of the wrong type");
  EXPECT_EQ(read_plan(R"({"format":2})").error().what, "reading a plan: its format is not 1");
  EXPECT_EQ(read_plan(std::string(300, '[')).error().what, "reading a plan: JSON is nested deeper than 256 levels");
}

TEST(ContentHash, ChangesWithTheObjectAndNotWithItsBookkeeping) {
  Json object = Json::parse(
      R"({"metadata":{"name":"a","resourceVersion":"1","generation":1,"managedFields":[]},"spec":{"x":1},"status":{"y":2}})");
  const auto before = content_hash(object);
  object["metadata"]["resourceVersion"] = "2";
  object["status"]["y"] = 3;
  EXPECT_EQ(content_hash(object), before);
  object["spec"]["x"] = 2;
  EXPECT_NE(content_hash(object), before);
}

TEST(Action, DeletesExactlyTheObjectThatWasSeen) {
  const Json live = Json::parse(R"({"metadata":{"uid":"u-1"}})");
  const auto action = remove_action({"batch", "Job", "shop", "j"}, "batch/v1", live, {"/c", "/c/j"});
  EXPECT_EQ(action.body,
            R"({"apiVersion":"v1","kind":"DeleteOptions","preconditions":{"uid":"u-1"},"propagationPolicy":"Background"})");
}

TEST(Action, DeletesDependentsAsItIsTold) {
  const Json live = Json::parse(R"({"metadata":{"uid":"u-1"}})");
  const auto policy = [&](Cascade cascade) {
    const auto action = remove_action({"batch", "Job", "shop", "j"}, "batch/v1", live, {"/c", "/c/j"}, cascade);
    return text_at(Json::parse(action.body), "propagationPolicy");
  };
  EXPECT_EQ(policy(Cascade::foreground), "Foreground");
  EXPECT_EQ(policy(Cascade::orphan), "Orphan");
}

TEST(Label, IsWhatKubernetesTakes) {
  for (const char* good : {"a", "A.b-c_9", "example.org/a", "a-b.example.org/A"}) EXPECT_TRUE(is_label(good, "")) << good;
  for (const char* bad : {"", "-a", "a.", "a b", "/a", "Example.org/a", "example..org/a", "example.org./a", "a/b/c", "example.org/"})
    EXPECT_FALSE(is_label(bad, "x")) << bad;
  EXPECT_TRUE(is_label("a", std::string(63, 'x')));
  for (const std::string& bad : {std::string(64, 'x'), std::string("a,b"), std::string("x-")}) EXPECT_FALSE(is_label("a", bad)) << bad;
}

TEST(Action, IsReplacedOnlyForKindsThatHoldNothing) {
  Desired job{{"batch", "Job", "shop", "j"}, "batch/v1", Json::parse(R"({"spec":{"x":2}})"), "", {}};
  const Json live = Json::parse(R"({"metadata":{"uid":"u"},"spec":{"x":1}})");
  const auto update = update_action(job, nullptr, live, {"/c", "/c/j"});
  const auto replaced = replace_action(update, job, {"/c", "/c/j"});
  ASSERT_TRUE(replaced);
  EXPECT_EQ(replaced->create_body, R"({"spec":{"x":2}})");
  EXPECT_EQ(replaced->method, "DELETE");
  job.id.kind = "StatefulSet";
  EXPECT_FALSE(replace_action(update, job, {"/c", "/c/j"}));
}

TEST(Json, EscapesWhatAYamlReaderOfTheServerForbids) {
  EXPECT_EQ(to_text(Json("a\x7f\u0085\ufffe\U0001F600/\x01")), "\"a\\u007f\\u0085\\ufffe\U0001F600/\\u0001\"");
}

TEST(ReleaseRecord, ComesBackFromItsSecret) {
  Json record = Json::parse(
      R"({"name":"web","namespace":"shop","version":7,"info":{"status":"deployed"},"manifest":"---\n","chart":{"metadata":{"name":"web"},
    "templates":[{"name":"t","data":"eA=="}],"values":{"a":1}}})");
  const Json secret = record_secret(record, "createdAt", 1700000000);
  EXPECT_EQ(
      secret["metadata"],
      Json::parse(
          R"({"name":"sh.helm.release.v1.web.v7","namespace":"shop","labels":{"owner":"helm","name":"web","status":"deployed",
    "version":"7","createdAt":"1700000000"}})"));
  const auto data = secret["data"]["release"].get<std::string>();
  EXPECT_EQ(*decode_record(data, RecordParts::all), record);
  const auto light = decode_record(data, RecordParts::without_chart_content);
  EXPECT_EQ((*light)["chart"], Json::parse(R"({"metadata":{"name":"web"}})"));
  EXPECT_EQ((*light)["manifest"], "---\n");
  const auto head = record_head(secret);
  EXPECT_EQ(head.name + head.status + std::to_string(head.revision), "webdeployed7");
}

TEST(ReleaseRecord, KeepsTheLabelsOfItsReleaseOnItsSecretAlone) {
  NewRecord wanted;
  wanted.name = "web";
  wanted.namespace_ = "shop";
  wanted.labels = {{"team", "x"}};
  const Json secret = record_secret(to_json(wanted), "modifiedAt", 5);
  EXPECT_EQ(secret["metadata"]["labels"],
            Json::parse(R"({"owner":"helm","name":"web","status":"","version":"1","modifiedAt":"5","team":"x"})"));
  EXPECT_FALSE(decode_record(secret["data"]["release"].get<std::string>(), RecordParts::all)->contains("labels"));
  EXPECT_EQ(record_head(secret).labels, (ReleaseLabels{{"team", "x"}}));
}

TEST(ReleaseRecord, ThatIsNoneIsAnError) {
  for (const std::string bad : {"", "!!", "aGVsbG8=", "SDRzSUFBQUE="})
    EXPECT_EQ(decode_record(bad, RecordParts::all).has_value(), false) << bad;
}

TEST(ReleaseRecord, WithoutCompressionIsReadToo) {
  EXPECT_EQ((*decode_record(to_base64(to_base64(R"({"name":"x"})")), RecordParts::all))["name"], "x");
}

}  // namespace sluice::plan
