#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

// Rule S9: SQL is constant. `Sql` takes literals only, so what is left to find is a call around it.

namespace sluice::store {

namespace fs = std::filesystem;

static bool is_source(const fs::path& path) { return path.extension() == ".cpp" || path.extension() == ".hpp"; }

static std::vector<std::string> offenders(const fs::path& root) {
  std::vector<std::string> out;
  for (const char* top : {"core", "server"}) {
    for (const auto& entry : fs::recursive_directory_iterator(root / top)) {
      if (!is_source(entry.path())) continue;
      const auto name = fs::relative(entry.path(), root).string();
      std::ifstream file(entry.path());
      std::string line;
      for (int number = 1; std::getline(file, line); ++number) {
        const bool prepares = line.find("sqlite3_prepare") != std::string::npos || line.find("sqlite3_exec") != std::string::npos ||
                              line.find("sqlite3_open") != std::string::npos;
        if (prepares && name != "server/store/sqlite.cpp") out.push_back(name + ":" + std::to_string(number));
      }
    }
  }
  return out;
}

TEST(SqlLint, StatementsArePreparedInOneFileOnly) { EXPECT_EQ(offenders(SLUICE_SOURCE_DIR), std::vector<std::string>{}); }

TEST(SqlLint, OneStatementOnlyIsPutTogetherAndItsPartIsANumber) {
  std::ifstream file(std::string(SLUICE_SOURCE_DIR) + "/server/store/sqlite.cpp");
  std::stringstream text;
  text << file.rdbuf();
  const std::string source = text.str();
  std::size_t calls = 0;
  for (auto at = source.find("sqlite3_exec("); at != std::string::npos; at = source.find("sqlite3_exec(", at + 1)) ++calls;
  EXPECT_EQ(calls, 4u) << "run_script (built in), set_schema (a number), write_copy (two literals)";
  EXPECT_NE(source.find("\"PRAGMA user_version = \" + std::to_string(number);  // lint: constant"), std::string::npos);
}

}  // namespace sluice::store
