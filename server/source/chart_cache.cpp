#include "server/source/chart_cache.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/digest.hpp"
#include "server/base/files.hpp"

namespace sluice::source {

namespace {

constexpr std::size_t max_file = 128u << 20;

}  // namespace

std::filesystem::path ChartCache::place(const char* kind, const std::string& name, const char* suffix) const {
  return folder_ / kind / (to_hex(sha256(name)) + suffix);
}

std::optional<std::string> ChartCache::read(const std::filesystem::path& path) const {
  if (folder_.empty()) return std::nullopt;
  const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  struct stat facts {};
  if (!file || ::fstat(file.get(), &facts) != 0 || !S_ISREG(facts.st_mode) || facts.st_size > static_cast<off_t>(max_file)) {
    return std::nullopt;
  }
  std::string bytes(static_cast<std::size_t>(facts.st_size), '\0');
  std::size_t have = 0;
  while (have < bytes.size()) {
    const ssize_t got = ::read(file.get(), bytes.data() + have, bytes.size() - have);
    if (got <= 0) return std::nullopt;
    have += static_cast<std::size_t>(got);
  }
  return bytes;
}

Result<> ChartCache::write(const std::filesystem::path& path, const std::string& bytes) const {
  if (folder_.empty()) return {};
  std::error_code failed;
  std::filesystem::create_directories(path.parent_path(), failed);
  if (failed) return Error{Errc::unavailable, "making the chart cache " + path.parent_path().string() + ": " + failed.message()};
  return write_file(path, bytes);
}

std::optional<std::string> ChartCache::archive(const std::string& name) const {
  const auto digest = read(place("names", name, ""));
  if (!digest || digest->size() != 64 || digest->find_first_not_of("0123456789abcdef") != std::string::npos) return std::nullopt;
  auto bytes = read(folder_ / "archives" / (*digest + ".tgz"));
  if (!bytes || to_hex(sha256(*bytes)) != *digest) return std::nullopt;
  return bytes;
}

Result<> ChartCache::keep_archive(const std::string& name, const std::string& bytes) const {
  const std::string digest = to_hex(sha256(bytes));
  auto kept = write(folder_ / "archives" / (digest + ".tgz"), bytes);
  return kept ? write(place("names", name, ""), digest) : kept;
}

std::optional<ChartCache::Index> ChartCache::index(const std::string& url) const {
  auto file = read(place("indexes", url, ""));
  if (!file) return std::nullopt;
  // digest of the rest, etag, last-modified, index: three lines, then bytes
  Index index;
  std::size_t at = 0;
  std::string fields[3];
  for (std::string& field : fields) {
    const std::size_t end = file->find('\n', at);
    if (end == std::string::npos) return std::nullopt;
    field = file->substr(at, end - at);
    at = end + 1;
  }
  index.yaml = file->substr(at);
  index.etag = fields[1];
  index.last_modified = fields[2];
  if (fields[0] != to_hex(sha256(index.yaml))) return std::nullopt;
  return index;
}

Result<> ChartCache::keep_index(const std::string& url, const Index& index) const {
  return write(place("indexes", url, ""),
               to_hex(sha256(index.yaml)) + "\n" + index.etag + "\n" + index.last_modified + "\n" + index.yaml);
}

}  // namespace sluice::source
