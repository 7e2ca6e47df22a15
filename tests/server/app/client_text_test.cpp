#include "server/app/client_text.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace sluice::app {
namespace {

using nlohmann::json;

json deployment() {
  return {{"id", 7},
          {"state", "awaiting_approval"},
          {"environment", "prod"},
          {"repository", "ann/web"},
          {"commit", std::string(40, 'a')},
          {"ref", "refs/heads/main"},
          {"digest", std::string(64, 'd')},
          {"created", "2026-11-25T01:05:21.123Z"},
          {"title", "Change"}};
}

TEST(ClientText, ListsDeploymentsInColumns) {
  auto long_one = deployment();
  long_one["id"] = 1234;
  long_one["title"] = "Größe";
  EXPECT_EQ(deployments_table({deployment(), long_one}),
            "ID    STATE              ENVIRONMENT  REPOSITORY  COMMIT    REF   PLAN      CREATED           TITLE\n"
            "7     awaiting_approval  prod         ann/web     aaaaaaaa  main  dddddddd  2026-11-25T01:05  Change\n"
            "1234  awaiting_approval  prod         ann/web     aaaaaaaa  main  dddddddd  2026-11-25T01:05  Größe\n");
}

TEST(ClientText, SaysHowToApproveToThoseWhoMay) {
  auto one = deployment();
  one["can_approve"] = true;
  EXPECT_NE(deployment_text(one).find("  sluice approve 7 --digest " + std::string(64, 'd') + "\n"), std::string::npos);
  one["can_approve"] = false;
  EXPECT_EQ(deployment_text(one).find("sluice approve"), std::string::npos);
}

TEST(ClientText, LetsNoTextDriveTheTerminal) {
  auto one = deployment();
  one["title"] =
      "a\x1b]52;c;x\x07"
      "b\xe2\x80\xae"
      "c\nd";
  const auto text = deployments_table(json::array({one}));
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_EQ(text.find("\xe2\x80\xae"), std::string::npos);
  EXPECT_NE(text.find("<U+202E>"), std::string::npos) << text;
  EXPECT_EQ(diff_text("+ a\x1b[2Jb\tc\n", Paint::no), "+ a<U+001B>[2Jb\tc\n");
}

TEST(ClientText, PaintsADiff) {
  EXPECT_EQ(diff_text("+ a\n- b\n  c\n", Paint::yes), "\x1b[32m+ a\x1b[0m\n\x1b[31m- b\x1b[0m\n  c\n");
}

TEST(ClientText, PrintsEachLineOfAnEvent) {
  EXPECT_EQ(event_line({{"at", "2026-11-25T01:05:21.123Z"}, {"kind", "log"}, {"text", "one\ntwo\n"}}),
            "01:05:21  log  one\n01:05:21  log  two\n");
}

TEST(ClientText, WritesJsonAndYaml) {
  EXPECT_EQ(*formatted({{"a", 1}, {"b", {"x"}}}, "json"), "{\n  \"a\": 1,\n  \"b\": [\n    \"x\"\n  ]\n}\n");
  EXPECT_EQ(*formatted({{"a", 1}, {"b", {"x"}}}, "yaml"), "a: 1\nb:\n- x\n");
  EXPECT_EQ(*formatted("\x1b[2J", "json"), "\"\\u001b[2J\"\n");
  EXPECT_EQ(formatted({}, "xml").error(), (Error{Errc::invalid, "output: expected table, json or yaml, found \"xml\""}));
}

}  // namespace
}  // namespace sluice::app
