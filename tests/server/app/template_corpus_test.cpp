// Many public charts against what helm 3.17.3 and helm 4.3.1 print for them.

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "server/base/process.hpp"

namespace sluice::app {
namespace {

std::filesystem::path corpus() {
  const char* given = std::getenv("SLUICE_CORPUS");
  return given != nullptr ? std::filesystem::path(given) : std::filesystem::path(SLUICE_SOURCE_DIR) / "../shared/corpus";
}

void compare(std::vector<std::string> more, const std::string& flags) {
  const std::filesystem::path script = corpus() / "compare.py";
  if (!std::filesystem::exists(script)) {
    GTEST_SKIP() << "NOT COMPARED: there is no corpus at " << corpus() << "; say where it is with SLUICE_CORPUS";
  }
  ProcessRequest request;
  request.arguments = {"/usr/bin/python3", script.string(), "--cmd",
                       std::string(SLUICE_PROGRAM) + " template {release} {chart} -n {ns} {flags}" + flags};
  request.arguments.insert(request.arguments.end(), more.begin(), more.end());
  request.environment = {"PATH=/usr/bin:/bin", "HOME=/nonexistent", "LANG=C.UTF-8", "PYTHONDONTWRITEBYTECODE=1"};
  request.limit = std::chrono::minutes(5);
  const auto result = run_process(request);
  ASSERT_TRUE(result) << result.error().what;
  EXPECT_EQ(result->exit_code, 0) << result->output << result->error_output;
  EXPECT_NE(result->output.find(" passed, 0 failed"), std::string::npos) << result->output;
}

TEST(ChartCorpus, IsRenderedByteForByteAsHelm3Does) { compare({}, ""); }
TEST(ChartCorpus, IsRenderedByteForByteAsHelm4Does) { compare({"--helm4"}, " --helm 4"); }

}  // namespace
}  // namespace sluice::app
