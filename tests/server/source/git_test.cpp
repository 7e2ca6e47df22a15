#include "server/source/git.hpp"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "server/base/files.hpp"
#include "server/base/process.hpp"

namespace sluice::source {
namespace {

namespace fs = std::filesystem;

/// Takes connections and never says a word.
struct Silent {
  Fd socket;
  std::string port;
};
Silent silent_server() {
  Silent server{Fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), ""};
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* plain = reinterpret_cast<sockaddr*>(&address);
  EXPECT_EQ(::bind(server.socket.get(), plain, size), 0);
  EXPECT_EQ(::listen(server.socket.get(), 16), 0);
  EXPECT_EQ(::getsockname(server.socket.get(), plain, &size), 0);
  server.port = std::to_string(ntohs(address.sin_port));
  return server;
}

/// A scratch folder with a real repository in it, made by the real git.
class GitTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "sluice-git-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    scratch_ = name;
    work_ = scratch_ / "work";
    fs::create_directories(work_);
    git({"init", "--quiet", "--initial-branch=main"});
  }
  void TearDown() override { fs::remove_all(scratch_); }

  std::string git(std::vector<std::string> arguments) {
    ProcessRequest request;
    request.arguments = {"git", "-C", work_.string(), "-c", "user.name=Ann", "-c", "user.email=ann@example.org"};
    request.arguments.insert(request.arguments.end(), arguments.begin(), arguments.end());
    request.environment = {"PATH=/usr/bin:/bin", "HOME=" + scratch_.string(), "GIT_CONFIG_NOSYSTEM=1"};
    auto result = run_process(request);
    EXPECT_TRUE(result && result->exit_code == 0) << (result ? result->error_output : result.error().what);
    std::string text = result ? result->output : "";
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text;
  }
  void write(const std::string& path, const std::string& text) {
    fs::create_directories((work_ / path).parent_path());
    std::ofstream(work_ / path) << text;
  }
  std::string commit(const std::string& message) {
    git({"add", "-A"});
    git({"commit", "--quiet", "--allow-empty", "-m", message});
    return git({"rev-parse", "HEAD"});
  }
  GitMirror mirror() {
    return GitMirror(scratch_ / "mirror", Remote{.url = work_.string()});
  }

  fs::path scratch_;
  fs::path work_;
};

TEST_F(GitTest, ReadsTheFilesOfACommitWithoutAWorkTree) {
  write("deploy/helmfile.yaml", "releases: []\n");
  write("deploy/chart/Chart.yaml", std::string("name: web\0", 10));
  write("other.txt", "");
  const std::string sha = commit("first");
  auto copy = mirror();
  ASSERT_TRUE(copy.fetch(sha));
  auto tree = copy.open(sha);
  ASSERT_TRUE(tree);
  EXPECT_EQ((*tree)->read("deploy/helmfile.yaml").value_or("?"), "releases: []\n");
  EXPECT_EQ((*tree)->read("other.txt").value_or("?"), "");
  EXPECT_EQ((*tree)->list("deploy"), (std::vector<std::string>{"chart/", "helmfile.yaml"}));
  EXPECT_TRUE((*tree)->is_folder("deploy/chart"));
  EXPECT_FALSE((*tree)->is_file("deploy/chart"));
  auto chart = (*tree)->subtree("deploy/chart");
  ASSERT_TRUE(chart);
  EXPECT_EQ(*chart, (Tree{{"Chart.yaml", std::string("name: web\0", 10)}}));
}

TEST_F(GitTest, TheRemoteBranchHeadIsAskedEachTime) {
  const std::string first = commit("first");
  auto copy = mirror();
  EXPECT_EQ(copy.head_of("main").value_or(""), first);
  const std::string second = commit("second");
  EXPECT_EQ(copy.head_of("refs/heads/main").value_or(""), second);
  const auto missing = copy.head_of("nope");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error(), (Error{Errc::not_found, "the repository has no branch or tag \"nope\""}));
}

TEST_F(GitTest, AnAnnotatedTagGivesItsCommit) {
  const std::string sha = commit("first");
  git({"tag", "-a", "v1", "-m", "one"});
  EXPECT_EQ(mirror().head_of("v1").value_or(""), sha);
}

TEST_F(GitTest, TellsWhoWroteTheCommit) {
  const std::string sha = commit("web: Say hello\n\nBody");
  auto copy = mirror();
  ASSERT_TRUE(copy.fetch(sha));
  const auto info = copy.info(sha);
  ASSERT_TRUE(info);
  EXPECT_EQ(info->author, "Ann");
  EXPECT_EQ(info->subject, "web: Say hello");
  EXPECT_GT(info->time, 0);
}

TEST_F(GitTest, ACommitThatVanishedIsNotFound) {
  commit("first");
  const std::string gone(40, 'a');
  const auto fetched = mirror().fetch(gone);
  ASSERT_FALSE(fetched);
  EXPECT_EQ(fetched.error().code, Errc::not_found);
  EXPECT_TRUE(fetched.error().what.starts_with("fetching commit " + gone + ": ")) << fetched.error().what;
}

TEST_F(GitTest, RefusesAnythingThatIsNoFullCommitId) {
  auto copy = mirror();
  for (const char* text : {"main", "--upload-pack=touch", "HEAD", "abc", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}) {
    const auto fetched = copy.fetch(text);
    ASSERT_FALSE(fetched);
    EXPECT_EQ(fetched.error(), (Error{Errc::invalid, "\"" + std::string(text) + "\" is not a full commit id"}));
  }
}

TEST_F(GitTest, NamesASymbolicLinkInsteadOfFollowingIt) {
  write("a.txt", "x");
  fs::create_symlink("/etc", work_ / "link");
  const std::string sha = commit("link");
  auto copy = mirror();
  ASSERT_TRUE(copy.fetch(sha));
  auto tree = copy.open(sha);
  ASSERT_TRUE(tree);
  EXPECT_EQ((*tree)->read("a.txt").value_or("?"), "x");
  const Error refused{Errc::denied, "path-outside-tree: link is a symbolic link; links are not followed"};
  EXPECT_EQ((*tree)->read("link").error(), refused);
  EXPECT_EQ((*tree)->read("link/passwd").error(), refused);
  EXPECT_EQ((*tree)->subtree("").error(), refused);
  EXPECT_EQ((*tree)->read("../other/a.txt").error(),
            (Error{Errc::denied, "path-outside-tree: \"../other/a.txt\" is not a path inside the repository"}));
}

TEST_F(GitTest, OddBranchNamesRunNothing) {
  write("a.txt", "x");
  const std::string sha = commit("first");
  const std::string marker = (scratch_ / "marker").string();
  for (const std::string& name :
       {"$(touch${IFS}" + marker + ")", std::string(";touch"), std::string("<script>"), std::string("x\u202Ey")}) {
    git({"update-ref", "refs/heads/" + name, sha});
    EXPECT_EQ(mirror().head_of(name).value_or("?"), sha);
  }
  EXPECT_FALSE(fs::exists(marker));
}

TEST_F(GitTest, HooksAndFiltersOfTheRepositoryDoNotRun) {
  const std::string marker = (scratch_ / "marker").string();
  write(".gitattributes", "*.txt filter=evil\n");
  write("a.txt", "plain");
  const std::string sha = commit("first");
  git({"config", "filter.evil.smudge", "touch " + marker});
  std::ofstream(work_ / ".git/hooks/post-checkout") << "#!/bin/sh\ntouch " << marker << "\n";
  fs::permissions(work_ / ".git/hooks/post-checkout", fs::perms::owner_all);
  auto copy = mirror();
  ASSERT_TRUE(copy.fetch(sha));
  auto tree = copy.open(sha);
  ASSERT_TRUE(tree);
  EXPECT_EQ((*tree)->read("a.txt").value_or("?"), "plain");
  EXPECT_FALSE(fs::exists(marker));
}

TEST_F(GitTest, ARepositoryThatIsNotThereIsNotFound) {
  GitMirror copy(scratch_ / "mirror",
                 Remote{.url = (scratch_ / "nowhere").string()});
  const auto refs = copy.remote_refs();
  ASSERT_FALSE(refs);
  EXPECT_EQ(refs.error().code, Errc::not_found);
  const auto head = copy.head_of("refs/heads/main");
  ASSERT_FALSE(head);
  EXPECT_EQ(head.error().code, Errc::unavailable) << "whether the branch is there is not known";
}

TEST_F(GitTest, OtherProtocolsAreRefusedBeforeGitIsAsked) {
  for (const char* url : {"ext::sh -c touch", "http://example.org/x.git", "file:///tmp/x", "git://example.org/x", "-x@y:z"}) {
    GitMirror copy(scratch_ / "mirror2", Remote{.url = url});
    const auto refs = copy.remote_refs();
    ASSERT_FALSE(refs);
    EXPECT_EQ(refs.error().code, Errc::invalid) << url;
  }
}

TEST_F(GitTest, APackOverTheLimitIsRefusedAndNotKept) {
  std::string noise(300'000, '\0');
  for (std::size_t i = 0, state = 1; i < noise.size(); ++i) noise[i] = static_cast<char>((state = state * 6364136223846793005u + 1) >> 56);
  write("noise.bin", noise);
  const std::string sha = commit("big");
  GitLimits limits;
  limits.pack_size = 100'000;
  GitMirror copy(scratch_ / "mirror", Remote{.url = work_.string()}, limits);
  const auto fetched = copy.fetch(sha);
  ASSERT_FALSE(fetched);
  EXPECT_EQ(fetched.error(), (Error{Errc::invalid, "fetching commit " + sha + ": git-limit: the repository sends more than 100000 bytes"}));
  EXPECT_TRUE(fs::is_empty(scratch_ / "mirror/mirror.git/objects/pack"));
  EXPECT_TRUE(mirror().fetch(sha)) << "with room for it, it comes";
}

TEST_F(GitTest, AServerThatAcceptsAndSaysNothingIsLeftAtTheDeadline) {
  const auto silent = silent_server();
  for (const std::string& url : {"https://127.0.0.1:" + silent.port + "/x.git", "ssh://git@127.0.0.1:" + silent.port + "/x.git"}) {
    std::ofstream(scratch_ / "known_hosts") << "";
    GitLimits limits;
    limits.ask_time = std::chrono::seconds(1);
    GitMirror copy(scratch_ / "mirror", Remote{.url = url, .known_hosts_file = (scratch_ / "known_hosts").string()}, limits);
    const auto refs = copy.remote_refs();
    ASSERT_FALSE(refs);
    EXPECT_EQ(refs.error(), (Error{Errc::timeout,
                                   "asking the repository for its branches: git-unreachable: no end after 1 s; is the host "
                                   "reachable, does a firewall drop packets?"}))
        << url;
  }
}

TEST_F(GitTest, PinnedFilesThatAreNotThereAreSaidBeforeGitIsAsked) {
  const std::string missing = (scratch_ / "missing").string();
  GitMirror https(scratch_ / "mirror1", Remote{.url = "https://127.0.0.1/x.git", .certificate_authority = missing});
  EXPECT_EQ(https.remote_refs().error(), (Error{Errc::not_found, "certificate_authority " + missing + ": ENOENT (No such file or directory)"}));
  GitMirror ssh(scratch_ / "mirror2", Remote{.url = "git@127.0.0.1:x.git", .known_hosts_file = missing});
  EXPECT_EQ(ssh.remote_refs().error(), (Error{Errc::not_found, "known_hosts " + missing + ": ENOENT (No such file or directory)"}));
}

TEST(GitFailure, NamesWhatToLookAtAndHidesTheToken) {
  const Remote remote{.url = "https://git.example.org/x.git", .token = Secret("ghs_abc")};
  EXPECT_EQ(git_failure(remote, 128, "fatal: Authentication failed for 'https://x-access-token:ghs_abc@git.example.org/x.git/'\n"),
            (Error{Errc::denied,
                   "git-auth: the server refuses the token; is there one, has it expired, may it read the repository? (git says: fatal: "
                   "Authentication failed for 'https://x-access-token:***git.example.org/x.git/')"}));
  EXPECT_EQ(git_failure(remote, 128, "fatal: the remote end hung up\x1b[31m"),
            (Error{Errc::unavailable, "git-unreachable: git says: fatal: the remote end hung up<U+001B>[31m"}));
  EXPECT_EQ(git_failure(remote, 141, ""), (Error{Errc::unavailable, "git-unreachable: git says: nothing, and ended with exit code 141"}));
}

TEST_F(GitTest, AFileOverTheLimitIsRefusedByName) {
  write("big.bin", std::string(2000, 'x'));
  const std::string sha = commit("big");
  GitLimits limits;
  limits.file_size = 1000;
  GitMirror copy(scratch_ / "mirror", Remote{.url = work_.string()},
                 limits);
  ASSERT_TRUE(copy.fetch(sha));
  auto tree = copy.open(sha);
  ASSERT_TRUE(tree);
  EXPECT_EQ((*tree)->read("big.bin").error(), (Error{Errc::invalid, "big.bin has 2000 bytes, limit 1000"}));
}

}  // namespace
}  // namespace sluice::source
