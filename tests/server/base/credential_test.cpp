#include "server/base/credential.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "server/base/files.hpp"

namespace sluice {

namespace fs = std::filesystem;
using Kind = CredentialSource::Kind;

struct Credential : testing::Test {
  fs::path folder = fs::temp_directory_path() / ("sluice-credential-" + std::to_string(::getpid()));
  void SetUp() override {
    fs::create_directories(folder);
    ::setenv("CREDENTIALS_DIRECTORY", folder.c_str(), 1);
  }
  void TearDown() override {
    fs::remove_all(folder);
    ::unsetenv("CREDENTIALS_DIRECTORY");
  }
};

TEST_F(Credential, ComesFromAFileWithoutItsLastLineBreak) {
  ASSERT_TRUE(write_file(folder / "token", "hunter2\n"));
  EXPECT_TRUE(read_credential({Kind::file, folder / "token"})->equals("hunter2"));
  EXPECT_TRUE(read_credential({Kind::credential, "token"})->equals("hunter2"));
}

TEST_F(Credential, ThatOthersMayReadIsRefused) {
  ASSERT_TRUE(write_file(folder / "token", "hunter2", 0644));
  fs::permissions(folder / "token", fs::perms::others_read, fs::perm_options::add);
  const std::string path = folder / "token";
  EXPECT_EQ(read_credential({Kind::file, path}).error(),
            (Error{Errc::denied, "file " + path + ": other users may read it; close it with chmod 0600"}));
  EXPECT_EQ(read_credential({Kind::credential, "token"}).error(),
            (Error{Errc::denied, "credential token: other users may read it; close it with chmod 0600"}));
}

TEST_F(Credential, OfSystemdMayShowItsAccessListAsGroupBits) {
  ASSERT_TRUE(write_file(folder / "token", "hunter2", 0440));
  EXPECT_TRUE(read_credential({Kind::credential, "token"}));
}

TEST_F(Credential, NameIsNoPath) {
  for (const std::string name : {"../token", "a/b", "..", ""}) {
    EXPECT_EQ(read_credential({Kind::credential, name}).error(),
              (Error{Errc::invalid, "credential " + name + ": expected a name without slash or leading dot"}));
  }
}

TEST_F(Credential, NeedsSystemdsFolder) {
  ::unsetenv("CREDENTIALS_DIRECTORY");
  EXPECT_EQ(read_credential({Kind::credential, "token"}).error().what,
            "credential token: CREDENTIALS_DIRECTORY is not set; start sluice from its unit with LoadCredential=token:PATH, or name "
            "the file with {file: PATH}");
}

TEST_F(Credential, FromTheEnvironmentIsForCommandsOnly) {
  ::setenv("SLUICE_TEST_TOKEN", "hunter2", 1);
  const CredentialSource source{Kind::env, "SLUICE_TEST_TOKEN"};
  EXPECT_TRUE(read_credential(source, EnvironmentSecrets::allow)->equals("hunter2"));
  EXPECT_EQ(read_credential(source).error().what,
            "environment variable SLUICE_TEST_TOKEN: the daemon takes no secret from its environment; use {file: PATH} or "
            "{credential: NAME}");
}

TEST_F(Credential, ThatIsEmptyOrAFolderIsRefused) {
  ASSERT_TRUE(write_file(folder / "empty", "\n"));
  EXPECT_EQ(read_credential({Kind::credential, "empty"}).error().what, "credential empty: is empty");
  fs::create_directory(folder / "dir");
  EXPECT_EQ(read_credential({Kind::credential, "dir"}).error().what, "credential dir: is not a regular file");
}

}  // namespace sluice
