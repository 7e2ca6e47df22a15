#include "server/kube/status.hpp"

#include <gtest/gtest.h>

namespace sluice::kube {

namespace {
Refusal of(int code, const std::string& body) { return read_refusal(code, body); }
std::string status(const std::string& rest) { return R"({"kind":"Status","status":"Failure",)" + rest + "}"; }
}  // namespace

TEST(Refusal, SaysWhetherTheObjectOrItsNamespaceIsMissing) {
  EXPECT_FALSE(of(404, status(R"("reason":"NotFound","details":{"name":"a","kind":"configmaps"})")).namespace_is_missing());
  EXPECT_TRUE(of(404, status(R"("reason":"NotFound","details":{"name":"a","kind":"namespaces"})")).namespace_is_missing());
}

TEST(Refusal, OfABodyThatTheServerCannotDigestIsNotWorthARetry) {
  EXPECT_FALSE(of(500, status(R"("message":"failed to create typed patch object","code":500)")).is_transient());
  EXPECT_TRUE(of(500, status(R"("reason":"InternalError","message":"Internal error occurred: failed calling webhook \"w\": no")"))
                  .is_transient());
  EXPECT_TRUE(of(500, status(R"("message":"etcdserver: leader changed")")).is_transient());
  EXPECT_TRUE(of(503, "").is_transient());
  EXPECT_TRUE(of(429, "").is_transient());
  EXPECT_FALSE(of(422, "").is_transient());
}

TEST(Refusal, KnowsEveryWayToSayThatAFieldCannotChange) {
  for (const std::string text :
       {"spec.selector: Invalid value: x: field is immutable",
        "spec: Forbidden: updates to statefulset spec for fields other than 'replicas' are forbidden",
        "spec.clusterIP: Invalid value: x: may not change once set", "roleRef: Invalid value: x: cannot change roleRef"})
    EXPECT_TRUE(of(422, status(R"("reason":"Invalid","message":")" + text + "\"")).is_immutable_field()) << text;
  EXPECT_FALSE(
      of(422,
         status(
             R"("reason":"Invalid","message":"metadata.uid: field is immutable","details":{"causes":[{"field":"metadata.uid","message":"field is immutable"}]})"))
          .is_immutable_field())
      << "that is another object of the same name";
}

TEST(Redaction, HidesTheValuesThatTheServerQuotes) {
  EXPECT_EQ(redact(R"(Secret "s" is invalid: data[key]: Invalid value: "hunter2": must be shorter)"),
            R"(Secret "s" is invalid: data[key]: Invalid value: (hidden): must be shorter)");
  EXPECT_EQ(
      redact(
          R"(Job is invalid: spec.template: Invalid value: core.PodTemplateSpec{Env:[]core.EnvVar{{Name:"A", Value:"hunter2: x"}}}: field is immutable)"),
      "Job is invalid: spec.template: Invalid value: (hidden): field is immutable");
  EXPECT_EQ(redact(R"([a: Invalid value: "hunter2": too long, b: Duplicate value: "hunter3"])"),
            R"([a: Invalid value: (hidden): too long, b: Duplicate value: (hidden)])");
  EXPECT_EQ(redact(R"(error decoding patch: expect ", but found h, error found in #10 byte of ...|: hunter2)"),
            R"(error decoding patch: expect ", but found h, error found in # (hidden))");
  EXPECT_EQ(redact(".data.y: expected string, got &value.valueUnstructured{Value:\"hunter2\"}"),
            ".data.y: expected string, got  (hidden)");
}

TEST(Redaction, CannotDriveATerminalOrFillALog) {
  EXPECT_EQ(redact("a\x1b[31m\nb"), "a [31m b");
  EXPECT_EQ(redact(std::string(700, 'x')), std::string(600, 'x') + "... (+100)");
}

TEST(Refusal, ThatIsNoStatusIsToldAsText) {
  const auto refusal = of(404, "404 page not found\n");
  EXPECT_EQ(to_error(refusal, "reading /x"), (Error{Errc::not_found, "reading /x: 404 page not found  (404)"}));
  EXPECT_EQ(to_error(of(403, status(R"("reason":"Forbidden","message":"no")")), "x"), (Error{Errc::denied, "x: cluster-forbidden: no"}));
  EXPECT_EQ(to_error(of(401, "hunter2"), "x").what, "x: cluster-auth: the API server does not accept the credential (401)");
}

}  // namespace sluice::kube
