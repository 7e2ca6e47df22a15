#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>

#include "server/api/handlers.hpp"
#include "tests/server/api/fixture.hpp"

namespace sluice::api {
namespace {

TEST_F(ApiTest, ListsDeploymentsNewestFirstAPageAtATime) {
  for (const char letter : {'a', 'b', 'c'}) waiting(std::string(40, letter));
  const auto first = ask("GET", "/api/v1/deployments?limit=2", viewer);
  ASSERT_EQ(first.status, 200) << first.raw;
  ASSERT_EQ(first.body()["items"].size(), 2U);
  EXPECT_EQ(first.body()["items"][0]["id"], 3);
  EXPECT_EQ(first.body()["items"][0]["state"], "awaiting_approval");
  const auto second = ask("GET", "/api/v1/deployments?limit=2&cursor=" + first.body()["next"].get<std::string>(), viewer);
  ASSERT_EQ(second.body()["items"].size(), 1U);
  EXPECT_EQ(second.body()["items"][0]["id"], 1);
  EXPECT_TRUE(second.body()["next"].is_null());
  EXPECT_EQ(ask("GET", "/api/v1/deployments?state=superseded", viewer).body()["items"].size(), 2U);
}

TEST_F(ApiTest, RefusesFiltersThatMeanNothing) {
  EXPECT_EQ(ask("GET", "/api/v1/deployments?state=happy", viewer).message(), "state: there is no state \"happy\"");
  EXPECT_EQ(ask("GET", "/api/v1/deployments?limit=1000", viewer).message(),
            "limit: expected a number from 1 to 200, found \"1000\"");
  EXPECT_EQ(ask("GET", "/api/v1/deployments?cursor=x", viewer).status, 400);
}

TEST_F(ApiTest, ShowsADeploymentWithItsPlanAndWhetherTheCallerMayApproveIt) {
  const auto id = waiting();
  const auto shown = ask("GET", path(id), approver).body();
  EXPECT_EQ(shown["plan"]["digest"], digest_of(id));
  EXPECT_EQ(shown["plan"]["summary"]["summary"]["create"], 1);
  EXPECT_EQ(shown["releases"][0]["release"], "web");
  EXPECT_EQ(shown["can_approve"], true);
  const auto seen = ask("GET", path(id), viewer).body();
  EXPECT_EQ(seen["can_approve"], false);
  EXPECT_EQ(seen["can_approve_reason"], "not-permitted: deciding about environment prod needs the role approver there");
}

TEST_F(ApiTest, ShowsTheDiffAsTextOrJson) {
  const auto id = waiting();
  const auto text = ask("GET", path(id, "/diff"), viewer);
  EXPECT_EQ(text.text(), "+ image: web:2\n");
  EXPECT_NE(text.raw.find("X-Sluice-Digest: " + digest_of(id) + "\r\n"), std::string::npos);
  EXPECT_EQ(ask("GET", path(id, "/diff"), viewer, "", "Accept: application/json\r\n").body(), json::parse(R"({"releases":[]})"));
}

TEST_F(ApiTest, ApprovesExactlyThePlanThatIsNamed) {
  const auto id = waiting();
  const auto digest = digest_of(id);
  const auto stale = ask("POST", path(id, "/approve"), approver, R"({"digest":")" + std::string(64, '0') + "\"}");
  EXPECT_EQ(stale.status, 409);
  EXPECT_EQ(stale.code(), "plan-digest-mismatch");
  EXPECT_EQ(ask("POST", path(id, "/approve"), approver, "{}").status, 400);
  const auto approved = ask("POST", path(id, "/approve"), approver, R"({"digest":")" + digest + R"(","comment":"fine"})");
  EXPECT_EQ(approved.status, 200) << approved.raw;
  EXPECT_EQ(approved.body(), json::parse(R"({"id":1,"state":"approved","stopping":false})"));
  EXPECT_EQ(woken, 1);
  const auto again = ask("POST", path(id, "/approve"), approver, R"({"digest":")" + digest + "\"}");
  EXPECT_EQ(again.status, 409);
  EXPECT_EQ(again.code(), "approval-used");
  EXPECT_EQ(again.message(), "already approved; cancel it to stop it");
  const auto decisions = ask("GET", path(id), viewer).body()["decisions"];
  ASSERT_EQ(decisions.size(), 1U);
  EXPECT_EQ(decisions[0]["by"]["name"], "ann");
  EXPECT_EQ(decisions[0]["comment"], "fine");
}

TEST_F(ApiTest, RejectsAndCancels) {
  const auto one = waiting(std::string(40, 'a'));
  const auto rejected =
      ask("POST", path(one, "/reject"), approver, R"({"digest":")" + digest_of(one) + R"(","comment":"not today"})");
  EXPECT_EQ(rejected.body().value("state", ""), "rejected") << rejected.raw;
  const auto two = waiting(std::string(40, 'b'));
  EXPECT_EQ(ask("POST", path(two, "/cancel"), viewer).status, 403);
  EXPECT_EQ(ask("POST", path(two, "/cancel"), operator_).body().value("state", ""), "cancelled");
}

TEST_F(ApiTest, TriggersADeploymentByHand) {
  const auto made = ask("POST", "/api/v1/deployments", operator_, R"({"repository":"ann/web","environment":"prod"})");
  ASSERT_EQ(made.status, 201) << made.raw;
  const store::DeploymentId id{made.body()["id"].get<std::int64_t>()};
  EXPECT_NE(made.raw.find("Location: " + path(id) + "\r\n"), std::string::npos);
  const auto shown = ask("GET", path(id), viewer).body();
  EXPECT_EQ(shown["ref"], "refs/heads/main");
  EXPECT_EQ(shown["trigger"], "manual");
  EXPECT_EQ(shown["initiator"]["name"], "olga");
  EXPECT_EQ(ask("POST", "/api/v1/deployments", operator_, R"({"repository":"ann/web","environment":"staging"})").message(),
            "environment staging of ann/web takes no manual deployments; its `on` list has no manual rule");
  EXPECT_EQ(ask("POST", "/api/v1/deployments", operator_, R"({"repository":"eve/web","environment":"prod"})").status, 404);
  EXPECT_EQ(
      ask("POST", "/api/v1/deployments", operator_, R"({"repository":"ann/web","environment":"prod","ref":"--upload-pack=x"})")
          .status,
      400);
}

/// What `handle` answers to a POST of ann's with the Idempotency-Key k1, as if the process died before the answer left the handler.
template <class Handle>
http::Response answer_of(std::string path, store::DeploymentId id, std::string body, std::shared_ptr<const http::Caller> caller, Handle handle) {
  http::Request request;
  request.method = "POST";
  request.path = std::move(path);
  request.captures = {std::to_string(id.value)};
  request.body = std::move(body);
  request.fields = {{"Content-Type", "application/json"}, {"Idempotency-Key", "k1"}};
  request.caller = std::move(caller);
  boost::asio::io_context io;
  auto answer = boost::asio::co_spawn(io, handle(std::move(request)), boost::asio::use_future);
  io.run();
  return answer.get();
}

TEST_F(ApiTest, AnswersARepeatedDecisionAsTheFirstAlsoWhenItsAnswerWasLost) {
  const auto id = waiting();
  const std::string body = R"({"digest":")" + digest_of(id) + R"(","comment":"not today"})";
  const auto authenticated = store->read_now([&](const store::Reader& reader) { return reader.authenticate(approver); });
  auto caller = std::make_shared<http::Caller>();
  caller->person = authenticated->person;
  caller->token_id = authenticated->id;
  const auto lost = answer_of(path(id, "/reject"), id, body, caller, [this](http::Request request) {
    return api::decide(world, std::move(request), deployment::Wish::reject);
  });
  ASSERT_EQ(lost.status, 200) << lost.body;
  const auto again = ask("POST", path(id, "/reject"), approver, body, "Idempotency-Key: k1\r\n");
  EXPECT_EQ(again.status, 200) << again.raw;
  EXPECT_EQ(again.text(), lost.body);
  EXPECT_EQ(again.body(), json::parse(R"({"id":1,"state":"rejected","stopping":false})"));
  EXPECT_NE(again.raw.find("Idempotent-Replay: true\r\n"), std::string::npos);
  EXPECT_EQ(ask("POST", path(id, "/reject"), approver, body, "Idempotency-Key: k2\r\n").message(), "already rejected");
  EXPECT_EQ(ask("GET", path(id), viewer).body()["decisions"].size(), 1U);
}

TEST_F(ApiTest, AnswersARepeatedIdempotencyKeyWithTheFirstAnswer) {
  const std::string body = R"({"repository":"ann/web","environment":"prod"})";
  const auto first = ask("POST", "/api/v1/deployments", operator_, body, "Idempotency-Key: k1\r\n");
  const auto second = ask("POST", "/api/v1/deployments", operator_, body, "Idempotency-Key: k1\r\n");
  EXPECT_EQ(second.status, 201);
  EXPECT_EQ(second.text(), first.text());
  EXPECT_EQ(ask("GET", "/api/v1/deployments", viewer).body()["items"].size(), 1U);
  EXPECT_EQ(ask("POST", "/api/v1/deployments", operator_, R"({"repository":"ann/web"})", "Idempotency-Key: k1\r\n").status, 409);
  EXPECT_EQ(ask("POST", "/api/v1/deployments", admin, body, "Idempotency-Key: k1\r\n").body()["id"], 2);
}

TEST_F(ApiTest, RetriesWhatHasEnded) {
  const auto id = waiting();
  EXPECT_EQ(ask("POST", path(id, "/retry"), operator_).status, 409);
  ask("POST", path(id, "/cancel"), operator_);
  const auto again = ask("POST", path(id, "/retry"), operator_);
  EXPECT_EQ(again.status, 201) << again.raw;
  EXPECT_EQ(ask("GET", "/api/v1/deployments/2", viewer).body()["origin"], 1);
}

TEST_F(ApiTest, HoldsBackOnlyReleasesThatThePlanHas) {
  const auto id = waiting(std::string(40, 'a'), "prod", "t", R"({"releases":[{"release":"web","namespace":"site"},{"release":"db","namespace":"site"}]})");
  const auto approve = [&](const std::string& hold) {
    return ask("POST", path(id, "/approve"), approver, R"({"digest":")" + digest_of(id) + R"(","hold":[)" + hold + "]}");
  };
  const auto refused = approve(R"("site/web","wbe")");
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(refused.message(), "hold: the plan has no release \"wbe\"; it has site/web, site/db");
  EXPECT_EQ(ask("GET", path(id), viewer).body()["state"], "awaiting_approval");
  EXPECT_EQ(approve(R"("site/web","db")").status, 200);
}

TEST_F(ApiTest, RefusesBodiesThatAreNotWhatTheRouteTakes) {
  const auto id = waiting();
  EXPECT_EQ(ask("POST", path(id, "/approve"), approver, R"({"digset":"x"})").message(),
            "unknown member \"digset\"; known are: digest, comment, hold");
  EXPECT_EQ(ask("POST", path(id, "/approve"), approver, R"({"digest":7})").message(), "digest: expected a text");
  EXPECT_EQ(ask("POST", path(id, "/approve"), approver, R"({"hold":"web"})").message(), "hold: expected a list of texts");
  EXPECT_EQ(ask("POST", path(id, "/approve"), approver, "[]").message(), "the body must be a JSON object");
  EXPECT_EQ(ask("POST", path(id, "/approve"), approver, R"({"digest":"a","digest":"b"})").message(),
            "a key appears twice in one object");
  const auto text = send("POST " + path(id, "/approve") + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: Bearer " +
                         approver + "\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}");
  EXPECT_EQ(text.status, 415);
}

TEST_F(ApiTest, LocksAndUnlocksAnEnvironment) {
  EXPECT_EQ(ask("POST", "/api/v1/environments/prod/lock", operator_, "{}").message(),
            "reason: say why, for those who come after");
  EXPECT_EQ(ask("POST", "/api/v1/environments/prod/lock", operator_, R"({"reason":"holiday"})").status, 200);
  const auto locked = ask("GET", "/api/v1/environments/prod", viewer).body();
  EXPECT_EQ(locked["lock"]["reason"], "holiday");
  EXPECT_EQ(locked["lock"]["by"], "olga");
  EXPECT_EQ(ask("POST", "/api/v1/environments/prod/unlock", operator_).status, 200);
  EXPECT_TRUE(ask("GET", "/api/v1/environments/prod", viewer).body()["lock"].is_null());
}

TEST_F(ApiTest, StreamsWhatHappensFromWhereTheClientLeftOff) {
  const auto id = waiting();
  ask("POST", path(id, "/cancel"), operator_);
  const auto all = ask("GET", path(id, "/events"), viewer);
  EXPECT_NE(all.raw.find("Content-Type: text/event-stream\r\n"), std::string::npos);
  EXPECT_NE(all.text().find("event: state\n"), std::string::npos) << all.raw;
  EXPECT_NE(all.text().find("event: end\n"), std::string::npos);
  const auto items = ask("GET", path(id, "/events"), viewer, "", "Accept: application/json\r\n").body()["items"];
  ASSERT_GE(items.size(), 3U);
  const auto last = items.back()["sequence"].get<std::int64_t>();
  const auto rest = ask("GET", path(id, "/events"), viewer, "", "Last-Event-ID: " + std::to_string(last) + "\r\n");
  EXPECT_EQ(rest.text().find("event: state\n"), std::string::npos);
  EXPECT_EQ(ask("GET", path(id, "/events"), viewer, "", "Last-Event-ID: x\r\n").status, 400);
}

TEST_F(ApiTest, ShowsReleasesAndDriftOfTheEnvironmentsOfTheCallerAlone) {
  EXPECT_EQ(ask("GET", "/api/v1/releases?environment=prod", viewer).body()["items"].dump(), R"([{"environment":"prod","name":"web"}])");
  EXPECT_EQ(ask("GET", "/api/v1/releases", elsewhere).body()["items"].dump(), R"([{"environment":"staging","name":"web"}])");
  EXPECT_EQ(ask("GET", "/api/v1/releases?environment=prod", elsewhere).status, 404);
  EXPECT_EQ(ask("GET", "/api/v1/drift?environment=prod", elsewhere).status, 404);
  const auto items = ask("GET", "/api/v1/drift", viewer).body()["items"];
  ASSERT_EQ(items.size(), 2U);
  EXPECT_EQ(items[0]["summary"]["changed"], 1);
  EXPECT_EQ(items[1].dump(), R"({"environment":"staging","error":"cluster-unreachable: nobody listens"})");
}

TEST_F(ApiTest, TellsWhetherItIsUp) {
  EXPECT_EQ(ask("GET", "/healthz", "").text(), "ok\n");
  EXPECT_EQ(ask("GET", "/readyz", "").text(), "ready\n");
  waiting();
  const auto metrics = ask("GET", "/metrics", viewer).text();
  EXPECT_NE(metrics.find("sluice_deployments{state=\"awaiting_approval\"} 1\n"), std::string::npos) << metrics;
  EXPECT_NE(ask("GET", "/badge/prod.svg", viewer).text().find("never deployed"), std::string::npos);
}

TEST_F(ApiTest, DescribesEveryRouteItHas) {
  const auto document = ask("GET", "/api/v1/openapi.json", "").body();
  EXPECT_EQ(document["openapi"], "3.1.0");
  const auto& approve = document["paths"]["/api/v1/deployments/{id}/approve"]["post"];
  EXPECT_EQ(approve["x-role"], "approver");
  EXPECT_EQ(approve["requestBody"]["content"]["application/json"]["schema"]["required"], json::array({"digest"}));
}

}  // namespace
}  // namespace sluice::api
