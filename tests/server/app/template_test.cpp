// `sluice template` against what real helms print: every case of tests/golden/chart (made by its script `regenerate`).

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "server/base/process.hpp"

namespace sluice::app {
namespace {

namespace fs = std::filesystem;

fs::path cases() { return fs::path(SLUICE_SOURCE_DIR) / "tests/golden/chart"; }

std::string read(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return fs::exists(path) ? text.str() : "";
}

ProcessResult run(const fs::path& folder, std::vector<std::string> arguments) {
  ProcessRequest request;
  request.arguments = {SLUICE_PROGRAM};
  request.arguments.insert(request.arguments.end(), arguments.begin(), arguments.end());
  request.environment = {"HOME=/nonexistent"};
  request.folder = folder.string();
  const auto result = run_process(request);
  EXPECT_TRUE(result) << result.error().what;
  return result ? *result : ProcessResult{};
}

class TemplateCase : public testing::TestWithParam<fs::path> {
 protected:
  void expect_as_printed_by(const std::string& helm, const char* output, const char* errors) {
    const fs::path& folder = GetParam();
    std::vector<std::string> arguments = {"template", "rel", "chart", "--kube-version", "1.30.0"};
    std::ifstream flags(folder / "flags");
    for (std::string flag; std::getline(flags, flag);) arguments.push_back(flag);
    arguments.insert(arguments.end(), {"--helm", helm});
    const ProcessResult result = run(folder, arguments);
    const std::string expected_errors = read(folder / errors);
    EXPECT_EQ(result.output, read(folder / output));
    EXPECT_EQ(result.error_output, expected_errors);
    EXPECT_EQ(result.exit_code, expected_errors.find("Error: ") == std::string::npos ? 0 : 1);
  }
};

TEST_P(TemplateCase, PrintsWhatHelm3Prints) { expect_as_printed_by("3", "expected.out", "error.txt"); }
TEST_P(TemplateCase, PrintsWhatHelm4Prints) { expect_as_printed_by("4", "expected.helm4.out", "error.helm4.txt"); }

std::vector<fs::path> all_cases() {
  std::vector<fs::path> folders;
  for (const auto& entry : fs::directory_iterator(cases()))
    if (entry.is_directory()) folders.push_back(entry.path());
  std::sort(folders.begin(), folders.end());
  return folders;
}

std::string case_name(const testing::TestParamInfo<fs::path>& info) {
  std::string name = info.param.filename().string();
  for (char& c : name)
    if (c == '-') c = '_';
  return name;
}

INSTANTIATE_TEST_SUITE_P(Golden, TemplateCase, testing::ValuesIn(all_cases()), case_name);

TEST(TemplateCommand, ReadsFlagsAsHelmDoes) {
  const fs::path folder = cases() / "empty";
  const auto error_of = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "template");
    return run(folder, std::move(arguments)).error_output;
  };
  EXPECT_EQ(error_of({"rel", "chart", "--no-such-flag"}), "Error: unknown flag: --no-such-flag\n");
  EXPECT_EQ(error_of({"rel", "chart", "-xn"}), "Error: unknown shorthand flag: 'x' in -xn\n");
  EXPECT_EQ(error_of({"rel", "chart", "--set"}), "Error: flag needs an argument: --set\n");
  EXPECT_EQ(error_of({"rel", "chart", "-n"}), "Error: flag needs an argument: 'n' in -n\n");
  EXPECT_EQ(error_of({"rel", "chart", "--no-hooks=maybe"}),
            "Error: invalid argument \"maybe\" for \"--no-hooks\" flag: strconv.ParseBool: parsing \"maybe\": invalid syntax\n");
  EXPECT_EQ(error_of({"rel", "chart", "more"}), "Error: expected at most two arguments, unexpected arguments: more\n");
  EXPECT_EQ(error_of({"rel", "./none"}), "Error: path \"./none\" not found\n");
  EXPECT_EQ(error_of({"rel", "repo/none"}), "Error: repo repo not found\n");
  EXPECT_EQ(error_of({"rel", "chart", "-f", "none.yaml"}), "Error: open none.yaml: no such file or directory\n");
  EXPECT_EQ(error_of({"rel", "chart", "-nprod", "--skip-tests=false", "--", "x"}),
            "Error: expected at most two arguments, unexpected arguments: x\n");
}

TEST(TemplateCommand, RefusesWhatItDoesNotDo) {
  const fs::path folder = cases() / "empty";
  EXPECT_EQ(run(folder, {"template", "rel", "chart", "--validate"}).error_output,
            "Error: --validate needs a cluster, which template never asks: use `sluice plan`\n");
  EXPECT_EQ(run(folder, {"template", "rel", "chart", "--post-renderer", "x"}).error_output,
            "Error: --post-renderer runs a program, which template does not: pipe its output instead\n");
}

TEST(TemplateCommand, NamesTheReleaseFromATemplate) {
  const ProcessResult result =
      run(cases() / "context", {"template", "--name-template", "{{ \"ABC\" | lower }}-1", "chart", "--kube-version", "1.30.0"});
  EXPECT_NE(result.output.find("\"Name\":\"abc-1\""), std::string::npos) << result.output << result.error_output;
}

}  // namespace
}  // namespace sluice::app
