// What kustomize printed for the cases of tests/golden/kustomize.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "core/kustomize/kustomize.hpp"

namespace sluice::kustomize {
namespace {

namespace fs = std::filesystem;

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<Source> sources(const fs::path& folder, const std::string& prefix) {
  std::vector<Source> found;
  for (int i = 1; fs::exists(folder / (prefix + "-" + std::to_string(i) + ".yaml")); ++i) {
    const std::string name = prefix + "-" + std::to_string(i) + ".yaml";
    found.push_back({name, Text(read_file(folder / name))});
  }
  return found;
}

std::vector<fs::path> cases() {
  std::vector<fs::path> folders;
  for (const auto& entry : fs::directory_iterator("tests/golden/kustomize/cases")) folders.push_back(entry.path());
  std::sort(folders.begin(), folders.end());
  return folders;
}

TEST(Kustomize, PrintsWhatTheOriginalPrints) {
  std::size_t seen = 0;
  for (const fs::path& folder : cases()) {
    SCOPED_TRACE(folder.filename());
    ++seen;
    const Customization customization{.json_patches = sources(folder, "json-patch"),
                                      .strategic_merge_patches = sources(folder, "merge-patch"),
                                      .transformers = sources(folder, "transformer")};
    const auto objects = build(sources(folder, "resources"), customization);
    if (!fs::exists(folder / "expected.yaml")) {
      EXPECT_FALSE(objects) << "expected an error such as " << read_file(folder / "error.txt");
      continue;
    }
    ASSERT_TRUE(objects) << objects.error().what;
    std::string printed;
    for (const Text& object : *objects) printed += (printed.empty() ? "" : "---\n") + object.str();
    EXPECT_EQ(printed, read_file(folder / "expected.yaml"));
  }
  EXPECT_GE(seen, 50u);
}

}  // namespace
}  // namespace sluice::kustomize
