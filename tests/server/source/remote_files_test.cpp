#include "server/source/remote_files.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "core/base/digest.hpp"
#include "server/base/process.hpp"
#include "tests/server/net/stub_server.hpp"

namespace sluice::source {
namespace {

namespace fs = std::filesystem;

class RemoteFilesTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "sluice-remote-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
    rules_.cache = folder_ / "cache";
    rules_.may_read = [](const std::string&) { return Result<>(); };
    rules_.download.may_speak_plainly = [](const std::string&) { return true; };
  }
  void TearDown() override { fs::remove_all(folder_); }

  void git(std::vector<std::string> arguments) {
    ProcessRequest request;
    request.arguments = {"/usr/bin/git", "-C", (folder_ / "work").string(), "-c", "user.name=Ann", "-c", "user.email=ann@example.org"};
    request.arguments.insert(request.arguments.end(), arguments.begin(), arguments.end());
    request.environment = {"PATH=/usr/bin:/bin", "HOME=" + folder_.string(), "GIT_CONFIG_NOSYSTEM=1"};
    auto result = run_process(request);
    ASSERT_TRUE(result && result->exit_code == 0) << (result ? result->error_output : result.error().what);
  }
  /// The bytes at an address, or the error.
  std::string content(const std::string& address) {
    auto path = outside_.fetch(address);
    if (!path) return std::string(to_string(path.error().code)) + ": " + path.error().what;
    auto bytes = outside_.files.read(*path);
    return bytes ? *bytes : std::string(to_string(bytes.error().code)) + ": " + bytes.error().what;
  }
  void connect() {
    remote_ = std::make_shared<RemoteFiles>(rules_);
    outside_.files = helmfile::files_of(own_);
    RemoteFiles::connect(remote_, outside_);
  }

  fs::path folder_;
  RemoteRules rules_;
  Tree own_{{"helmfile.yaml", "own"}};
  std::shared_ptr<RemoteFiles> remote_;
  helmfile::Outside outside_;
};

TEST_F(RemoteFilesTest, AreThoseOfACommit) {
  fs::create_directories(folder_ / "work/env");
  git({"init", "--quiet", "--initial-branch=main"});
  std::ofstream(folder_ / "work/env/a.yaml") << "a: 1\n";
  git({"add", "."});
  git({"commit", "--quiet", "-m", "one"});
  git({"tag", "v1"});
  std::ofstream(folder_ / "work/env/a.yaml") << "a: 2\n";
  git({"commit", "--quiet", "-am", "two"});
  connect();
  const std::string url = "file://" + (folder_ / "work").string();
  EXPECT_EQ(content("git::" + url + "@env/a.yaml?ref=v1"), "a: 1\n");
  EXPECT_EQ(content("git::" + url + "@env/a.yaml?ref=main"), "a: 2\n");
  auto path = outside_.fetch("git::" + url + "@env?ref=main");
  ASSERT_TRUE(path);
  EXPECT_EQ(outside_.files.kind(*path), helmfile::FileKind::folder);
  auto list = outside_.files.list(*path);
  ASSERT_TRUE(list);
  EXPECT_EQ(list->front().name, "a.yaml");
  EXPECT_EQ(content("git::" + url + "@../../../../etc/passwd?ref=main").substr(0, 6), "denied");
  EXPECT_EQ(*outside_.files.read("helmfile.yaml"), "own");
  ASSERT_EQ(remote_->sources().size(), 2u);
  EXPECT_EQ(remote_->sources()[0].url, url);
  EXPECT_EQ(remote_->sources()[0].identity.size(), 40u);
  EXPECT_EQ(content("git::" + url + "@env/a.yaml?ref=v9").substr(0, 9), "not_found");
}

TEST_F(RemoteFilesTest, AreSingleFilesOfAServer) {
  int asked = 0;
  test::StubServer server([&asked](test::StubServer::Peer& peer) {
    for (std::string request = peer.read_request(); !request.empty(); request = peer.read_request()) {
      ++asked;
      peer.write(request.starts_with("GET /x/a.yaml") ? test::answer(200, "a: 1\n") : test::answer(404, ""));
    }
  });
  connect();
  EXPECT_EQ(content(server.url() + "/x/a.yaml"), "a: 1\n");
  EXPECT_EQ(content(server.url() + "/x/a.yaml"), "a: 1\n");
  EXPECT_EQ(asked, 1);
  EXPECT_EQ(content(server.url() + "/x/b.yaml").substr(0, 9), "not_found");
  ASSERT_EQ(remote_->sources().size(), 1u);
  EXPECT_EQ(remote_->sources()[0].identity, to_hex(sha256("a: 1\n")));
}

TEST_F(RemoteFilesTest, AreReadFromListedAddressesOnly) {
  rules_.may_read = listed_sources({"https://git.example.org/me/", "https://files.example.org/a.yaml"}, "remote_sources");
  connect();
  const std::string why = "remote-denied: it is not among the addresses that may be read: list it in remote_sources";
  for (const char* url : {"https://git.example.org/other/x.git", "https://git.example.org/me/../other/x.git", "https://git.example.org/me/%2e%2e/x.git",
                          "https://git.example.org.evil/me/x.git", "https://files.example.org/a.yaml2"}) {
    EXPECT_EQ(rules_.may_read(url).error(), (Error{Errc::denied, why})) << url;
  }
  for (const char* url : {"https://git.example.org/me/x.git", "https://files.example.org/a.yaml", "https://files.example.org/a.yaml?raw=1"})
    EXPECT_TRUE(rules_.may_read(url)) << url;
  EXPECT_EQ(content("git::https://git.example.org/other/x.git@a.yaml?ref=v1"),
            "denied: \"git::https://git.example.org/other/x.git@a.yaml\": " + why);
  EXPECT_EQ(content("s3://bucket/a.yaml"),
            "unsupported: \"s3://bucket/a.yaml\": files from other addresses are read by git:: and https:// only");
}

}  // namespace
}  // namespace sluice::source
