#include "server/base/files.hpp"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "server/base/random.hpp"

namespace sluice {

Fd::~Fd() {
  if (number_ >= 0) ::close(number_);
}

std::string errno_text(int number) {
  const char* name = ::strerrorname_np(number);
  const char* text = ::strerrordesc_np(number);
  if (!name || !text) return "errno " + std::to_string(number);
  return std::string(name) + " (" + text + ")";
}

static Error failed(const std::filesystem::path& path, std::string_view doing) {
  const int number = errno;
  return {number == ENOENT ? Errc::not_found : Errc::unavailable,
          std::string(doing) + " " + path.string() + ": " + errno_text(number)};
}

Result<std::string> read_file(const std::filesystem::path& path, std::size_t limit) {
  const Fd file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (!file) return failed(path, "opening");
  std::string bytes;
  std::array<char, 16384> part{};
  while (true) {
    const ssize_t got = ::read(file.get(), part.data(), part.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed(path, "reading");
    if (got == 0) return bytes;
    bytes.append(part.data(), static_cast<std::size_t>(got));
    if (bytes.size() > limit) {
      return Error{Errc::invalid, path.string() + " is larger than " + std::to_string(limit) + " bytes, the limit for this file"};
    }
  }
}

static Result<> write_all(int file, std::string_view bytes, const std::filesystem::path& path) {
  while (!bytes.empty()) {
    const ssize_t done = ::write(file, bytes.data(), bytes.size());
    if (done < 0 && errno != EINTR) return failed(path, "writing");
    if (done > 0) bytes.remove_prefix(static_cast<std::size_t>(done));
  }
  return {};
}

static Result<> write_flushed(const std::filesystem::path& path, std::string_view bytes, mode_t mode) {
  const Fd file{::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)};
  if (!file) return failed(path, "creating");
  if (auto done = write_all(file.get(), bytes, path); !done) return done;
  if (::fsync(file.get()) != 0) return failed(path, "flushing");
  return {};
}

Result<> write_file(const std::filesystem::path& path, std::string_view bytes, mode_t mode) {
  const auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  const auto temporary = folder / ("." + path.filename().string() + "." + random_hex(8));
  auto written = write_flushed(temporary, bytes, mode);
  if (written && ::rename(temporary.c_str(), path.c_str()) != 0) written = failed(path, "renaming to");
  if (!written) {
    ::unlink(temporary.c_str());
    return written;
  }
  return sync_folder(folder);
}

Result<> sync_folder(const std::filesystem::path& folder) {
  const Fd file{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!file) return failed(folder, "opening");
  if (::fsync(file.get()) != 0) return failed(folder, "flushing");
  return {};
}

static bool is_network_filesystem(const std::filesystem::path& path) {
  struct statfs info {};
  if (::statfs(path.c_str(), &info) != 0) return false;
  static constexpr std::array<unsigned long, 9> remote{NFS_SUPER_MAGIC, SMB_SUPER_MAGIC,  0xff534d42 /*CIFS*/, 0xfe534d42 /*SMB2*/,
                                                       AFS_SUPER_MAGIC, CODA_SUPER_MAGIC, V9FS_MAGIC,          0x65735546 /*FUSE*/,
                                                       CEPH_SUPER_MAGIC};
  return std::ranges::find(remote, static_cast<unsigned long>(info.f_type) & 0xffffffffUL) != remote.end();
}

Result<> prepare_data_folder(const std::filesystem::path& folder) {
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return failed(folder, "creating the data folder");
  struct stat info {};
  if (::lstat(folder.c_str(), &info) != 0) return failed(folder, "looking at the data folder");
  const auto refuse = [&](std::string_view why) {
    return Error{Errc::denied, "the data folder " + folder.string() + " " + std::string(why)};
  };
  if (S_ISLNK(info.st_mode)) {
    if (::stat(folder.c_str(), &info) != 0) return failed(folder, "looking at the data folder");
  }
  if (!S_ISDIR(info.st_mode)) return refuse("is not a folder");
  if (info.st_uid != ::geteuid()) return refuse("belongs to another user; give it to the user that sluice runs as (chown)");
  if ((info.st_mode & 077) != 0) return refuse("is open to other users; close it with chmod 0700");
  if (is_network_filesystem(folder)) return refuse("is on a network filesystem; sluice needs a local one for its locks and flushes");
  return {};
}

Result<std::uint64_t> free_space(const std::filesystem::path& path) {
  struct statvfs info {};
  if (::statvfs(path.c_str(), &info) != 0) return failed(path, "looking at the free space of");
  return static_cast<std::uint64_t>(info.f_bavail) * info.f_frsize;
}

}  // namespace sluice
