#include "server/source/chart_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "core/base/gunzip.hpp"
#include "core/chart/archive.hpp"
#include "core/chart/ignore.hpp"
#include "server/base/files.hpp"

namespace sluice::source {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t max_stream = 64U << 20;  // of one values file or of the standard input
constexpr int max_depth = 64;

std::string reason(int number) {
  std::string text = std::strerror(number);
  if (!text.empty() && text[0] >= 'A' && text[0] <= 'Z') text[0] = static_cast<char>(text[0] + 32);
  return text;
}

Error failed(std::string_view doing, const std::string& path, int number) {
  const Errc code = number == ENOENT ? Errc::not_found : number == EACCES ? Errc::denied : Errc::invalid;
  return {code, std::string(doing) + " " + path + ": " + reason(number)};
}

Result<std::string> read_all(int fd, const std::string& path, std::size_t expected, std::size_t limit) {
  std::string bytes(std::min(expected, limit) + 1, '\0');
  std::size_t size = 0;
  for (;;) {
    if (size == bytes.size()) bytes.resize(bytes.size() * 2);
    const ssize_t got = ::read(fd, bytes.data() + size, bytes.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed("read", path, errno);
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
    if (size > limit) return Error{Errc::invalid, path + " is larger than " + std::to_string(limit) + " bytes"};
  }
  bytes.resize(size);
  return bytes;
}

Result<std::string> read_file(const std::string& path, std::size_t limit) {
  const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return failed("open", path, errno);
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return failed("stat", path, errno);
  return read_all(file.get(), path, static_cast<std::size_t>(std::max<off_t>(status.st_size, 0)), limit);
}

/// Walks a chart's folder.
class Walk {
 public:
  Walk(std::string root, chart::IgnoreRules rules, ChartNotes& notes)
      : root_(std::move(root)), rules_(std::move(rules)), notes_(notes) {}

  Result<std::vector<chart::File>> files() {
    if (auto done = folder(root_, "", 0); !done) return std::move(done).error();
    return std::move(files_);
  }

 private:
  /// The entries of `real`, which is called `name` in the chart.
  Result<> folder(const std::string& real, const std::string& name, int depth) {
    if (depth > max_depth)
      return Error{Errc::invalid, real + ": folders are nested more than 64 deep; does a link lead upwards?"};
    std::vector<std::string> names;
    std::error_code error;
    for (fs::directory_iterator at(real, error), end; !error && at != end; at.increment(error))
      names.push_back(at->path().filename());
    if (error) return failed("open", real, error.value());
    std::sort(names.begin(), names.end());
    for (const std::string& entry : names) {
      if (auto done = visit(real + "/" + entry, name.empty() ? entry : name + "/" + entry, depth); !done) return done;
    }
    return {};
  }

  Result<> visit(const std::string& real, const std::string& name, int depth) {
    struct stat status {};
    if (::lstat(real.c_str(), &status) != 0) return failed("lstat", real, errno);
    std::string place = real;
    if (S_ISLNK(status.st_mode)) {
      std::error_code error;
      place = fs::canonical(real, error);
      if (error) return Error{Errc::invalid, "error evaluating symlink " + real + ": " + reason(error.value())};
      notes_.lines.push_back("walk.go:75: found symbolic link in path: " + real + " resolves to " + place +
                             ". Contents of linked file included and used");
      if (::lstat(place.c_str(), &status) != 0) return failed("lstat", place, errno);
    }
    if (S_ISDIR(status.st_mode)) {
      return rules_.ignores(name, chart::FileType::directory) ? Result<>() : folder(place, name, depth + 1);
    }
    if (rules_.ignores(name, chart::FileType::regular)) return {};
    if (!S_ISREG(status.st_mode)) {
      return Error{Errc::invalid, "cannot load irregular file " + real + " as it has file mode type bits set"};
    }
    auto bytes = read_file(place, chart::Limits().file);
    if (!bytes) {
      if (status.st_size <= static_cast<off_t>(chart::Limits().file)) return std::move(bytes).error();
      return Error{Errc::invalid, "chart file \"" + name.substr(name.rfind('/') + 1) +
                                      "\" is larger than the maximum file size " + std::to_string(chart::Limits().file)};
    }
    files_.push_back({name, *std::move(bytes)});
    return {};
  }

  std::string root_;
  chart::IgnoreRules rules_;
  ChartNotes& notes_;
  std::vector<chart::File> files_;
};

Result<std::shared_ptr<const chart::Chart>> read_chart_folder(const std::string& path, chart::HelmVersion helm,
                                                              ChartNotes& notes) {
  chart::IgnoreRules rules;
  auto ignore = read_file(path + "/.helmignore", chart::Limits().file);
  if (ignore) {
    auto parsed = chart::IgnoreRules::parse(*ignore);
    if (!parsed) return std::move(parsed).error();
    rules = *std::move(parsed);
  } else if (ignore.error().code != Errc::not_found) {
    return std::move(ignore).error();
  }
  auto files = Walk(path, std::move(rules), notes).files();
  if (!files) return std::move(files).error();
  return chart::load_files(*std::move(files), helm);
}

/// What the file seems to be; only the types that people confuse with charts.
std::string media_type(std::string_view bytes) {
  if (bytes.starts_with("PK\x03\x04")) return "application/zip";
  const auto is_text = [](char c) {
    return static_cast<unsigned char>(c) >= 0x20 || c == '\t' || c == '\n' || c == '\r' || c == '\f';
  };
  const std::string_view start = bytes.substr(0, 512);
  return std::all_of(start.begin(), start.end(), is_text) && bytes.size() >= 512 ? "text/plain; charset=utf-8"
                                                                                 : "application/octet-stream";
}

}  // namespace

Result<std::shared_ptr<const chart::Chart>> read_chart(const std::string& path, chart::HelmVersion helm, ChartNotes& notes) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return failed("stat", path, errno);
  if (S_ISDIR(status.st_mode)) return read_chart_folder(path, helm, notes);
  auto bytes = read_file(path, chart::Limits().packed);
  if (!bytes) return std::move(bytes).error();
  if (!is_gzip(*bytes)) {
    if (path.ends_with(".yml") || path.ends_with(".yaml")) {
      return Error{Errc::invalid, "file '" + path + "' seems to be a YAML file, but expected a gzipped archive"};
    }
    return Error{Errc::invalid, "file '" + path + "' does not appear to be a gzipped archive; got '" + media_type(*bytes) + "'"};
  }
  return chart::load_archive(*bytes, helm);
}

Result<Tree> read_chart_tree(const std::string& path) {
  Result<std::vector<chart::File>> files = std::vector<chart::File>();
  if (path.ends_with(".tgz") || path.ends_with(".tar.gz")) {
    auto bytes = read_file(path, chart::Limits().packed);
    if (!bytes) return std::move(bytes).error().during("unable to open tarball");
    chart::UnpackBudget budget{chart::Limits()};
    files = chart::read_archive(*bytes, budget);
    if (!files) return std::move(files).error().during("unable to extract tarball");
  } else {
    struct stat status {};
    const std::string chart_yaml = path + "/Chart.yaml";
    if (::stat(chart_yaml.c_str(), &status) != 0) {
      return failed("stat", fs::path(chart_yaml).lexically_normal().string(), errno)
          .during("unable to check Chart.yaml file in chart");
    }
    ChartNotes notes;
    files = Walk(path, chart::IgnoreRules(), notes).files();
    if (!files) return std::move(files).error();
  }
  Tree tree;
  for (chart::File& file : *files) tree.emplace(std::move(file.name), std::move(file.data));
  return tree;
}

Result<std::string> read_named_file(const std::string& path) {
  if (path == "-") return read_all(STDIN_FILENO, "standard input", 1U << 16, max_stream);
  return read_file(path, max_stream);
}

}  // namespace sluice::source
