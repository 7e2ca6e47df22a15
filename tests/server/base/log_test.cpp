#include "server/base/log.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <type_traits>

#include "core/base/secret.hpp"
#include "server/base/log_text.hpp"

namespace sluice {

static_assert(!std::is_constructible_v<LogField, Secret>, "a Secret cannot be logged");

struct Log : testing::Test {
  std::vector<std::string> lines;
  const Logger log{"store"};
  void SetUp() override {
    set_log_output([this](std::string_view line) { lines.emplace_back(line); });
  }
  void TearDown() override {
    set_log_output(nullptr);
    set_log_level(LogLevel::info);
  }
};

TEST_F(Log, IsOneJsonObjectALine) {
  log.info("deployment queued id={} repo={} forced={} took={}", 7, "ann/web", true, std::chrono::microseconds{1500});
  ASSERT_EQ(lines.size(), 1u);
  const auto line = nlohmann::json::parse(lines[0]);
  EXPECT_EQ(line.at("level"), "info");
  EXPECT_EQ(line.at("logger"), "store");
  EXPECT_EQ(line.at("msg"), "deployment queued");
  EXPECT_EQ(line.at("id"), 7);
  EXPECT_EQ(line.at("repo"), "ann/web");
  EXPECT_EQ(line.at("forced"), true);
  EXPECT_EQ(line.at("took"), 1.5);
  EXPECT_EQ(line.at("time").get<std::string>().size(), 24u);
  EXPECT_GT(line.at("mono").get<double>(), 0);
}

TEST_F(Log, DataCannotBreakOutOfItsLine) {
  log.warn("odd branch name={}", "a\n{\"level\":\"error\"}\x1b[2J\xe2\x80\xae\xff\"");
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0].find('\n'), std::string::npos);
  EXPECT_EQ(lines[0].find('\x1b'), std::string::npos);
  EXPECT_EQ(nlohmann::json::parse(lines[0]).at("name"), "a<U+000A>{\"level\":\"error\"}<U+001B>[2J<U+202E><0xFF>\"");
}

TEST_F(Log, CutsLongFieldsAndSaysHowMuch) {
  log.info("long text={} error={}", std::string(1000, 'x'), std::string(1000, 'y'));
  const auto line = nlohmann::json::parse(lines.at(0));
  EXPECT_EQ(line.at("text"), std::string(200, 'x') + "…(+800)");
  EXPECT_EQ(line.at("error"), std::string(1000, 'y'));
}

TEST_F(Log, LeavesOutWhatIsBelowItsLevel) {
  log.debug("asked host={}", "a");
  EXPECT_TRUE(lines.empty());
  set_log_level(LogLevel::debug);
  log.debug("asked");
  EXPECT_EQ(nlohmann::json::parse(lines.at(0)).at("msg"), "asked");
}

TEST(Shown, MarksEveryMalformedByteAndKeepsTheRest) {
  EXPECT_EQ(shown("grün 日本 🚀"), "grün 日本 🚀");
  EXPECT_EQ(shown("\xc0\xaf"), "<0xC0><0xAF>");              // overlong
  EXPECT_EQ(shown("\xed\xa0\x80"), "<0xED><0xA0><0x80>");    // surrogate
  EXPECT_EQ(shown("\xf4\x90\x80\x80"), "<0xF4><0x90><0x80><0x80>");
  EXPECT_EQ(shown("\xe2\x82"), "<0xE2><0x82>");              // cut short
  EXPECT_EQ(shown("a\xc2\x85z"), "a<U+0085>z");
}

}  // namespace sluice
