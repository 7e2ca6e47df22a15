#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "core/base/result.hpp"

namespace sluice::source {

/// Chart archives on disk under the SHA-256 of their bytes, with names that lead to them, and indexes with what a conditional
/// request needs. Shared by plans and processes: every file is written beside its place and renamed into it.
///
/// What is read is checked against its digest; a damaged file counts as absent. Links are never followed.
class ChartCache {
 public:
  /// `folder` is made if absent. Empty: nothing is kept.
  explicit ChartCache(std::filesystem::path folder) : folder_(std::move(folder)) {}

  /// The archive that `name` (repository, chart and exact version in one text) led to the last time.
  std::optional<std::string> archive(const std::string& name) const;
  Result<> keep_archive(const std::string& name, const std::string& bytes) const;

  struct Index {
    std::string yaml;
    std::string etag;           ///< as the server gave it
    std::string last_modified;  ///< as the server gave it
  };
  std::optional<Index> index(const std::string& url) const;
  Result<> keep_index(const std::string& url, const Index& index) const;

 private:
  std::filesystem::path place(const char* kind, const std::string& name, const char* suffix) const;
  std::optional<std::string> read(const std::filesystem::path& path) const;
  Result<> write(const std::filesystem::path& path, const std::string& bytes) const;

  std::filesystem::path folder_;
};

}  // namespace sluice::source
