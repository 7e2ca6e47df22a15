#include "server/source/charts.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "core/base/digest.hpp"
#include "server/base/process.hpp"
#include "server/source/dependency_lock.hpp"
#include "tests/server/source/chart_repository.hpp"

namespace sluice::source {
namespace {

namespace fs = std::filesystem;
using test::answer;
using test::packed;
using test::packed_chart;
using test::StubServer;

class ChartsTest : public test::ChartRepository {};

using Paths = std::vector<std::string>;
const std::string start = "chart \"bitnami/redis\" of release \"cache\": ";

TEST_F(ChartsTest, AreFetchedOnceAndThenFoundInTheCache) {
  EXPECT_EQ(outcome("21.2.9"), "21.2.9");
  EXPECT_EQ(take_asked(), (Paths{"/charts/index.yaml", "/charts/redis-21.2.9.tgz"}));
  EXPECT_EQ(outcome("21.2.9"), "21.2.9");
  EXPECT_EQ(take_asked(), Paths{});
}

TEST_F(ChartsTest, OfARangeCostOneConditionalRequest) {
  EXPECT_EQ(outcome("~21"), "21.2.9");
  take_asked();
  Charts source = charts();
  const Tree none;
  ASSERT_TRUE(source.chart_of(state_, release("~21"), helmfile::files_of(none)));
  ASSERT_TRUE(source.chart_of(state_, release(">=20"), helmfile::files_of(none)));
  EXPECT_EQ(take_asked(), (Paths{"/charts/index.yaml"}));
  EXPECT_NE(last_request_.find("If-None-Match: \"e1\""), std::string::npos);
}

TEST_F(ChartsTest, AreFetchedAgainWhenTheCacheIsDamaged) {
  EXPECT_EQ(outcome("21.2.9"), "21.2.9");
  take_asked();
  std::ofstream(cache_ / "archives" / (to_hex(sha256(archive_)) + ".tgz")) << "rot";
  EXPECT_EQ(outcome("21.2.9"), "21.2.9");
  EXPECT_EQ(take_asked().size(), 2u);
}

TEST_F(ChartsTest, AreNotReadThroughALinkInTheCache) {
  EXPECT_EQ(outcome("21.2.9"), "21.2.9");
  const fs::path place = cache_ / "archives" / (to_hex(sha256(archive_)) + ".tgz");
  fs::rename(place, cache_ / "elsewhere");
  fs::create_symlink(cache_ / "elsewhere", place);
  take_asked();
  EXPECT_EQ(outcome("21.2.9"), "21.2.9");
  EXPECT_EQ(take_asked().size(), 2u);
}

TEST_F(ChartsTest, MustHaveTheDigestOfTheIndex) {
  files_["/charts/index.yaml"] = index(std::string(64, 'a'), "redis-21.2.9.tgz");
  EXPECT_EQ(outcome("21.2.9"), "invalid: " + start +
                                   "chart-digest-mismatch: http://127.0.0.1:PORT/charts/redis-21.2.9.tgz has the SHA-256 " +
                                   to_hex(sha256(archive_)) + ", the index says " + std::string(64, 'a'));
}

TEST_F(ChartsTest, ComeFromARegistryWithoutTlsWhereTheReleaseSaysPlainHttp) {
  files_["/v2/charts/redis/manifests/21.2.9"] =
      R"({"config":{"mediaType":"application/vnd.cncf.helm.config.v1+json","digest":"sha256:00"},"layers":[{"mediaType":)"
      R"("application/vnd.cncf.helm.chart.content.v1.tar+gzip","digest":"sha256:)" + to_hex(sha256(archive_)) + "\"}]}";
  files_["/v2/charts/redis/blobs/sha256:" + to_hex(sha256(archive_))] = archive_;
  helmfile::Release wanted = release("21.2.9");
  wanted.chart.from = helmfile::ChartSource::From::oci;
  wanted.chart.repository.clear();
  wanted.chart.url = "oci://127.0.0.1:" + std::to_string(server_->port()) + "/charts/redis";
  Charts source = charts();
  const Tree none;
  EXPECT_FALSE(source.chart_of(state_, wanted, helmfile::files_of(none)));
  wanted.chart.plain_http = true;
  auto obtained = source.chart_of(state_, wanted, helmfile::files_of(none));
  ASSERT_TRUE(obtained) << obtained.error().what;
  EXPECT_EQ(obtained->version, "21.2.9");
}

TEST_F(ChartsTest, AreNeverFetchedUnverified) {
  helmfile::Release wanted = release("21.2.9");
  wanted.chart.skip_tls_verify = true;
  const Tree none;
  auto obtained = charts().chart_of(state_, wanted, helmfile::files_of(none));
  ASSERT_FALSE(obtained);
  EXPECT_EQ(obtained.error().what, start + "insecureSkipTLSVerify is not supported: every connection is verified; give the repository a caFile");
}

TEST_F(ChartsTest, SayWhichVersionIsNotThere) {
  EXPECT_EQ(outcome(">=30"),
            "not_found: " + start + "chart redis in http://127.0.0.1:PORT/charts: no version matches \">=30\": it offers 21.2.9");
}

TEST_F(ChartsTest, SayThatTheRepositoryHasNoSuchChart) {
  files_["/charts/index.yaml"] = "apiVersion: v1\nentries: {}\n";
  EXPECT_EQ(outcome(""), "not_found: " + start + "the repository http://127.0.0.1:PORT/charts has no chart \"redis\"");
}

TEST_F(ChartsTest, SayThatTheIndexIsGarbage) {
  files_["/charts/index.yaml"] = "<html>\n";
  EXPECT_EQ(outcome(""),
            "invalid: " + start +
                "http://127.0.0.1:PORT/charts/index.yaml: the index is no map: is this the address of a chart repository?");
}

TEST_F(ChartsTest, SayWhatTheRepositoryAnswers) {
  files_.erase("/charts/index.yaml");
  EXPECT_EQ(outcome(""), "not_found: " + start + "http://127.0.0.1:PORT/charts/index.yaml answers 404: there is no such file");
  status_ = 401;
  EXPECT_EQ(outcome(""),
            "denied: " + start + "http://127.0.0.1:PORT/charts/index.yaml answers 401: its credentials are missing or wrong");
  status_ = 503;
  EXPECT_EQ(outcome(""), "unavailable: " + start + "http://127.0.0.1:PORT/charts/index.yaml answers 503: try again later");
}

TEST_F(ChartsTest, AreUnavailableWhenTheRepositoryIsDown) {
  state_.repositories[0].url = "http://127.0.0.1:" + std::to_string(test::free_port());
  EXPECT_EQ(outcome(""), "unavailable: " + start + "http://127.0.0.1:PORT/index.yaml: connecting to 127.0.0.1:PORT: Connection refused");
}

TEST_F(ChartsTest, FollowRedirectsWithoutGivingCredentialsToAnotherHost) {
  std::string elsewhere_saw;
  StubServer elsewhere([&](StubServer::Peer& peer) {
    for (std::string request = peer.read_request(); !request.empty(); request = peer.read_request()) {
      elsewhere_saw = request;
      peer.write(answer(200, archive_));
    }
  });
  state_.repositories[0].user = "ann";
  state_.repositories[0].password = Secret("pass");
  redirects_["/charts/redis-21.2.9.tgz"] = elsewhere.url() + "/blob";
  EXPECT_EQ(outcome("21.2.9"), "21.2.9");
  EXPECT_NE(last_request_.find("Authorization: Basic "), std::string::npos);
  EXPECT_TRUE(elsewhere_saw.starts_with("GET /blob"));
  EXPECT_EQ(elsewhere_saw.find("Authorization"), std::string::npos);
}

TEST_F(ChartsTest, GiveUpAfterThreeRedirects) {
  redirects_["/charts/index.yaml"] = "/charts/index.yaml";
  EXPECT_EQ(outcome(""), "invalid: " + start + "http://127.0.0.1:PORT/charts/index.yaml: more than 3 redirects");
  EXPECT_EQ(take_asked().size(), 4u);
}

TEST_F(ChartsTest, AtAnAddressOfAnotherHostComeWithoutCredentials) {
  std::string elsewhere_saw;
  StubServer elsewhere([&](StubServer::Peer& peer) {
    for (std::string request = peer.read_request(); !request.empty(); request = peer.read_request()) {
      elsewhere_saw = request;
      peer.write(answer(200, archive_));
    }
  });
  state_.repositories[0].user = "ann";
  state_.repositories[0].password = Secret("pass");
  files_["/charts/index.yaml"] = index(to_hex(sha256(archive_)), elsewhere.url() + "/redis.tgz");
  EXPECT_EQ(outcome("21.2.9"), "21.2.9");
  EXPECT_EQ(elsewhere_saw.find("Authorization"), std::string::npos);
}

TEST_F(ChartsTest, ComeFromTheMirrorOfTheirRepository) {
  mirrors_["https://charts.example.org/bitnami"] = server_->url() + "/charts";
  state_.repositories[0].url = "https://charts.example.org/bitnami/";
  files_["/charts/index.yaml"] = index(to_hex(sha256(archive_)), "https://charts.example.org/bitnami/redis-21.2.9.tgz");
  EXPECT_EQ(outcome("21.2.9"), "21.2.9");
  EXPECT_EQ(take_asked(), (Paths{"/charts/index.yaml", "/charts/redis-21.2.9.tgz"}));
}

TEST_F(ChartsTest, AreNotSpokenForInTheClearUnlessTheRulesAllowIt) {
  Charts source(ChartsOptions{});
  const Tree none;
  EXPECT_EQ(source.chart_of(state_, release(""), helmfile::files_of(none)).error(),
            (Error{Errc::denied,
                   start + server_->url() +
                       "/charts/index.yaml: http without TLS is not allowed; use https, or list the address in chart_mirrors"}));
}

TEST_F(ChartsTest, ComeFromNoPrivateAddressThatIsNotListed) {
  const auto rule = private_address_rule({"mirror:8879"});
  EXPECT_TRUE(rule("charts.example.org", "93.184.216.34", 443));
  EXPECT_TRUE(rule("mirror", "10.0.0.7", 8879));
  for (const char* address : {"127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "::1", "fe80::1",
                              "fd00::1", "::ffff:10.0.0.1"}) {
    EXPECT_EQ(rule("evil", address, 443).error().code, Errc::denied) << address;
  }
  EXPECT_EQ(rule("evil", "10.0.0.7", 443).error().what,
            "evil:443 has the private address 10.0.0.7; charts come from there only if it is in chart_mirrors");
}

TEST_F(ChartsTest, OfTheDaemonComeInTheClearFromAListedMirrorOnly) {
  ChartsOptions options;
  options.mirrors["https://charts.example.org/bitnami"] = server_->url() + "/charts";
  options.rules = strict_rules(options.mirrors);
  Charts source(options);
  const Tree none;
  state_.repositories[0].url = "https://charts.example.org/bitnami";
  EXPECT_TRUE(source.chart_of(state_, release(""), helmfile::files_of(none)));
  StubServer other([](StubServer::Peer&) {});
  state_.repositories[0].url = other.url();
  EXPECT_EQ(source.chart_of(state_, release(""), helmfile::files_of(none)).error().code, Errc::denied);
}

TEST_F(ChartsTest, InFoldersAreCompletedWithTheirDependencies) {
  const std::string dependencies =
      "dependencies:\n- name: redis\n  version: 21.x.x\n  repository: \"@bitnami\"\n- name: own\n  version: 0.1.0\n  repository: "
      "file://../own\n";
  const Tree tree = {{"web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n" + dependencies},
                     {"own/Chart.yaml", "apiVersion: v2\nname: own\nversion: 0.1.0\n"}};
  helmfile::Release web;
  web.name = "web";
  web.chart.reference = "./web";
  web.chart.path = "web";
  Charts source = charts();
  auto obtained = source.chart_of(state_, web, helmfile::files_of(tree));
  ASSERT_TRUE(obtained) << obtained.error().what;
  ASSERT_EQ(obtained->chart->dependencies.size(), 2u);
  EXPECT_EQ(obtained->version, "1.0.0");
}

/// The release `web` of the chart in the folder web.
helmfile::Release of_folder() {
  helmfile::Release web;
  web.name = "web";
  web.chart.reference = "./web";
  web.chart.path = "web";
  return web;
}

const Tree web_and_own = {{"web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n"},
                          {"own/Chart.yaml", "apiVersion: v2\nname: own\nversion: 0.1.0\n"}};

/// "name as alias if condition" of each dependency that the chart declares, and what is there.
std::string dependencies_of(const Result<ObtainedChart>& obtained) {
  if (!obtained) return obtained.error().what;
  std::string text;
  for (const auto& one : obtained->chart->metadata.dependencies) {
    text += one->name + " " + one->version + " as \"" + one->alias + "\" if " + one->condition + "; ";
  }
  for (const auto& one : obtained->chart->dependencies) text += "[" + one->metadata.name + "]";
  return text;
}

TEST_F(ChartsTest, TakeInTheDependenciesOfTheRelease) {
  helmfile::Release web = of_folder();
  web.chart.dependencies = {{"bitnami/redis", "21.x.x", ""}, {"./own", ">=0.1", "mine"}, {"./own", "*", "yours"}};
  Charts source = charts();
  EXPECT_EQ(dependencies_of(source.chart_of(state_, web, helmfile::files_of(web_and_own))),
            "redis 21.x.x as \"\" if redis.enabled; own >=0.1 as \"mine\" if mine.enabled; own * as \"yours\" if yours.enabled; [own][redis]");
}

TEST_F(ChartsTest, FromARepositoryTakeInTheDependenciesOfTheRelease) {
  helmfile::Release cache = release("21.2.9");
  cache.chart.dependencies = {{"own", "0.1.0", ""}};
  Charts source = charts();
  EXPECT_EQ(dependencies_of(source.chart_of(state_, cache, helmfile::files_of(web_and_own))), "own 0.1.0 as \"\" if own.enabled; [own]");
}

TEST_F(ChartsTest, SayWhichDependencyOfTheReleaseDoesNotFit) {
  Charts source = charts();
  const auto outcome_of = [&](helmfile::ChartDependency dependency) {
    helmfile::Release web = of_folder();
    web.chart.dependencies = {std::move(dependency)};
    return dependencies_of(source.chart_of(state_, web, helmfile::files_of(web_and_own)));
  };
  const std::string chart = "chart \"./web\" of release \"web\": dependency ";
  EXPECT_EQ(outcome_of({"./own", "", ""}), chart + "\"./own\" has no version: give one, or a range such as \"*\"");
  EXPECT_EQ(outcome_of({"./own", "2.x", ""}), chart + "\"./own\": its version is 0.1.0, which is not \"2.x\"");
  EXPECT_EQ(outcome_of({"none/own", "*", ""}), chart + "\"none/own\": no such folder, and no repository \"none\" in helmfile.yaml");
}

TEST_F(ChartsTest, OfAFolderOfManifestsCarryItsFiles) {
  const Tree tree = {{"web/a.yaml", "a: 1\n"}, {"web/values.yaml", "b: 1\n"}};
  helmfile::Release web = of_folder();
  web.chart.version = "3.0.0";
  Charts source = charts();
  const auto obtained = source.chart_of(state_, web, helmfile::files_of(tree));
  ASSERT_TRUE(obtained) << obtained.error().what;
  EXPECT_EQ(obtained->form, helmfile::ChartForm::manifests);
  EXPECT_EQ(obtained->chart->metadata.name + " " + obtained->version, "web 3.0.0");
  std::string names;
  for (const auto& file : obtained->chart->files) names += file.name + " ";
  EXPECT_EQ(names, "manifests/a.yaml manifests/values.yaml ");
}

TEST_F(ChartsTest, MayBeKustomizations) {
  const Tree tree = {{"web/kustomization.yaml", "resources: []\n"}};
  Charts source = charts();
  const auto obtained = source.chart_of(state_, of_folder(), helmfile::files_of(tree));
  ASSERT_TRUE(obtained) << obtained.error().what;
  EXPECT_EQ(obtained->form, helmfile::ChartForm::kustomization);
  EXPECT_EQ(obtained->chart->metadata.name, "web");
}

TEST_F(ChartsTest, InAGitRepositoryAreReadFromTheirCommit) {
  const fs::path repository = cache_ / "repository";
  fs::create_directories(repository / "charts/web");
  std::ofstream(repository / "charts/web/Chart.yaml") << "apiVersion: v2\nname: web\nversion: 3.1.0\n";
  const auto git = [&](std::vector<std::string> arguments) {
    ProcessRequest request;
    request.arguments = {"git", "-C", repository.string(), "-c", "user.name=Ann", "-c", "user.email=ann@example.org"};
    request.arguments.insert(request.arguments.end(), arguments.begin(), arguments.end());
    request.environment = {"PATH=/usr/bin:/bin", "HOME=" + cache_.string(), "GIT_CONFIG_NOSYSTEM=1"};
    auto result = run_process(request);
    ASSERT_TRUE(result && result->exit_code == 0);
  };
  git({"init", "--quiet", "--initial-branch=main"});
  git({"add", "."});
  git({"commit", "--quiet", "-m", "Add a chart"});
  git({"tag", "v3"});
  helmfile::Release web;
  web.name = "web";
  web.chart.reference = "git::file://...";
  web.chart.from = helmfile::ChartSource::From::git;
  web.chart.url = "file://" + repository.string();
  web.chart.path = "charts/web";
  web.chart.version = "v3";
  const Tree none;
  ChartsOptions options;
  options.cache = cache_ / "cache";
  EXPECT_EQ(Charts(options).chart_of(state_, web, helmfile::files_of(none)).error(),
            (Error{Errc::denied,
                   "chart \"git::file://...\" of release \"web\": charts from git are not allowed here: list the address in "
                   "remote_sources, or put the chart into the repository or a chart repository"}));
  options.may_clone = [](const std::string&) { return true; };
  auto obtained = Charts(options).chart_of(state_, web, helmfile::files_of(none));
  ASSERT_TRUE(obtained) << obtained.error().what;
  EXPECT_EQ(obtained->version, "3.1.0");
}

namespace {

/// A chart in a folder that wants redis 21.x.x, with a lock of that digest.
Tree chart_with_lock(const std::string& digest) {
  return {{"web/Chart.yaml",
           "apiVersion: v2\nname: web\nversion: 1.0.0\ndependencies:\n- name: redis\n  version: 21.x.x\n  repository: "
           "\"@bitnami\"\n"},
          {"web/Chart.lock", "dependencies:\n- name: redis\n  version: 21.2.9\n  repository: x\ndigest: " + digest + "\n"}};
}

helmfile::Release release_of_folder() {
  helmfile::Release web;
  web.name = "web";
  web.chart.reference = "./web";
  web.chart.path = "web";
  return web;
}

}  // namespace

TEST_F(ChartsTest, InFoldersMustAgreeWithTheirLock) {
  Tree tree = chart_with_lock("sha256:0");
  const std::string refusal =
      "chart \"./web\" of release \"web\": web: the lock file (Chart.lock) is out of sync with the dependencies file (Chart.yaml). "
      "Please update the dependencies";
  EXPECT_EQ(charts().chart_of(state_, release_of_folder(), helmfile::files_of(tree)).error().what, refusal);
  tree.emplace("web/charts/redis-21.2.9.tgz", "also where it is at hand");
  EXPECT_EQ(charts().chart_of(state_, release_of_folder(), helmfile::files_of(tree)).error().what, refusal);
}

TEST_F(ChartsTest, InFoldersGetTheVersionOfTheirLockInPlaceOfAnotherAtHand) {
  chart::Dependency redis;
  redis.name = "redis";
  redis.version = "21.x.x";
  redis.repository = "@bitnami";
  Tree tree = chart_with_lock(dependency_digest({redis}, {{"redis", "21.2.9", "x"}}, {{"bitnami", state_.repositories[0].url}}));
  tree.emplace("web/charts/redis-21.0.0.tgz", "an older one");
  auto obtained = charts().chart_of(state_, release_of_folder(), helmfile::files_of(tree));
  ASSERT_TRUE(obtained) << obtained.error().what;
  ASSERT_EQ(obtained->chart->dependencies.size(), 1u);
  EXPECT_EQ(obtained->chart->dependencies[0]->metadata.version, "21.2.9");
}

TEST(DependencyLock, HasTheDigestThatHelmWrites) {
  chart::Dependency dependency;
  dependency.name = "common";
  dependency.version = ">=1.0 <2";
  dependency.repository = "@bitnami";
  // of [[{"name":"common","version":"\u003e=1.0 \u003c2","repository":"https://charts.example.org"}],
  //     [{"name":"common","version":"1.17.1","repository":"https://charts.example.org"}]]
  const std::string json =
      R"([[{"name":"common","version":"\u003e=1.0 \u003c2","repository":"https://charts.example.org"}],[{"name":"common","version":"1.17.1","repository":"https://charts.example.org"}]])";
  EXPECT_EQ(dependency_digest({dependency}, {{"common", "1.17.1", "https://charts.example.org"}},
                              {{"bitnami", "https://charts.example.org"}}),
            "sha256:" + to_hex(sha256(json)));
}

}  // namespace
}  // namespace sluice::source
