#include "server/base/files.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <fstream>

namespace sluice {

namespace fs = std::filesystem;

struct Files : testing::Test {
  fs::path folder = fs::temp_directory_path() / ("sluice-files-" + std::to_string(::getpid()));
  void SetUp() override { fs::create_directories(folder); }
  void TearDown() override { fs::remove_all(folder); }
};

TEST_F(Files, AreReplacedWholeAndLeaveNoTemporaryOne) {
  const auto path = folder / "state";
  ASSERT_TRUE(write_file(path, "one"));
  ASSERT_TRUE(write_file(path, "two"));
  EXPECT_EQ(*read_file(path, 100), "two");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder), fs::directory_iterator()), 1);
  EXPECT_EQ(fs::status(path).permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(Files, LargerThanTheLimitAreRefused) {
  ASSERT_TRUE(write_file(folder / "big", "0123456789"));
  EXPECT_EQ(read_file(folder / "big", 9).error(),
            (Error{Errc::invalid, (folder / "big").string() + " is larger than 9 bytes, the limit for this file"}));
}

TEST_F(Files, ThatAreAbsentAreNotFound) {
  EXPECT_EQ(read_file(folder / "none", 9).error(),
            (Error{Errc::not_found, "opening " + (folder / "none").string() + ": ENOENT (No such file or directory)"}));
}

TEST_F(Files, ThatCannotBeWrittenLeaveTheOldOneAndNoTemporaryOne) {
  fs::create_directory(folder / "taken");
  std::ofstream(folder / "taken" / "inside") << "x";
  EXPECT_FALSE(write_file(folder / "taken", "new"));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder), fs::directory_iterator()), 1);
}

TEST_F(Files, DataFolderIsMadePrivateAndRefusedWhenOpen) {
  const auto data = folder / "data";
  ASSERT_TRUE(prepare_data_folder(data));
  EXPECT_EQ(fs::status(data).permissions(), fs::perms::owner_all);
  fs::permissions(data, fs::perms::group_read | fs::perms::group_exec, fs::perm_options::add);
  EXPECT_EQ(prepare_data_folder(data).error(),
            (Error{Errc::denied, "the data folder " + data.string() + " is open to other users; close it with chmod 0700"}));
}

}  // namespace sluice
