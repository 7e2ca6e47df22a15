#include "server/worker/programs.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "server/worker/kubectl_shim.hpp"

// Started as `kubectl` by a program that a test runs, this test program is the shim, as sluice's main is.
__attribute__((constructor)) static void act_as_kubectl(int argc, char** argv, char**) {
  if (argc > 0 && sluice::worker::is_kubectl_shim(argv[0])) std::exit(sluice::worker::run_kubectl_shim({argv + 1, argv + argc}));
}

namespace sluice::worker {
namespace {

helmfile::ExecCall shell(const std::string& line) {
  helmfile::ExecCall call;
  call.program = "sh";
  call.arguments = {"-c", line};
  return call;
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

/// What becomes of `sh -c LINE`, which is allowed, in a tenth of a second.
std::string outcome_of(const std::string& line) {
  config::ExecPolicy policy;
  policy.allow = {{"/bin/sh", "-c", line}};
  Programs programs(policy, {}, std::chrono::milliseconds(100));
  const auto result = programs.run(shell(line));
  if (!result) return std::string(to_string(result.error().code)) + ": " + result.error().what;
  return "exit code " + std::to_string(result->exit_code) + ": " + result->out + result->error_text;
}

TEST(Programs, MayFailAndTheirCallerHearsWhatTheySaid) {
  EXPECT_EQ(outcome_of("echo half; echo no such host >&2; exit 6"), "exit code 6: half\nno such host\n");
  EXPECT_EQ(outcome_of("kill -SEGV $$"), "exit code 139: ");
}

TEST(Programs, MayNotHangWithWhatTheyStarted) {
  EXPECT_EQ(outcome_of("sleep 1000 & sleep 1000"), "timeout: /bin/sh has not ended after 100 ms");
  EXPECT_EQ(outcome_of("sleep 1000 & echo done"), "timeout: /bin/sh has not ended after 100 ms");
}

TEST(Programs, MayNotPrintMegabytes) {
  EXPECT_EQ(outcome_of("exec cat /dev/zero"), "invalid: /bin/sh wrote more than 1048576 bytes");
  EXPECT_EQ(outcome_of("exec cat /dev/zero >&2"), "invalid: /bin/sh wrote more than 1048576 bytes");
}

TEST(Programs, MustBeThere) {
  config::ExecPolicy policy;
  policy.allow = {{"/nonexistent/jq", "."}};
  helmfile::ExecCall call;
  call.program = "jq";
  call.arguments = {"."};
  EXPECT_EQ(Programs(policy, {}).run(call).error().what, "starting /nonexistent/jq: ENOENT (No such file or directory)");
}

/// A cluster with one Secret, db/passwords, and one ConfigMap, default/settings.
class NativeKubectl : public testing::Test {
 protected:
  NativeKubectl() {
    policy_.native_kubectl = true;
    world_.context = "test";
    world_.resource = [this](std::string_view name) -> const kube::Resource* {
      if (name == "secret" || name == "secrets") return &secrets_;
      return name == "cm" || name == "configmap" ? &maps_ : nullptr;
    };
    world_.find = [this](const kube::Resource& kind, const std::string& space, const std::string& name) -> Result<std::optional<plan::Json>> {
      ++reads_;
      const std::string place = kind.kind + " " + space + "/" + name;
      if (place == "Secret db/passwords") return std::optional(secret_);
      if (place == "Secret db/") return std::optional(plan::Json{{"items", {secret_}}});
      if (place == "ConfigMap default/settings") return std::optional(plan::Json::parse(R"({"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"settings"},"data":{"a":"<1>"}})"));
      return std::optional<plan::Json>();
    };
  }

  Result<helmfile::ExecOutput> run(const helmfile::ExecCall& call) {
    Programs programs(policy_, {});
    programs.connect(world_);
    return programs.run(call);
  }
  Result<helmfile::ExecOutput> kubectl(std::vector<std::string> arguments) {
    helmfile::ExecCall call;
    call.program = "kubectl";
    call.arguments = std::move(arguments);
    return run(call);
  }
  std::string output(const helmfile::ExecCall& call) {
    auto result = run(call);
    if (!result) return "error: " + result.error().what;
    return result->exit_code == 0 ? result->out : "exit code " + std::to_string(result->exit_code) + ": " + result->error_text;
  }

  config::ExecPolicy policy_;
  KubectlWorld world_;
  int reads_ = 0;
  kube::Resource secrets_{"", "v1", "Secret", "secrets", true, true};
  kube::Resource maps_{"", "v1", "ConfigMap", "configmaps", true, true};
  plan::Json secret_ = plan::Json::parse(R"({"apiVersion":"v1","kind":"Secret","metadata":{"name":"passwords","namespace":"db","managedFields":[{}]},
    "data":{"PASSWORD":"czNjcmV0IQ==","USER_ANN":"YW5u","USER_BEN":"YmVu","EMPTY":""}})");
};

TEST_F(NativeKubectl, AnswersAPipeWithoutAShell) {
  EXPECT_EQ(output(shell("kubectl get secret --namespace db passwords -o jsonpath='{.data.PASSWORD}' | base64 -d")), "s3cret!");
  EXPECT_EQ(output(shell("kubectl get secret -n db passwords -o json | jq -r '.data | keys[] | select(startswith(\"USER_\"))'")), "USER_ANN\nUSER_BEN\n");
  EXPECT_EQ(output(shell("kubectl get secret/passwords -ndb -ojson 2>/dev/null | jq -r .data.PASSWORD | base64 --decode | tr -d '!' | sed 's/s3/S3/'")), "S3cret");
  EXPECT_EQ(output(shell("kubectl get secret -n db passwords -o json | jq -r '.data | keys[] | select(startswith(\"NONE_\"))'")), "");
}

TEST_F(NativeKubectl, PrintsAsKubectlDoes) {
  EXPECT_EQ(kubectl({"get", "configmap", "settings", "-o", "json"})->out,
            "{\n    \"apiVersion\": \"v1\",\n    \"data\": {\n        \"a\": \"\\u003c1\\u003e\"\n    },\n    \"kind\": \"ConfigMap\",\n    \"metadata\": {\n"
            "        \"name\": \"settings\"\n    }\n}\n");
  EXPECT_EQ(kubectl({"get", "cm/settings", "-oyaml"})->out, "apiVersion: v1\ndata:\n  a: <1>\nkind: ConfigMap\nmetadata:\n  name: settings\n");
  EXPECT_EQ(kubectl({"get", "secrets", "-n=db", "--output=name"})->out, "secret/passwords\n");
  EXPECT_EQ(kubectl({"get", "cm", "none", "-o", "json"})->error_text, "Error from server (NotFound): configmaps \"none\" not found\n");
  EXPECT_EQ(kubectl({"get", "cm", "none", "-o", "json"})->exit_code, 1);
  EXPECT_EQ(kubectl({"get", "cm", "none", "-o", "json", "--ignore-not-found"})->exit_code, 0);
  EXPECT_EQ(kubectl({"get", "widgets", "-o", "json"})->error_text, "error: the server doesn't have a resource type \"widgets\"\n");
}

TEST_F(NativeKubectl, WhatComesFromASecretIsOne) {
  EXPECT_TRUE(kubectl({"get", "secret", "passwords", "-n", "db", "-o", "json"})->secret);
  EXPECT_TRUE(run(shell("kubectl get secret passwords -n db -o json | jq -r .data.PASSWORD"))->secret);
  EXPECT_FALSE(kubectl({"get", "cm", "settings", "-o", "json"})->secret);
}

TEST_F(NativeKubectl, RefusesToGoOnWithAnEmptyPassword) {
  EXPECT_EQ(output(shell("kubectl get secret -n db passwords -o jsonpath='{.data.NONE}' | base64 -d")),
            "error: exec-empty: [\"sh\", \"-c\", \"kubectl get secret -n db passwords -o jsonpath='{.data.NONE}' | base64 -d\"] gave an empty text where a value of "
            "Secret db/passwords was expected: the key is missing or empty (exec.allow_empty allows it)");
  EXPECT_EQ(output(shell("kubectl get secret -n db none -o json | jq -r .data.A")),
            "error: exec-failed: [\"sh\", \"-c\", \"kubectl get secret -n db none -o json | jq -r .data.A\"]: Error from server (NotFound): secrets \"none\" not found; "
            "the pipe behind it would hide that and go on with an empty text (exec.allow_empty allows it)");
  policy_.allow_empty = true;
  EXPECT_EQ(output(shell("kubectl get secret -n db passwords -o jsonpath='{.data.NONE}' | base64 -d")), "");
  EXPECT_EQ(output(shell("kubectl get secret -n db none -o jsonpath='{.data.NONE}' | base64 -d")), "");
}

TEST_F(NativeKubectl, DeniesAllElse) {
  const std::string begin = "error: exec-denied: a template wants to run [\"sh\", \"-c\", \"";
  EXPECT_EQ(output(shell("kubectl get cm settings -o json; id")),
            begin + "kubectl get cm settings -o json; id\"]; the server's configuration lists no such command in exec.allow, and it is no plain pipeline behind "
                    "`kubectl get` (column 32: `;` is not understood here)");
  EXPECT_EQ(output(shell("id")), begin + "id\"]; the server's configuration lists no such command in exec.allow");
  const auto behind = [&](const std::string& filter) {
    const std::string line = "kubectl get cm settings -o json | " + filter;
    const std::string text = output(shell(line)), front = begin + line + "\"]; ";
    return text.starts_with(front) ? text.substr(front.size()) : "?" + text;
  };
  EXPECT_EQ(behind("python3"), "\"python3\" may not stand behind kubectl; known are base64, cat, cut, grep, head, jq, rev, sed, sort, tail, tr, uniq, wc");
  EXPECT_EQ(behind("cat /etc/passwd"), "cat behind kubectl may not be given \"/etc/passwd\"");
  EXPECT_EQ(behind("base64 -d /etc/passwd"), "base64 behind kubectl may not be given \"/etc/passwd\"");
  EXPECT_EQ(behind("jq . /etc/passwd"), "jq behind kubectl may not be given \"/etc/passwd\"");
  EXPECT_EQ(behind("jq -rf x"), "jq behind kubectl may not be given \"-rf\"");
  EXPECT_EQ(behind("jq --rawfile a /etc/passwd"), "jq behind kubectl may not be given \"--rawfile\"");
  EXPECT_EQ(behind("jq -L/etc"), "jq behind kubectl may not be given \"-L/etc\"");
  EXPECT_EQ(behind("sort -o x"), "sort behind kubectl may not be given \"-o\"");
  EXPECT_EQ(behind("sed -i s/a/b/"), "sed behind kubectl may not be given \"-i\"");
  EXPECT_EQ(behind("grep -f /etc/passwd"), "grep behind kubectl may not be given \"-f\"");
  EXPECT_NE(output(shell("kubectl get cm settings -o json | sed 'r /etc/passwd'")).find("sandbox"), std::string::npos);
}

TEST_F(NativeKubectl, OnlyReads) {
  const auto refused = [&](std::vector<std::string> arguments) {
    auto result = kubectl(std::move(arguments));
    return result ? "answered" : result.error().what.substr(result.error().what.find("]: ") + 3);
  };
  EXPECT_EQ(refused({"delete", "cm", "settings"}), "kubectl as sluice answers it: \"delete\": only `kubectl get` is known");
  EXPECT_EQ(refused({"get", "cm", "settings"}), "kubectl as sluice answers it: `get` needs -o json, yaml, name or jsonpath=...");
  EXPECT_EQ(refused({"get", "cm", "settings", "-w", "-o", "json"}), "kubectl as sluice answers it: flag -w");
  EXPECT_EQ(refused({"get", "cm", "settings", "--kubeconfig=/x", "-o", "json"}), "kubectl as sluice answers it: flag --kubeconfig=/x");
  EXPECT_EQ(refused({"get", "cm", "settings", "--context=other", "-o", "json"}),
            "kubectl as sluice answers it: --context other: the cluster is the environment's, with context \"test\"");
  EXPECT_EQ(refused({"get", "cm", "settings", "--context=test", "-o", "json"}), "answered");
  EXPECT_EQ(refused({"get", "cm", "settings", "-o", "wide"}), "kubectl as sluice answers it: -o wide: known are json, yaml, name and jsonpath=...");
}

TEST_F(NativeKubectl, IsThereForAnAllowedShellToo) {
  const std::string line =
      "bash -c 'key=USER_ANN; v=$(kubectl get secret -n db passwords -o jsonpath=\"{.data.$key}\" 2>/dev/null | base64 -d); "
      "if [ -z \"$v\" ]; then v=none; fi; echo \"$v\"; kubectl get secret -n db gone -o json; kubectl delete x'; exit 0";
  policy_.allow = {{"/bin/sh", "-c", line}};
  auto result = run(shell(line));
  ASSERT_TRUE(result) << result.error().what;
  EXPECT_EQ(result->out, "ann\n");
  EXPECT_EQ(result->error_text,
            "Error from server (NotFound): secrets \"gone\" not found\nerror: kubectl as sluice answers it: \"delete\": only `kubectl get` is known\n");
  EXPECT_TRUE(result->secret);
}

}  // namespace
}  // namespace sluice::worker
