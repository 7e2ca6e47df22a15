// A preloaded library that makes the kernel fail: the k-th flush, or writes from the n-th on, of files in the folder SHIM_FOLDER.
//   SHIM_SYNC=k:ERRNO     the k-th fsync/fdatasync fails, and only that one
//   SHIM_WRITE=n:ERRNO    every write from the n-th on fails
//   SHIM_MARK=file        gets "file" or "folder" written to it, for what the failed flush was of
// ERRNO is a number. Calls on other files are passed on.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static atomic_long syncs;
static atomic_long writes;

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

static int flush_fails(int file) {
  if (!fails("SHIM_SYNC", &syncs, file, 1)) return 0;
  mark(file);
  return 1;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

int fsync(int file) { return flush_fails(file) ? -1 : REAL(fsync)(file); }
int fdatasync(int file) { return flush_fails(file) ? -1 : REAL(fdatasync)(file); }

ssize_t write(int file, const void* bytes, size_t size) {
  return fails("SHIM_WRITE", &writes, file, 0) ? -1 : REAL(write)(file, bytes, size);
}
ssize_t pwrite(int file, const void* bytes, size_t size, off_t at) {
  return fails("SHIM_WRITE", &writes, file, 0) ? -1 : REAL(pwrite)(file, bytes, size, at);
}
ssize_t pwrite64(int file, const void* bytes, size_t size, off64_t at) {
  return fails("SHIM_WRITE", &writes, file, 0) ? -1 : REAL(pwrite64)(file, bytes, size, at);
}
