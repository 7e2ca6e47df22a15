#include "core/helmfile/paths.hpp"

#include <gtest/gtest.h>

#include "core/helmfile/outside.hpp"

namespace sluice::helmfile {
namespace {

const Tree tree = {{"deploy/helmfile.yaml", ""}, {"deploy/values/a.yaml", "a"}, {"deploy/values/b.yaml", "b"}, {"README.md", ""}};

TEST(Paths, AreJoinedAndCleanedByTheirText) {
  EXPECT_EQ(join_path("deploy/helmfile", "../chart/./x"), "deploy/chart/x");
  EXPECT_EQ(join_path(".", "../x"), "../x");
  EXPECT_EQ(join_path("a", "/etc/x"), "/etc/x");
  EXPECT_EQ(clean_path("/../a//b/"), "/a/b");
  EXPECT_EQ(clean_path("a/.."), ".");
  EXPECT_EQ(directory_of("helmfile.yaml"), ".");
  EXPECT_EQ(directory_of("a/b/c"), "a/b");
  EXPECT_EQ(extension_of("a.b/values.yaml.gotmpl"), ".gotmpl");
  EXPECT_EQ(extension_of("a.b/values"), "");
}

TEST(Paths, MatchTheirPatterns) {
  const Files files = files_of(tree);
  EXPECT_EQ(*glob(files, "deploy/values/*.yaml"), (std::vector<std::string>{"deploy/values/a.yaml", "deploy/values/b.yaml"}));
  EXPECT_EQ(*glob(files, "*/values/[^a].yaml"), (std::vector<std::string>{"deploy/values/b.yaml"}));
  EXPECT_EQ(*glob(files, "deploy/values/a.yaml"), (std::vector<std::string>{"deploy/values/a.yaml"}));
  EXPECT_TRUE(glob(files, "deploy/none-*.yaml")->empty());
  EXPECT_TRUE(glob(files, "none.yaml")->empty());
  EXPECT_EQ(glob(files, "deploy/values/[a").error().what, "syntax error in pattern \"[a\"");
}

TEST(Paths, OutsideTheCommitAreRefused) {
  const Files files = files_of(tree);
  EXPECT_EQ(files.read("../secret").error(), (Error{Errc::denied, "path-outside-tree: \"../secret\" is not inside the commit"}));
  EXPECT_EQ(files.read("/etc/passwd").error().code, Errc::denied);
  EXPECT_EQ(files.list("..").error().code, Errc::denied);
  EXPECT_EQ(files.kind("/etc"), FileKind::none);
}

TEST(Paths, OfACommitListFilesAndFolders) {
  const Files files = files_of(tree);
  const auto entries = *files.list("deploy");
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(entries[0].name, "helmfile.yaml");
  EXPECT_EQ(entries[0].kind, FileKind::file);
  EXPECT_EQ(entries[1].name, "values");
  EXPECT_EQ(entries[1].kind, FileKind::folder);
  EXPECT_EQ(files.list(".")->size(), 2u);
  EXPECT_EQ(files.read("deploy/nope").error(), (Error{Errc::not_found, "open deploy/nope: no such file or directory"}));
}

}  // namespace
}  // namespace sluice::helmfile
