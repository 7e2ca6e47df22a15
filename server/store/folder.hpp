#pragma once

#include <atomic>
#include <filesystem>
#include <memory>

#include "core/base/result.hpp"
#include "server/base/files.hpp"
#include "server/store/sealer.hpp"
#include "server/store/sqlite.hpp"

namespace sluice::store {

/// The data folder: who holds it, and the room kept free in it.
class Folder {
 public:
  static constexpr std::uint64_t ballast_size = 16 << 20;
  static constexpr std::uint64_t intake_floor = 256 << 20;
  static constexpr std::uint64_t planning_floor = 512 << 20;

  /// Makes the folder if needed and takes its lock for as long as this object lives.
  /// Errors: unavailable when another process holds it.
  static Result<Folder> take(const std::filesystem::path& path);

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path database() const { return path_ / "sluice.db"; }
  std::uint64_t free_bytes() const;
  std::uint64_t wal_bytes() const;

  /// A file that only takes room, to be given back when the disk is full: what is under way can then end properly.
  bool has_ballast() const;
  void make_ballast() const;
  void release_ballast() const;

 private:
  std::filesystem::path path_;
  Fd lock_;
};

/// Makes the folder's `backup.db` anew when it is older than a day: copied while in use, opened and checked before it takes the
/// place of the older one. Nothing is done while there is no room for it.
Result<> keep_backup(const Folder& folder);

/// Files up to this size are checked before they are opened; larger ones by `check_in_use`, as that takes a second for each 100 MB.
inline constexpr std::uintmax_t checked_at_once = 8 << 20;

/// SQLite's quick check of a database that is in use: "ok", what it found, or "" when `leaving` became true meanwhile.
std::string check_in_use(const std::filesystem::path& file, const std::atomic<bool>& leaving);

/// Has the next start look at the whole database before it opens it: what it holds can no longer be trusted.
void ask_for_check(const std::filesystem::path& folder);

/// Opens the folder's database for writing: checked, backed up and migrated where needed, its names flushed, its key proved.
Result<std::unique_ptr<Connection>> open_database(const std::filesystem::path& file, const Sealer& sealer);

}  // namespace sluice::store
