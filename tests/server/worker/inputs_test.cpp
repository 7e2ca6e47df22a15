#include "server/worker/inputs.hpp"

#include <gtest/gtest.h>

namespace sluice::worker {
namespace {

const Commit commit{"0123456789abcdef0123456789abcdef01234567", "refs/heads/main"};

TEST(Expand, SeesTheCommitAndTheEnvironment) {
  EXPECT_EQ(expand("x", "{{ .Commit.Sha }}-{{ .Commit.Short }}-{{ .Commit.Branch | upper }}-{{ .Environment.Name }}", commit, "prod").value_or("?"),
            "0123456789abcdef0123456789abcdef01234567-0123456-MAIN-prod");
  EXPECT_EQ(expand("x", "plain", commit, "prod").value_or("?"), "plain");
}

TEST(Expand, AnUnknownNameIsAnErrorNotAnEmptyText) {
  const auto result = expand("environments.prod.variables.TAG", "{{ .Commit.Sah }}", commit, "prod");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().what,
            "template: environments.prod.variables.TAG:1:10: executing \"environments.prod.variables.TAG\" at <.Commit.Sah>: map has no entry for key \"Sah\"");
}

TEST(ExecPolicy, AllowsOnlyWhatIsListedWordForWord) {
  config::ExecPolicy policy;
  policy.allow = {{"/bin/sh", "-c", "curl -s https://www.cloudflare.com/ips-v4*"}, {"/usr/bin/jq", "-r", ".x"}, {"relative", "x"}};
  EXPECT_EQ(allowed_program(policy, "sh", {"-c", "curl -s https://www.cloudflare.com/ips-v4?"}), "/bin/sh");
  EXPECT_EQ(allowed_program(policy, "/bin/sh", {"-c", "curl -s https://www.cloudflare.com/ips-v4"}), "/bin/sh");
  EXPECT_EQ(allowed_program(policy, "/tmp/sh", {"-c", "curl -s https://www.cloudflare.com/ips-v4"}), "");
  EXPECT_EQ(allowed_program(policy, "jq", {"-r", ".x"}), "/usr/bin/jq");
  EXPECT_EQ(allowed_program(policy, "jq", {"-r", ".x", "."}), "");
  EXPECT_EQ(allowed_program(policy, "jq", {"-r"}), "");
  EXPECT_EQ(allowed_program(policy, "relative", {"x"}), "");
  EXPECT_EQ(allowed_program({}, "sh", {"-c", "true"}), "");
}

TEST(Programs, ADeniedCallIsNamed) {
  Programs programs({}, {});
  helmfile::ExecCall call;
  call.program = "sh";
  call.arguments = {"-c", "id"};
  const auto result = programs.run(call);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().what,
            "exec-denied: a template wants to run [\"sh\", \"-c\", \"id\"]; the server's configuration lists no such command in exec.allow");
}

TEST(Programs, RunOnceAndAnswerTheSameAgainWithNoSecretsInTheirEnvironment) {
  config::ExecPolicy policy;
  policy.allow = {{"/bin/sh", "-c", "date +%N; echo $PLAIN${HIDDEN-none}"}};
  Programs programs(policy, {{"PLAIN", {"p", false}}, {"HIDDEN", {"h", true}}});
  helmfile::ExecCall call;
  call.program = "sh";
  call.arguments = {"-c", "date +%N; echo $PLAIN${HIDDEN-none}"};
  const auto first = programs.run(call);
  const auto second = programs.run(call);
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->out, second->out);
  EXPECT_TRUE(first->out.ends_with("\npnone\n")) << first->out;
  EXPECT_TRUE(first->secret);
  EXPECT_EQ(programs.records().size(), 1u);
}

}  // namespace
}  // namespace sluice::worker
