// Against the real API server of KUBECONFIG; without one, skipped. tests/integration/cluster/cluster.py starts one.

#include "server/worker/push.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "server/kube/cluster.hpp"
#include "server/worker/plan.hpp"
#include "server/worker/records.hpp"

namespace sluice::worker {

namespace asio = boost::asio;
using plan::Json;
using plan::Operation;

namespace {

constexpr const char* config_map = R"(apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
data:
  colour: @COLOUR@
)";
constexpr const char* deployment = R"(apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: web
        image: @IMAGE@
        env:
        - {name: EMPTY, value: ""}
        resources: {limits: {cpu: 1000m, memory: 1024Mi}}
)";
constexpr const char* service = R"(apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  selector: {app: web}
  ports:
  - {name: dns, port: 53, protocol: UDP}
  - {name: dns-tcp, port: 53, protocol: TCP}
)";
constexpr const char* hook_job = R"(apiVersion: batch/v1
kind: Job
metadata: {name: migrate}
spec:
  template:
    spec:
      restartPolicy: Never
      containers: [{name: migrate, image: busybox}]
)";
constexpr const char* unschedulable = R"(apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      nodeSelector: {no: such-node}
      containers: [{name: web, image: never}]
)";

std::string with(std::string text, const std::string& what, const std::string& value) {
  const auto at = text.find(what);
  if (at != std::string::npos) text.replace(at, what.size(), value);
  return text;
}

class Push : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::getenv("KUBECONFIG")) GTEST_SKIP() << "NOT PUSHED: there is no KUBECONFIG here; `tests/run integration` runs these against a real API server";
    auto access = kube::load_kubeconfig("", "");
    ASSERT_TRUE(access) << access.error().what;
    auto made = kube::Cluster::make(context.get_executor(), std::move(*access), {});
    ASSERT_TRUE(made) << made.error().what;
    cluster = std::move(*made);
    ns = "push-" + std::to_string(std::chrono::steady_clock::now().time_since_epoch().count());
  }

  template <class T>
  Result<T> run(asio::awaitable<Result<T>> work) {
    std::optional<Result<T>> out;
    auto keep = [](asio::awaitable<Result<T>> inner, std::optional<Result<T>>& here) -> asio::awaitable<void> {
      here.emplace(co_await std::move(inner));
    };
    asio::co_spawn(context, keep(std::move(work), out), [](std::exception_ptr thrown) {
      if (thrown) std::rethrow_exception(thrown);
    });
    context.restart();
    context.run();
    return std::move(*out);
  }

  RenderedRelease rendered(std::vector<std::string> manifests, std::vector<plan::NewRecord::Hook> hooks = {}) {
    RenderedRelease out;
    out.chart = "web-1.0.0";
    out.chart_record = [] {
      return Json{{"metadata", {{"name", "web"}, {"version", "1.0.0"}, {"apiVersion", "v2"}, {"appVersion", "7"}}}};
    };
    for (const auto& text : manifests) {
      out.manifests.push_back({"web/templates/all.yaml", Text(text)});
      out.manifest += "---\n# Source: web/templates/all.yaml\n" + text;
    }
    out.hooks = std::move(hooks);
    return out;
  }
  Result<Planned> plan_for(RenderedRelease what, plan::PushOptions options = {}, bool installed = true) {
    ReleaseToPlan release;
    release.name = "web";
    release.namespace_ = ns;
    release.installed = installed;
    release.options = options;
    release.render = [what](ReleaseFacts) -> asio::awaitable<Result<RenderedRelease>> { co_return what; };
    PlanRequest request;
    request.mask_key = Secret("key");
    request.releases.push_back(std::move(release));
    return run(make_plan(*cluster, std::move(request)));
  }
  Outcome push_plan(const plan::Plan& plan) {
    PushRequest request;
    request.plan = plan;
    request.note = [this](const Note& note) { notes.push_back(note.text); };
    auto outcome = run(push(*cluster, std::move(request)));
    if (!outcome) {
      Outcome failed;
      failed.error = outcome.error().what;
      return failed;
    }
    return std::move(*outcome);
  }
  Json live(const std::string& path) {
    auto object = run(cluster->get(path));
    return object ? *object : Json();
  }

  asio::io_context context{1};
  std::unique_ptr<kube::Cluster> cluster;
  std::string ns;
  std::vector<std::string> notes;
};

plan::PushOptions waiting() {
  plan::PushOptions options;
  options.wait = true;
  options.timeout = std::chrono::seconds(60);
  return options;
}

std::vector<std::string> usual(const std::string& image = "nginx:1", const std::string& colour = "red") {
  return {with(config_map, "@COLOUR@", colour), service, with(deployment, "@IMAGE@", image)};
}

}  // namespace

TEST_F(Push, InstallsThenFindsNothingToDo) {
  auto planned = plan_for(rendered(usual()), waiting());
  ASSERT_TRUE(planned) << planned.error().what;
  EXPECT_EQ(plan::summary(planned->diff.counts()), "Plan: 3 to create, 0 to update, 0 to replace, 0 to delete, 0 unchanged.");
  EXPECT_EQ(planned->plan.releases[0].operation, Operation::install);
  const auto outcome = push_plan(planned->plan);
  ASSERT_TRUE(outcome.succeeded()) << outcome.error << outcome.releases.at(0).error;
  EXPECT_EQ(outcome.releases[0].revision, 1);
  EXPECT_EQ(plan::text_at(live("/api/v1/namespaces/" + ns + "/configmaps/settings"), "data/colour"), "red");

  auto again = plan_for(rendered(usual()), waiting());
  ASSERT_TRUE(again) << again.error().what;
  EXPECT_FALSE(again->plan.has_changes());
  EXPECT_EQ(plan::summary(again->diff.counts()), "No changes: 3 objects are as they should be.")
      << plan::to_text(again->diff, {});
}

TEST_F(Push, ChangesOnlyTheImageAndKeepsWhatOthersSet) {
  ASSERT_TRUE(push_plan(plan_for(rendered(usual()), waiting())->plan).succeeded());
  auto planned = plan_for(rendered(usual("nginx:2")), waiting());
  ASSERT_TRUE(planned) << planned.error().what;
  EXPECT_TRUE(planned->diff.is_image_only()) << plan::to_text(planned->diff, {});
  EXPECT_EQ(planned->diff.counts().update, 1);
  const auto outcome = push_plan(planned->plan);
  ASSERT_TRUE(outcome.succeeded()) << outcome.releases.at(0).error;
  auto heads = run(list_records(*cluster, ns));
  const auto history = history_of(*heads, "web", ns);
  ASSERT_EQ(history.revisions.size(), 2U);
  EXPECT_EQ(history.revisions[0].status, "superseded");
  EXPECT_EQ(history.revisions[1].status, "deployed");
}

TEST_F(Push, RemovesWhatLeftTheManifest) {
  ASSERT_TRUE(push_plan(plan_for(rendered(usual()), waiting())->plan).succeeded());
  auto planned = plan_for(rendered({service}), waiting());
  ASSERT_TRUE(planned) << planned.error().what;
  EXPECT_EQ(planned->diff.counts().remove, 2);
  ASSERT_TRUE(push_plan(planned->plan).succeeded());
  EXPECT_TRUE(live("/apis/apps/v1/namespaces/" + ns + "/deployments/web").is_null());
  EXPECT_FALSE(live("/api/v1/namespaces/" + ns + "/services/web").is_null());
}

TEST_F(Push, RefusesAPlanWhoseObjectsMoved) {
  ASSERT_TRUE(push_plan(plan_for(rendered(usual()), waiting())->plan).succeeded());
  auto planned = plan_for(rendered(usual("nginx:1", "blue")), waiting());
  kube::Call edit;
  edit.method = "PATCH";
  edit.path = "/api/v1/namespaces/" + ns + "/configmaps/settings";
  edit.content_type = "application/merge-patch+json";
  edit.body = R"({"data":{"colour":"green"}})";
  ASSERT_TRUE(run(cluster->ask(edit)));
  EXPECT_EQ(push_plan(planned->plan).error, "plan-stale: ConfigMap " + ns + "/settings was changed since the plan was made");
  EXPECT_EQ(plan::text_at(live("/api/v1/namespaces/" + ns + "/configmaps/settings"), "data/colour"), "green");

  auto repaired = plan_for(rendered(usual()), waiting());
  ASSERT_EQ(repaired->diff.counts().update, 1);
  EXPECT_EQ(repaired->diff.releases[0].objects[0].changes.at(0).cause, plan::Cause::drift);
}

TEST_F(Push, RefusesAPlanThatWasPushedAlready) {
  auto planned = plan_for(rendered(usual()), waiting());
  ASSERT_TRUE(push_plan(planned->plan).succeeded());
  EXPECT_EQ(push_plan(planned->plan).error,
            "plan-stale: release " + ns + "/web is at revision 1 (deployed), the plan was made at 0");
}

TEST_F(Push, RunsHooksAroundTheObjects) {
  auto planned =
      plan_for(rendered(usual(), {{"migrate", "Job", "web/templates/job.yaml", hook_job, {"pre-install", "pre-upgrade"}, 0, {}}}),
               waiting());
  ASSERT_TRUE(planned) << planned.error().what;
  const auto outcome = push_plan(planned->plan);
  ASSERT_TRUE(outcome.succeeded()) << outcome.releases.at(0).error;
  EXPECT_EQ(outcome.releases[0].changed[1], "create Job " + ns + "/migrate");
  auto record = run(read_record(*cluster, ns, "web", 1, plan::RecordParts::all));
  EXPECT_EQ(plan::text_at(*record, "hooks/0/last_run/phase"), "Succeeded");
}

TEST_F(Push, GoesBackWhenAnAtomicUpgradeFails) {
  auto options = waiting();
  options.atomic = true;
  ASSERT_TRUE(push_plan(plan_for(rendered(usual()), options)->plan).succeeded());
  options.timeout = std::chrono::seconds(3);
  auto planned = plan_for(rendered({unschedulable}), options);
  ASSERT_TRUE(planned) << planned.error().what;
  const auto outcome = push_plan(planned->plan);
  ASSERT_EQ(outcome.releases.at(0).result, ReleaseResult::rolled_back) << outcome.releases[0].error;
  EXPECT_EQ(outcome.releases[0].revision, 3);
  EXPECT_THAT(outcome.releases[0].error,
              testing::StartsWith(
                  "release web failed, and has been rolled back due to atomic being set: not-ready: waited 3 s: Deployment"));
  EXPECT_FALSE(outcome.releases[0].evidence.empty());
  EXPECT_EQ(plan::text_at(live("/apis/apps/v1/namespaces/" + ns + "/deployments/web"), "spec/template/spec/containers/0/image"),
            "nginx:1");
  EXPECT_FALSE(live("/api/v1/namespaces/" + ns + "/configmaps/settings").is_null());
}

TEST_F(Push, DeletesWhatAFailedUpgradeCreatedWhereThatIsAskedFor) {
  ASSERT_TRUE(push_plan(plan_for(rendered({service}), waiting())->plan).succeeded());
  plan::PushOptions options = waiting();
  options.timeout = std::chrono::seconds(3);
  options.cleanup_on_fail = true;
  auto planned = plan_for(rendered({service, with(config_map, "@COLOUR@", "red"), unschedulable}), options);
  ASSERT_TRUE(planned) << planned.error().what;
  EXPECT_EQ(push_plan(planned->plan).releases.at(0).result, ReleaseResult::failed);
  EXPECT_TRUE(live("/api/v1/namespaces/" + ns + "/configmaps/settings").is_null());
  EXPECT_FALSE(live("/api/v1/namespaces/" + ns + "/services/web").is_null());
}

TEST_F(Push, DeletesAlsoWhatItsRunBeforeACrashHadCreated) {
  ASSERT_TRUE(push_plan(plan_for(rendered({service}), waiting())->plan).succeeded());
  plan::PushOptions options = waiting();
  options.timeout = std::chrono::seconds(3);
  options.cleanup_on_fail = true;
  auto planned = plan_for(rendered({service, with(config_map, "@COLOUR@", "red"), unschedulable}), options);
  ASSERT_TRUE(planned) << planned.error().what;
  const auto& actions = planned->plan.releases.at(0).actions;
  const auto created = std::ranges::find_if(actions, [](const plan::Action& action) { return action.id.kind == "ConfigMap"; });
  ASSERT_NE(created, actions.end());
  kube::Call call;
  call.method = "POST";
  call.path = created->path;
  call.content_type = created->content_type;
  call.body = created->body;
  ASSERT_FALSE(run(cluster->ask(std::move(call)))->refusal);
  PushRequest request;
  request.plan = planned->plan;
  request.resume = Resume::yes;
  request.journal.past = [&, uid = plan::text_at(live(created->object_path), "metadata/uid")](const JournalEntry& entry) -> std::optional<JournalPast> {
    const bool is_it = entry.step == "objects" && entry.number == created - actions.begin();
    return is_it ? std::optional(JournalPast{true, "create", uid}) : std::nullopt;
  };
  const auto outcome = run(push(*cluster, std::move(request)));
  ASSERT_TRUE(outcome) << outcome.error().what;
  EXPECT_EQ(outcome->releases.at(0).result, ReleaseResult::failed);
  EXPECT_TRUE(live(created->object_path).is_null());
  EXPECT_FALSE(live("/api/v1/namespaces/" + ns + "/services/web").is_null());
}

TEST_F(Push, DeletesNothingThatSomebodyElseCreatedInTheMeantime) {
  ASSERT_TRUE(push_plan(plan_for(rendered({service}), waiting())->plan).succeeded());
  plan::PushOptions options = waiting();
  options.cleanup_on_fail = true;
  auto planned = plan_for(rendered({service, with(config_map, "@COLOUR@", "red")}), options);
  ASSERT_TRUE(planned) << planned.error().what;
  PushRequest request;
  request.plan = planned->plan;
  // right before ours is sent, somebody else takes its name
  request.journal.sending = [this](JournalEntry entry) -> boost::asio::awaitable<Result<>> {
    if (entry.step != "objects") co_return Result<>();
    kube::Call theirs;
    theirs.method = "POST";
    theirs.path = "/api/v1/namespaces/" + ns + "/configmaps";
    theirs.content_type = "application/json";
    theirs.body = R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"settings"},"data":{"theirs":"kept"}})";
    auto made = co_await cluster->ask(std::move(theirs));
    if (!made) co_return std::move(made).error();
    co_return Result<>();
  };
  const auto outcome = run(push(*cluster, std::move(request)));
  ASSERT_TRUE(outcome) << outcome.error().what;
  EXPECT_EQ(outcome->releases.at(0).result, ReleaseResult::failed);
  EXPECT_EQ(plan::text_at(live("/api/v1/namespaces/" + ns + "/configmaps/settings"), "data/theirs"), "kept");
}

/// What comes in between after the live state was compared, right before the first object of a release is sent.
struct PushInterrupted : Push {
  /// The error of a push of `manifests` during which somebody sends `calls`.
  std::string error_of(std::vector<std::string> manifests, std::vector<kube::Call> calls) {
    auto planned = plan_for(rendered(std::move(manifests)), waiting());
    EXPECT_TRUE(planned) << planned.error().what;
    PushRequest request;
    request.plan = planned->plan;
    auto left = std::make_shared<std::vector<kube::Call>>(std::move(calls));
    request.journal.sending = [this, left](JournalEntry entry) -> boost::asio::awaitable<Result<>> {
      if (entry.step != "objects") co_return Result<>();
      for (kube::Call& call : std::exchange(*left, {})) {
        auto answer = co_await cluster->ask(std::move(call));
        if (!answer) co_return std::move(answer).error();
      }
      co_return Result<>();
    };
    const auto outcome = run(push(*cluster, std::move(request)));
    EXPECT_TRUE(outcome) << outcome.error().what;
    EXPECT_EQ(outcome->releases.at(0).result, ReleaseResult::failed);
    return outcome->releases[0].error;
  }
  std::string path() const { return "/api/v1/namespaces/" + ns + "/configmaps"; }
  kube::Call deletion() const {
    kube::Call call;
    call.method = "DELETE";
    call.path = path() + "/settings";
    return call;
  }
  kube::Call creation(const std::string& colour) const {
    kube::Call call;
    call.method = "POST";
    call.path = path();
    call.content_type = "application/json";
    call.body = R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"settings"},"data":{"colour":")" + colour + "\"}}";
    return call;
  }
  static std::string settings(const std::string& colour) { return with(config_map, "@COLOUR@", colour); }
};

TEST_F(PushInterrupted, ByADeletionSaysThatTheObjectIsGone) {
  ASSERT_TRUE(push_plan(plan_for(rendered({settings("red")}), waiting())->plan).succeeded());
  EXPECT_EQ(error_of({settings("blue")}, {deletion()}), "update ConfigMap " + ns + "/settings: apply-conflict: the object is gone");
}

TEST_F(PushInterrupted, ByAnotherObjectOfTheSameNameLeavesThatOneAlone) {
  ASSERT_TRUE(push_plan(plan_for(rendered({settings("red")}), waiting())->plan).succeeded());
  EXPECT_EQ(error_of({settings("blue")}, {deletion(), creation("green")}),
            "update ConfigMap " + ns + "/settings: apply-conflict: another object has taken its name");
  EXPECT_EQ(plan::text_at(live(path() + "/settings"), "data/colour"), "green");
}

TEST_F(PushInterrupted, BySomebodyWhoCreatesItDifferentlyLeavesThatOneAlone) {
  ASSERT_TRUE(push_plan(plan_for(rendered({service}), waiting())->plan).succeeded());
  EXPECT_THAT(error_of({service, settings("blue")}, {creation("green")}),
              testing::StartsWith("create ConfigMap " + ns + "/settings: apply-conflict: "));
  EXPECT_EQ(plan::text_at(live(path() + "/settings"), "data/colour"), "green");
}

TEST_F(PushInterrupted, ByAnotherObjectInPlaceOfOneToDeleteLeavesThatOneAlone) {
  ASSERT_TRUE(push_plan(plan_for(rendered({service, settings("red")}), waiting())->plan).succeeded());
  EXPECT_EQ(error_of({service}, {deletion(), creation("green")}),
            "delete ConfigMap " + ns + "/settings: apply-conflict: another object has taken its name");
  EXPECT_EQ(plan::text_at(live(path() + "/settings"), "data/colour"), "green");
}

TEST_F(Push, DoesNotTakeAnObjectThatIsBeingDeletedForItsOwn) {
  ASSERT_TRUE(push_plan(plan_for(rendered({service}), waiting())->plan).succeeded());
  auto planned = plan_for(rendered({service, with(config_map, "@COLOUR@", "red")}), waiting());
  ASSERT_TRUE(planned) << planned.error().what;
  PushRequest request;
  request.plan = planned->plan;
  const auto& actions = request.plan.releases.at(0).actions;
  const auto created = *std::ranges::find_if(actions, [](const plan::Action& action) { return action.id.kind == "ConfigMap"; });
  // right before ours is sent, there is one of the same contents that somebody deletes and something holds
  request.journal.sending = [this, created](JournalEntry entry) -> boost::asio::awaitable<Result<>> {
    if (entry.step != "objects") co_return Result<>();
    plan::Json held = plan::Json::parse(created.body);
    held["metadata"]["finalizers"] = {"example.org/hold"};
    kube::Call make;
    make.method = "POST";
    make.path = created.path;
    make.content_type = created.content_type;
    make.body = held.dump();
    auto made = co_await cluster->ask(std::move(make));
    if (!made) co_return std::move(made).error();
    kube::Call remove;
    remove.method = "DELETE";
    remove.path = created.object_path;
    auto removed = co_await cluster->ask(std::move(remove));
    if (!removed) co_return std::move(removed).error();
    co_return Result<>();
  };
  const auto outcome = run(push(*cluster, std::move(request)));
  ASSERT_TRUE(outcome) << outcome.error().what;
  EXPECT_EQ(outcome->releases.at(0).result, ReleaseResult::failed);
  EXPECT_THAT(outcome->releases[0].error, testing::HasSubstr("apply-conflict: the object is being deleted"));
  kube::Call release;
  release.method = "PATCH";
  release.path = created.object_path;
  release.content_type = "application/merge-patch+json";
  release.body = R"({"metadata":{"finalizers":null}})";
  (void)run(cluster->ask(std::move(release)));
}

TEST_F(Push, TakesAnAtomicInstallThatFailsAway) {
  auto options = waiting();
  options.atomic = true;
  options.timeout = std::chrono::seconds(2);
  const auto outcome = push_plan(plan_for(rendered({unschedulable, with(config_map, "@COLOUR@", "red")}), options)->plan);
  ASSERT_EQ(outcome.releases.at(0).result, ReleaseResult::rolled_back) << outcome.error;
  EXPECT_TRUE(live("/apis/apps/v1/namespaces/" + ns + "/deployments/web").is_null());
  EXPECT_TRUE(run(list_records(*cluster, ns))->empty());
}

TEST_F(Push, UninstallsInHelmsOrder) {
  ASSERT_TRUE(push_plan(plan_for(rendered(usual()), waiting())->plan).succeeded());
  auto planned = plan_for({}, waiting(), false);
  ASSERT_TRUE(planned) << planned.error().what;
  EXPECT_EQ(planned->plan.releases[0].operation, Operation::uninstall);
  const auto outcome = push_plan(planned->plan);
  ASSERT_TRUE(outcome.succeeded()) << outcome.releases.at(0).error;
  EXPECT_EQ(outcome.releases[0].changed,
            (std::vector<std::string>{"delete Service " + ns + "/web", "delete Deployment " + ns + "/web",
                                      "delete ConfigMap " + ns + "/settings"}));
  EXPECT_TRUE(run(list_records(*cluster, ns))->empty());
}

TEST_F(Push, NamesEveryObjectThatTheServerRefuses) {
  ASSERT_TRUE(push_plan(plan_for(rendered(usual()), waiting())->plan).succeeded());
  auto planned = plan_for(rendered({with(config_map, "@COLOUR@", "[1]"), with(service, "53", "99999")}));
  ASSERT_FALSE(planned);
  EXPECT_EQ(planned.error().code, Errc::invalid);
  EXPECT_THAT(planned.error().what, testing::HasSubstr("ConfigMap " + ns + "/settings: apply-rejected: "));
  EXPECT_THAT(planned.error().what, testing::HasSubstr("Service " + ns + "/web: apply-rejected: "));
}

TEST_F(Push, LeavesForeignObjectsAlone) {
  ASSERT_TRUE(push_plan(plan_for(rendered({service}), waiting())->plan).succeeded());
  kube::Call foreign;
  foreign.method = "POST";
  foreign.path = "/api/v1/namespaces/" + ns + "/configmaps";
  foreign.content_type = "application/json";
  foreign.body = R"({"metadata":{"name":"settings"},"data":{"owner":"somebody"}})";
  ASSERT_TRUE(run(cluster->ask(foreign)));
  auto planned = plan_for(rendered(usual()));
  ASSERT_FALSE(planned);
  EXPECT_THAT(planned.error().what,
              testing::HasSubstr(
                  "exists and cannot be imported into the current release: invalid ownership metadata; label validation error: "
                  "missing key \"app.kubernetes.io/managed-by\": must be set to \"Helm\""));
}

}  // namespace sluice::worker
