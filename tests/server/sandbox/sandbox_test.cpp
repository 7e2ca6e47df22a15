#include "server/sandbox/sandbox.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <nlohmann/json.hpp>
#include <thread>

#include "core/base/digest.hpp"
#include "server/net/net.hpp"

namespace sluice::sandbox {
namespace {

using Json = nlohmann::json;
using boost::asio::awaitable;

/// A sandbox that serves on a thread of its own, and a client that does as its kubeconfig says.
class SandboxTest : public testing::Test {
 protected:
  void SetUp() override {
    auto started = Sandbox::start(io_.get_executor());
    ASSERT_TRUE(started) << started.error().what;
    sandbox_ = std::move(*started);
    thread_ = std::thread([this] { io_.run(); });
    const Json config = Json::parse(sandbox_->kubeconfig());
    server_ = config["clusters"][0]["cluster"]["server"];
    token_ = config["users"][0]["user"]["token"];
    net::ClientOptions options;
    options.tls.ca_pem = from_base64(config["clusters"][0]["cluster"]["certificate-authority-data"].get<std::string>()).value();
    auto client = net::BlockingClient::make(std::move(options));
    ASSERT_TRUE(client) << client.error().what;
    client_.emplace(std::move(*client));
  }
  void TearDown() override {
    client_.reset();
    boost::asio::co_spawn(io_, sandbox_->stop(), [this](std::exception_ptr) { io_.stop(); });
    thread_.join();
  }

  net::Response ask(const std::string& method, const std::string& path, const Json& body = nullptr,
                    const std::string& type = "application/json") {
    net::Request request;
    request.method = method;
    request.url = server_ + path;
    request.headers = {{"Authorization", "Bearer " + token_}, {"Content-Type", type}};
    if (!body.is_null()) request.body = body.dump();
    auto response = client_->send(std::move(request), {});
    EXPECT_TRUE(response) << (response ? "" : response.error().what);
    return response ? std::move(*response) : net::Response{};
  }

  boost::asio::io_context io_;
  std::unique_ptr<Sandbox> sandbox_;
  std::thread thread_;
  std::optional<net::BlockingClient> client_;
  std::string server_, token_;
};

TEST_F(SandboxTest, TellsItsVersionToWhoHasTheToken) {
  EXPECT_EQ(Json::parse(ask("GET", "/version").body)["gitVersion"], "v1.34.4+sandbox");
  token_ = "wrong";
  EXPECT_EQ(ask("GET", "/version").status, 401);
}

TEST_F(SandboxTest, DiscoversKindsAndThoseOfNewDefinitions) {
  const auto kinds = [&] { return Json::parse(ask("GET", "/apis").body).dump(); };
  EXPECT_EQ(kinds().find("\"things\""), std::string::npos);
  const Json crd =
      Json::parse(R"({"metadata": {"name": "things.example.org"}, "spec": {"group": "example.org", "scope": "Namespaced",
      "names": {"kind": "Thing", "plural": "things"}, "versions": [{"name": "v1", "served": true}]}})");
  EXPECT_EQ(ask("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", crd).status, 201);
  EXPECT_NE(kinds().find("\"things\""), std::string::npos);
  EXPECT_EQ(ask("POST", "/apis/example.org/v1/namespaces/default/things", Json{{"metadata", {{"name", "one"}}}}).status, 201);
  EXPECT_EQ(Json::parse(ask("GET", "/apis/example.org/v1/things").body)["items"].size(), 1u);
}

TEST_F(SandboxTest, AppliesPatchesAndDeletesOverHttp) {
  const std::string path = "/api/v1/namespaces/default/configmaps/web";
  const Json object{{"apiVersion", "v1"}, {"kind", "ConfigMap"}, {"metadata", {{"name", "web"}}}, {"data", {{"a", "1"}}}};
  EXPECT_EQ(ask("PATCH", path + "?fieldManager=x&force=true&dryRun=All", object, "application/apply-patch+yaml").status, 201);
  EXPECT_EQ(ask("GET", path).status, 404);
  EXPECT_EQ(ask("PATCH", path + "?fieldManager=x&force=true", object, "application/apply-patch+yaml").status, 201);
  const auto patched = ask("PATCH", path, Json{{"data", {{"a", nullptr}, {"b", "2"}}}}, "application/merge-patch+json");
  EXPECT_EQ(Json::parse(patched.body)["data"], (Json{{"b", "2"}}));
  EXPECT_EQ(ask("PATCH", path, Json{{"metadata", {{"uid", "other"}}}}, "application/merge-patch+json").status, 409);
  EXPECT_EQ(ask("DELETE", path).status, 200);
  EXPECT_EQ(ask("GET", path).status, 404);
}

TEST_F(SandboxTest, AWatchSeesADeploymentBecomeReady) {
  const std::string collection = "/apis/apps/v1/namespaces/default/deployments";
  const std::string version = Json::parse(ask("GET", collection).body)["metadata"]["resourceVersion"];
  const Json object = Json::parse(
      R"({"metadata": {"name": "web"}, "spec": {"replicas": 1, "template": {"spec": {"containers": [{"name": "a", "image": "a:1"}]}}}})");
  EXPECT_EQ(ask("POST", collection, object).status, 201);
  net::Request watch;
  watch.url = server_ + collection + "?watch=1&timeoutSeconds=10&resourceVersion=" + version;
  watch.headers = {{"Authorization", "Bearer " + token_}};
  std::string seen;
  (void)client_->send(std::move(watch), {}, [&](std::string_view piece) -> Result<> {
    seen += piece;
    if (seen.find("readyReplicas") == std::string::npos) return {};
    return Error{Errc::cancelled, "enough"};
  });
  EXPECT_NE(seen.find("\"type\":\"ADDED\""), std::string::npos);
  EXPECT_NE(seen.find("NewReplicaSetAvailable"), std::string::npos);
}

TEST_F(SandboxTest, TheNamespaceItselfAndItsContentAreToldApart) {
  EXPECT_EQ(Json::parse(ask("GET", "/api/v1/namespaces/kube-system").body)["kind"], "Namespace");
  EXPECT_EQ(Json::parse(ask("GET", "/api/v1/namespaces/kube-system/secrets").body)["kind"], "SecretList");
  const auto missing = ask("POST", "/api/v1/namespaces/nowhere/secrets", Json{{"metadata", {{"name", "x"}}}});
  EXPECT_EQ(missing.status, 404);
  EXPECT_EQ(Json::parse(missing.body)["details"]["kind"], "namespaces");
}

}  // namespace
}  // namespace sluice::sandbox
