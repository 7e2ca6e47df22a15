#include "server/base/confine.hpp"

#include <linux/landlock.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <memory>

#include "server/base/files.hpp"

namespace sluice {

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool reserves_terabytes = true;
#else
constexpr bool reserves_terabytes = false;
#endif

Error refused(const char* what, int number) {
  return {Errc::unavailable, std::string("render-sandbox: ") + what + ": " + errno_text(number)};
}

/// Lowered where it is higher: a process can always do that. `grace` is what the hard limit has above the soft one, which sends
/// a signal with a name.
Result<> limit(int resource, rlim_t most, rlim_t grace = 0) {
  rlimit now{};
  if (::getrlimit(static_cast<__rlimit_resource_t>(resource), &now) != 0) return refused("reading a resource limit", errno);
  const rlimit wanted{std::min(most, now.rlim_max), std::min(most + grace, now.rlim_max)};
  if (::setrlimit(static_cast<__rlimit_resource_t>(resource), &wanted) != 0) return refused("setting a resource limit", errno);
  return {};
}

Result<> limit_all(const Confinement& limits) {
  if (auto done = limit(RLIMIT_CPU, static_cast<rlim_t>(limits.cpu.count()), 2); !done) return done;
  for (const auto& [resource, most] : {std::pair<int, rlim_t>{RLIMIT_CORE, 0}, {RLIMIT_FSIZE, 0}, {RLIMIT_NOFILE, 8}}) {
    if (auto done = limit(resource, most); !done) return done;
  }
  return reserves_terabytes ? Result<>() : limit(RLIMIT_AS, limits.memory);
}

/// Takes every right on files that this kernel's Landlock knows, and gives none back.
Result<> hide_files() {
  const long version = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  if (version < 1) return {};  // not there; the filter below refuses to open anything
  landlock_ruleset_attr handled{};
  handled.handled_access_fs = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1;  // all of the first version
  const long rules = ::syscall(SYS_landlock_create_ruleset, &handled, sizeof handled, 0);
  if (rules < 0) return refused("making a Landlock ruleset", errno);
  const Fd owner(static_cast<int>(rules));
  if (::syscall(SYS_landlock_restrict_self, owner.get(), 0) != 0) return refused("entering Landlock", errno);
  return {};
}

/// What computing, allocating and speaking over open descriptors take. All else is refused.
constexpr int allowed_calls[] = {
    SCMP_SYS(read),       SCMP_SYS(write),          SCMP_SYS(readv),         SCMP_SYS(writev),       SCMP_SYS(close),
    SCMP_SYS(poll),       SCMP_SYS(ppoll),          SCMP_SYS(lseek),         SCMP_SYS(fstat),        SCMP_SYS(mmap),
    SCMP_SYS(munmap),     SCMP_SYS(mremap),         SCMP_SYS(mprotect),      SCMP_SYS(madvise),      SCMP_SYS(brk),
    SCMP_SYS(futex),      SCMP_SYS(rt_sigaction),   SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn), SCMP_SYS(sigaltstack),
    SCMP_SYS(tgkill),     SCMP_SYS(getpid),         SCMP_SYS(gettid),        SCMP_SYS(getrandom),    SCMP_SYS(clock_gettime),
    SCMP_SYS(gettimeofday), SCMP_SYS(clock_nanosleep), SCMP_SYS(sched_yield), SCMP_SYS(restart_syscall), SCMP_SYS(exit),
    SCMP_SYS(exit_group),
#if defined(__SANITIZE_ADDRESS__)
    SCMP_SYS(pipe2),  // the sanitizer of undefined behaviour tries memory out by writing it to a pipe
#endif
};

Result<> filter_calls() {
  const std::unique_ptr<void, decltype(&seccomp_release)> filter(seccomp_init(SCMP_ACT_ERRNO(EPERM)), &seccomp_release);
  if (!filter) return refused("making a seccomp filter", ENOMEM);
  for (const int call : allowed_calls) {
    if (const int failed = seccomp_rule_add(filter.get(), SCMP_ACT_ALLOW, call, 0); failed != 0) return refused("adding a seccomp rule", -failed);
  }
  if (const int failed = seccomp_load(filter.get()); failed != 0) return refused("loading the seccomp filter", -failed);
  return {};
}

}  // namespace

Result<> confine(const Confinement& limits) {
  const pid_t parent = ::getppid();
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return refused("following the parent", errno);
  if (::getppid() != parent) return Error{Errc::cancelled, "render-sandbox: the parent has ended"};
  if (::prctl(PR_SET_DUMPABLE, 0) != 0 || ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return refused("giving up privileges", errno);
  if (auto done = limit_all(limits); !done) return done;
  if (auto done = hide_files(); !done) return done;
  return filter_calls();
}

}  // namespace sluice
