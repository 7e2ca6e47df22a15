// A preloaded library that makes the kernel fail: the k-th flush, or writes from the n-th on, of files in the folder SHIM_FOLDER.
//   SHIM_SYNC=k:ERRNO     the k-th fsync/fdatasync fails, and only that one
//   SHIM_WRITE=n:ERRNO    every write from the n-th on fails
//   SHIM_MARK=file        gets "file" or "folder" written to it, for what the failed flush was of
// ERRNO is a number. Calls on other files are passed on.
//
// SHIM_CONTROL=file names a file of seven 64-bit numbers that whoever watches the process changes while it runs:
//   wall    milliseconds added to the calendar          write  errno that every write in the folder fails with, 0: none
//   steady  milliseconds added to the monotonic clock   delay  milliseconds that every flush in the folder takes longer
//   alloc   the so-many-th allocation of 1 KiB or more from now on fails and this turns 0
//   sync    errno that the next flush in the folder fails with; turns 0
//   room    bytes that file systems say are free, 0: what is true

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/time.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

static atomic_long syncs;
static atomic_long writes;

struct Control {
  atomic_long wall, steady, alloc, write, delay, sync, room;
};
static struct Control nothing;
static struct Control* control = &nothing;

__attribute__((constructor)) static void find_control(void) {
  const char* name = getenv("SHIM_CONTROL");
  const int file = name ? open(name, O_RDWR | O_CLOEXEC) : -1;
  if (file < 0) return;
  void* mapped = mmap(0, sizeof(struct Control), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (mapped != MAP_FAILED) control = mapped;
  close(file);
}

static int concerns(int file) {
  const char* folder = getenv("SHIM_FOLDER");
  char link[64];
  char path[4096];
  if (!folder) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  const ssize_t size = readlink(link, path, sizeof path - 1);
  if (size <= 0) return 0;
  path[size] = 0;
  return strncmp(path, folder, strlen(folder)) == 0;
}

// 1 and errno set when this call, counted by `counter`, is to fail as the variable `name` says.
static int fails(const char* name, atomic_long* counter, int file, int only_once) {
  const char* rule = getenv(name);
  if (!rule || !concerns(file)) return 0;
  char* rest = 0;
  const long at = strtol(rule, &rest, 10);
  const long count = atomic_fetch_add(counter, 1) + 1;
  if (only_once ? count != at : count < at) return 0;
  errno = *rest == ':' ? atoi(rest + 1) : EIO;
  return 1;
}

static void mark(int file) {
  const char* name = getenv("SHIM_MARK");
  struct stat info;
  if (!name || fstat(file, &info) != 0) return;
  const int kept = errno;
  const int out = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (out >= 0) {
    dprintf(out, "%s", S_ISDIR(info.st_mode) ? "folder" : "file");
    close(out);
  }
  errno = kept;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static void wait_ms(long ms) {
  const struct timespec time = {ms / 1000, ms % 1000 * 1000000};
  if (ms > 0) nanosleep(&time, 0);
}

static int flush_fails(int file) {
  if ((control->delay || control->sync) && concerns(file)) {
    wait_ms(control->delay);
    const long planted = atomic_exchange(&control->sync, 0);
    if (planted) {
      errno = (int)planted;
      return 1;
    }
  }
  if (!fails("SHIM_SYNC", &syncs, file, 1)) return 0;
  mark(file);
  return 1;
}

static int write_fails(int file) {
  if (control->write && concerns(file)) {
    errno = (int)control->write;
    return 1;
  }
  return fails("SHIM_WRITE", &writes, file, 0);
}

int fsync(int file) { return flush_fails(file) ? -1 : REAL(fsync)(file); }
int fdatasync(int file) { return flush_fails(file) ? -1 : REAL(fdatasync)(file); }

ssize_t write(int file, const void* bytes, size_t size) { return write_fails(file) ? -1 : REAL(write)(file, bytes, size); }
ssize_t pwrite(int file, const void* bytes, size_t size, off_t at) { return write_fails(file) ? -1 : REAL(pwrite)(file, bytes, size, at); }
ssize_t pwrite64(int file, const void* bytes, size_t size, off64_t at) { return write_fails(file) ? -1 : REAL(pwrite64)(file, bytes, size, at); }

int statvfs(const char* path, struct statvfs* out) {
  const int code = REAL(statvfs)(path, out);
  if (code == 0 && control->room) out->f_bavail = (fsblkcnt_t)control->room / out->f_frsize;
  return code;
}

// ---- clocks ----------------------------------------------------------------------------------------------------------

static void shift(struct timespec* time, long ms) {
  time->tv_sec += ms / 1000;
  time->tv_nsec += ms % 1000 * 1000000;
  if (time->tv_nsec < 0) time->tv_nsec += 1000000000, --time->tv_sec;
  if (time->tv_nsec >= 1000000000) time->tv_nsec -= 1000000000, ++time->tv_sec;
}

int clock_gettime(clockid_t clock, struct timespec* time) {
  const int code = REAL(clock_gettime)(clock, time);
  if (clock == CLOCK_REALTIME) shift(time, control->wall);
  if (clock == CLOCK_MONOTONIC || clock == CLOCK_BOOTTIME) shift(time, control->steady);
  return code;
}

time_t time(time_t* out) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (out) *out = now.tv_sec;
  return now.tv_sec;
}

int gettimeofday(struct timeval* out, void* zone) {
  struct timespec now;
  (void)zone;
  clock_gettime(CLOCK_REALTIME, &now);
  out->tv_sec = now.tv_sec;
  out->tv_usec = now.tv_nsec / 1000;
  return 0;
}

/// Waits until a time that the caller took from the shifted clock.
int pthread_cond_clockwait(pthread_cond_t* condition, pthread_mutex_t* mutex, clockid_t clock, const struct timespec* until) {
  struct timespec real = *until;
  shift(&real, clock == CLOCK_MONOTONIC ? -control->steady : -control->wall);
  return REAL(pthread_cond_clockwait)(condition, mutex, clock, &real);
}

// ---- memory ----------------------------------------------------------------------------------------------------------

extern void* __libc_malloc(size_t size);
static const size_t large = 1024;

void* malloc(size_t size) {
  if (size >= large && control->alloc > 0 && atomic_fetch_sub(&control->alloc, 1) == 1) {
    errno = ENOMEM;
    return 0;
  }
  return __libc_malloc(size);
}
