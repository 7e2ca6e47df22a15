#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <random>
#include <sstream>

#include "server/base/files.hpp"
#include "tests/server/store/promises.hpp"

// Kills a process that uses the store, again and again on the same data, and checks after each death what was promised.
// The seed is printed; SLUICE_SEED=n repeats a run, SLUICE_KILLS=n makes it longer.

extern char** environ;

namespace sluice::store {

namespace {

struct Death {
  int exit_code = -1;  ///< -1: killed
  std::vector<std::string> lines;
};

std::uint32_t from_environment(const char* name, std::uint32_t otherwise) {
  const char* text = std::getenv(name);
  return text ? static_cast<std::uint32_t>(std::strtoul(text, nullptr, 10)) : otherwise;
}

}  // namespace

struct CrashTest : FolderTest {
  std::mt19937 random{from_environment("SLUICE_SEED", 20261125)};
  Promises promises;
  unsigned next_seed = 0;

  std::uint32_t pick(std::uint32_t low, std::uint32_t high) { return std::uniform_int_distribution<std::uint32_t>(low, high)(random); }

  /// Runs the victim with `variables` added to its environment, kills it after `kill_after` lines, and reads what it told.
  Death run(const std::vector<std::string>& variables, std::uint32_t kill_after = 0, int operations = 12) {
    int ends[2];
    EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    const std::string seed = std::to_string(++next_seed);
    const std::string count = std::to_string(operations);
    std::string program = SLUICE_STORE_VICTIM;
    std::string where = folder.string();
    std::vector<char*> arguments{program.data(), where.data(), const_cast<char*>(seed.c_str()), const_cast<char*>(count.c_str()), nullptr};
    std::vector<std::string> kept = variables;
    std::vector<char*> environment;
    for (auto& one : kept) environment.push_back(one.data());
    for (char** one = environ; *one; ++one) environment.push_back(*one);
    environment.push_back(nullptr);
    pid_t child = 0;
    EXPECT_EQ(::posix_spawn(&child, program.c_str(), &actions, nullptr, arguments.data(), environment.data()), 0);
    posix_spawn_file_actions_destroy(&actions);
    ::close(ends[1]);
    Death death;
    std::string text;
    char part[4096];
    std::size_t lines = 0;
    for (ssize_t got = 0; (got = ::read(ends[0], part, sizeof part)) > 0;) {
      text.append(part, static_cast<std::size_t>(got));
      lines += static_cast<std::size_t>(std::count(part, part + got, '\n'));
      if (kill_after > 0 && lines >= kill_after) ::kill(child, SIGKILL);
    }
    ::close(ends[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    if (WIFEXITED(status)) death.exit_code = WEXITSTATUS(status);
    std::istringstream all(text);
    for (std::string line; std::getline(all, line);) death.lines.push_back(line);
    return death;
  }

  void note(const Death& death) { promises.note(death.lines); }

  /// What is on disk now, recovered.
  void check() {
    auto store = Store::open(options());
    ASSERT_TRUE(store) << store.error().what;
    promises.check(**store, database());
  }
};

TEST_F(CrashTest, LosesNothingHoweverOftenItIsKilled) {
  const std::uint32_t kills = from_environment("SLUICE_KILLS", 100);
  RecordProperty("seed", static_cast<int>(from_environment("SLUICE_SEED", 20261125)));
  static const char* points[] = {"store.before_begin",   "store.after_insert",  "store.before_commit", "store.after_commit",
                                 "queue.claimed",        "plan.sealed",         "plan.before_commit",  "plan.after_commit",
                                 "approve.received",     "approve.before_commit", "approve.after_commit", "deploy.lease",
                                 "deploy.before_object", "deploy.after_object", "checkpoint.before",   "checkpoint.after",
                                 "migrate.step",         "startup.recover",     "backup.mid"};
  std::uint32_t killed = 0;
  for (std::uint32_t round = 0; killed < kills && round < kills * 3; ++round) {
    std::vector<std::string> variables;
    std::uint32_t after = 0;
#ifdef SLUICE_FAILPOINTS
    const bool at_a_point = round % 3 != 0;
#else
    const bool at_a_point = false;
#endif
    if (at_a_point) {
      const char* point = points[pick(0, std::size(points) - 1)];
      const auto pass = std::string_view(point).starts_with("store.") ? pick(1, 60) : pick(1, 4);
      variables.push_back("SLUICE_FAILPOINT=" + std::string(point) + "=count:" + std::to_string(pass) + ",kill");
    } else {
      after = pick(1, 60);
    }
    const Death death = run(variables, after);
    ASSERT_TRUE(death.exit_code == -1 || death.exit_code == 0) << "exit code " << death.exit_code << " in round " << round;
    if (death.exit_code == -1) ++killed;
    note(death);
    check();
    if (HasFailure()) FAIL() << "in round " << round << " with " << (variables.empty() ? "a kill after lines" : variables[0]);
  }
  EXPECT_GE(killed, kills) << "too few of the rounds ended in a kill";
  const Death quiet = run({});
  EXPECT_EQ(quiet.exit_code, 0);
  note(quiet);
  check();
  EXPECT_FALSE(promises.ended.empty());
}

#ifdef SLUICE_FAULT_SHIM

/// The k-th flush fails, for each k: from then on nothing may be answered as done, and the process ends. SQLite itself does not
/// look at flushes of the folder, for which the store does its own; those that fail keep it from opening.
TEST_F(CrashTest, AnswersNothingAfterAFlushThatFailed) {
  const auto mark = folder.string() + ".mark";
  int ended_by_store = 0;
  int of_folder = 0;
  for (int k = 1;; k = k < 30 ? k + 1 : k + 17) {
    std::filesystem::remove(mark);
    const Death death = run({"LD_PRELOAD=" SLUICE_FAULT_SHIM, "SHIM_FOLDER=" + folder.string(), "SHIM_MARK=" + mark,
                             "SHIM_SYNC=" + std::to_string(k) + ":5"},
                            0, 6);
    const auto what = read_file(mark, 100);
    note(death);
    check();
    if (!what) {  // there were fewer flushes than k
      EXPECT_EQ(death.exit_code, 0);
      break;
    }
    if (*what == "folder") {
      ++of_folder;
      EXPECT_TRUE(death.exit_code == 0 || death.exit_code == 3 || death.exit_code == 5) << "exit code " << death.exit_code;
    } else {
      EXPECT_TRUE(death.exit_code == 74 || death.exit_code == 3 || death.exit_code == 5) << "exit code " << death.exit_code;
      if (death.exit_code == 74) ++ended_by_store;
    }
    if (HasFailure()) FAIL() << "at flush " << k;
  }
  std::filesystem::remove(mark);
  EXPECT_GT(ended_by_store, 10);
  EXPECT_GT(of_folder, 0);
}

/// No write succeeds from the n-th on: refused with storage-full, nothing damaged, and all is well once there is room.
TEST_F(CrashTest, RefusesWhileTheDiskIsFullAndGoesOnAfterwards) {
  int refused = 0;
  for (int n = 1; n < 2000; n = n * 5 / 4 + 1) {
    for (const char* number : {"28", "122"}) {  // ENOSPC, EDQUOT
      const Death death = run({"LD_PRELOAD=" SLUICE_FAULT_SHIM, "SHIM_FOLDER=" + folder.string(),
                               "SHIM_WRITE=" + std::to_string(n) + ":" + number}, 0, 6);
      ASSERT_TRUE(death.exit_code == 0 || death.exit_code == 3 || death.exit_code == 5) << "exit code " << death.exit_code << " at write " << n;
      for (const std::string& line : death.lines) {
        if (line.starts_with("F storage-full")) ++refused;
      }
      note(death);
      check();
      if (HasFailure()) FAIL() << "at write " << n << " errno " << number;
    }
  }
  EXPECT_GT(refused, 0);
  const Death after = run({}, 0, 6);
  EXPECT_EQ(after.exit_code, 0);
  note(after);
  check();
}

#endif

}  // namespace sluice::store
