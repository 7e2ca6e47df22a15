#include "server/base/confine.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <new>

namespace sluice {
namespace {

/// How a child ends that shuts itself off and then does `work`: its exit code, or 128 + the signal.
int end_of_confined(const Confinement& limits, const std::function<int()>& work) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(confine(limits) ? work() : 99);
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

TEST(Confinement, OpensNoFile) {
  EXPECT_EQ(end_of_confined({}, [] { return ::open("/etc/passwd", O_RDONLY) < 0 ? errno : 0; }), EPERM);
}

TEST(Confinement, OpensNoSocket) {
  EXPECT_EQ(end_of_confined({}, [] { return ::socket(AF_INET, SOCK_STREAM, 0) < 0 ? errno : 0; }), EPERM);
}

TEST(Confinement, StartsNoProgramAndNoProcess) {
  EXPECT_EQ(end_of_confined({}, [] {
              char name[] = "/bin/true";
              char* const arguments[] = {name, nullptr};
              return ::execv(name, arguments) < 0 ? errno : 0;
            }),
            EPERM);
  EXPECT_EQ(end_of_confined({}, [] { return ::fork() < 0 ? errno : 0; }), EPERM);
}

TEST(Confinement, SignalsNobody) {
  const pid_t parent = ::getpid();
  EXPECT_EQ(end_of_confined({}, [parent] { return ::kill(parent, 0) < 0 ? errno : 0; }), EPERM);
}

TEST(Confinement, StillReadsAndWritesWhatIsOpen) {
  int ends[2] = {-1, -1};
  ASSERT_EQ(::pipe(ends), 0);
  EXPECT_EQ(end_of_confined({}, [&ends] { return ::write(ends[1], "x", 1) == 1 ? 0 : errno; }), 0);
  char got = 0;
  EXPECT_EQ(::read(ends[0], &got, 1), 1);
  EXPECT_EQ(got, 'x');
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST(Confinement, EndsWhatComputesForTooLong) {
  Confinement limits;
  limits.cpu = std::chrono::seconds(1);
  EXPECT_EQ(end_of_confined(limits,
                            [] {
                              volatile unsigned turns = 0;
                              while (true) turns = turns + 1;
                              return 0;
                            }),
            128 + SIGXCPU);
}

TEST(Confinement, AllocatesNoMoreThanItMay) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "NOT TRIED: the sanitizers reserve more address space than any limit leaves";
#endif
  Confinement limits;
  limits.memory = std::size_t{256} << 20;
  EXPECT_EQ(end_of_confined(limits,
                            [] {
                              try {
                                static void* volatile block = ::operator new(std::size_t{300} << 20);
                                return block ? 0 : 2;
                              } catch (const std::bad_alloc&) {
                                return 1;
                              }
                            }),
            1);
}

}  // namespace
}  // namespace sluice
