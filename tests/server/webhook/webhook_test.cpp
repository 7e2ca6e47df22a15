#include "server/webhook/webhook.hpp"

#include <gtest/gtest.h>

#include <atomic>

#include "core/base/digest.hpp"
#include "tests/server/http/live_server.hpp"
#include "tests/server/store/fixture.hpp"

namespace sluice::webhook {
namespace {

using http::LiveServer;
using http::RawClient;
using http::status_of;

const std::string secret = "sluice-test-secret";
const std::string other_secret = "the-secret-of-the-other-repository";
const std::string sha(40, 'b');

std::string push(const std::string& branch = "main", const std::string& repository = "ann/web", const std::string& commit = sha) {
  return R"({"ref":"refs/heads/)" + branch + R"(","before":"","after":")" + commit + R"(","head_commit":{"id":")" + commit +
         R"(","message":"m"},"repository":{"id":100,"full_name":")" + repository + R"("},"sender":{"id":1,"login":"ann"}})";
}

struct Sent {
  std::string event = "push";
  std::string guid = "guid-1";
  std::string key = secret;
  std::string type = "application/json";
  std::string signature = {};  ///< instead of the right one
};

/// A live webhook on a store in memory, for two repositories.
struct WebhookTest : store::StoreTest {
  std::shared_ptr<const Settings> settings = two_repositories();
  std::atomic<int> woken = 0;
  Webhook webhook{*store, [this] { return settings; }, [this] { ++woken; }, time.clock()};
  LiveServer live{router(webhook)};

  static std::shared_ptr<const Settings> two_repositories() {
    auto settings = std::make_shared<Settings>();
    settings->repositories = {{"ann/web", {{"prod", {{"push", {{"branch", "main"}}}}}}},
                              {"ann/other", {{"prod", {{"push", {}}}}}}};
    settings->add_secret("ann/web", Secret(secret));
    settings->add_secret("ann/other", Secret(other_secret));
    return settings;
  }

  static http::Router router(Webhook& webhook) {
    http::Router router;
    router.add(webhook.route());
    return router;
  }

  static std::string raw(const std::string& body, const Sent& sent) {
    const std::string signature = sent.signature.empty() ? "sha256=" + to_hex(hmac_sha256(sent.key, body)) : sent.signature;
    return "POST /webhooks/github HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: " + sent.type +
           "\r\nX-GitHub-Event: " + sent.event + "\r\nX-GitHub-Delivery: " + sent.guid + "\r\nX-Hub-Signature-256: " + signature +
           "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  }
  std::string post(const std::string& body, const Sent& sent = {}) { return ask(raw(body, sent)); }
  std::string ask(const std::string& bytes) const {
    RawClient client(live.port());
    client.send(bytes);
    client.finish();
    return client.read_all();
  }
  static std::string body_of(const std::string& answer) { return answer.substr(answer.find("\r\n\r\n") + 4); }
  std::int64_t pending() {
    auto counts = store->read_now([](const store::Reader& reader) { return reader.counts(); });
    return counts->deliveries_pending;
  }
};

TEST_F(WebhookTest, StoresASignedPushAndSaysSo) {
  const auto answer = post(push());
  EXPECT_EQ(status_of(answer), 202);
  EXPECT_EQ(body_of(answer), "{\"status\":\"queued\",\"delivery\":\"guid-1\",\"id\":1}\n");
  EXPECT_EQ(woken, 1);
  const auto kept = store->read_now([](const store::Reader& reader) { return reader.delivery(store::DeliveryId{1}); });
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->body, push());
  EXPECT_EQ(kept->repository, "ann/web");
  EXPECT_EQ(kept->trigger_key, "push:100:refs/heads/main:" + sha);
}

TEST_F(WebhookTest, TakesTheSameDeliveryOnce) {
  EXPECT_EQ(status_of(post(push())), 202);
  const auto again = post(push());
  EXPECT_EQ(status_of(again), 200);
  EXPECT_EQ(body_of(again), "{\"status\":\"duplicate\"}\n");
  EXPECT_EQ(body_of(post(push(), {.guid = "guid-2"})), "{\"status\":\"duplicate\"}\n");
  EXPECT_EQ(pending(), 1);
}

TEST_F(WebhookTest, RefusesOneIdForTwoEvents) {
  EXPECT_EQ(status_of(post(push())), 202);
  EXPECT_EQ(status_of(post(push("main", "ann/web", std::string(40, 'c')))), 409);
  EXPECT_EQ(webhook.counters().mismatched, 1U);
}

TEST_F(WebhookTest, RefusesEveryOtherSignatureWithOneText) {
  const std::string right = to_hex(hmac_sha256(secret, push()));
  std::string upper = right;
  for (auto& c : upper)
    if (c >= 'a') c = static_cast<char>(c - 32);
  const std::string expected =
      "{\"type\":\"urn:sluice:signature-invalid\",\"title\":\"Unauthorized\",\"status\":401,"
      "\"detail\":\"X-Hub-Signature-256 does not fit the body\",\"code\":\"signature-invalid\","
      "\"message\":\"X-Hub-Signature-256 does not fit the body\",\"retryable\":false}\n";
  for (const std::string& signature : {"sha256=" + upper, right, "sha1=" + right.substr(0, 40), "sha256=" + right.substr(0, 62),
                                       "sha256=" + std::string(64, '0'), "sha256=" + to_hex(hmac_sha256("wrong", push()))}) {
    const auto answer = post(push(), {.signature = signature});
    EXPECT_EQ(status_of(answer), 401) << signature;
    EXPECT_EQ(body_of(answer), expected) << signature;
  }
  EXPECT_EQ(status_of(ask(
                "POST /webhooks/github HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}")),
            401);
  EXPECT_EQ(pending(), 0);
}

TEST_F(WebhookTest, TakesNoSignatureOfAnotherRepositorysSecret) {
  EXPECT_EQ(status_of(post(push(), {.key = other_secret})), 401);
  EXPECT_EQ(status_of(post(push("main", "ann/other"), {.key = other_secret})), 202);
}

TEST(Settings, KeepEachSecretOnce) {
  Settings settings;
  settings.add_secret("a", Secret("one"));
  settings.add_secret("b", Secret("two"));
  settings.add_secret("c", Secret("one"));
  EXPECT_EQ(settings.secrets.size(), 2U);
  EXPECT_EQ(settings.owners[2].secret, 0U);
}

TEST_F(WebhookTest, RefusesARepeatedSignatureAndOneInATrailer) {
  auto twice = raw(push(), {});
  twice.insert(twice.find("Content-Length"), "X-Hub-Signature-256: sha256=" + std::string(64, '0') + "\r\n");
  EXPECT_EQ(status_of(ask(twice)), 400);
}

TEST_F(WebhookTest, TakesAChunkedBody) {
  auto bytes = raw(push(), {});
  const auto body = push();
  bytes = bytes.substr(0, bytes.find("Content-Length")) + "Transfer-Encoding: chunked\r\n\r\n";
  std::array<char, 16> size{};
  std::snprintf(size.data(), size.size(), "%zx\r\n", body.size());
  EXPECT_EQ(status_of(ask(bytes + size.data() + body + "\r\n0\r\n\r\n")), 202);
}

TEST_F(WebhookTest, IgnoresWhatNobodyAskedForWithoutStoringIt) {
  EXPECT_EQ(body_of(post(push("feature"))), "{\"status\":\"ignored\",\"reason\":\"no trigger rule asks for it\"}\n");
  EXPECT_EQ(body_of(post(push("main", "eve/web"))), "{\"status\":\"ignored\",\"reason\":\"repo-not-allowed: the repository is not configured\"}\n");
  EXPECT_EQ(body_of(post(push(), {.event = "star"})), "{\"status\":\"ignored\",\"reason\":\"the event is not used\"}\n");
  EXPECT_EQ(pending(), 0);
}

TEST_F(WebhookTest, AnswersAPing) {
  EXPECT_EQ(body_of(post(R"({"zen":"ok","hook":{"config":{"content_type":"json"}}})", {.event = "ping"})),
            "{\"status\":\"pong\"}\n");
}

TEST_F(WebhookTest, RefusesSignedNonsense) {
  const auto answer = post("{\"ref\":", {});
  EXPECT_EQ(status_of(answer), 400);
  EXPECT_NE(answer.find("not JSON from byte 8 on"), std::string::npos);
  EXPECT_EQ(status_of(post(push(), {.event = "workflow_run"})), 400);
  EXPECT_EQ(status_of(post(push(), {.event = ""})), 400);
  EXPECT_EQ(status_of(post(push(), {.guid = "a b"})), 400);
  EXPECT_EQ(status_of(post(std::string(100, '[') + std::string(100, ']'))), 400);
}

TEST_F(WebhookTest, SaysHowToFixAFormHook) {
  const auto answer = post("payload=%7B%22zen%22%3A%22ok%22%7D", {.type = "application/x-www-form-urlencoded"});
  EXPECT_EQ(status_of(answer), 415);
  EXPECT_NE(answer.find("set the content type of the webhook to application/json"), std::string::npos);
}

TEST_F(WebhookTest, TakesADeliveryOf25MiBAndNotOneByteMore) {
  std::string body = push();
  body.insert(1, "\"filler\":\"" + std::string(26'214'400 - body.size() - 12, 'x') + "\",");
  ASSERT_EQ(body.size(), 26'214'400U);
  EXPECT_EQ(status_of(post(body)), 202);
  body += ' ';
  EXPECT_EQ(status_of(post(body, {.guid = "guid-2"})), 413);
}

TEST_F(WebhookTest, LimitsHowFastARepositoryMaySend) {
  int stored = 0;
  for (int i = 0; i < 1001; ++i) {
    const auto commit = to_hex(sha256(std::to_string(i))).substr(0, 40);
    const auto answer = post(push("main", "ann/web", commit), {.guid = "g" + std::to_string(i)});
    if (status_of(answer) == 202)
      ++stored;
    else {
      EXPECT_EQ(status_of(answer), 429);
      EXPECT_NE(answer.find("Retry-After: 10\r\n"), std::string::npos);
    }
  }
  EXPECT_EQ(stored, 1000);
}

TEST_F(WebhookTest, AnswersOnlyTheMethodItHas) {
  EXPECT_EQ(status_of(ask("GET /webhooks/github HTTP/1.1\r\nHost: a\r\n\r\n")), 405);
}

}  // namespace
}  // namespace sluice::webhook
