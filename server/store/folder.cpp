#include "server/store/folder.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>

#include "server/base/log.hpp"
#include "server/store/migrations.hpp"

namespace sluice::store {

static constexpr Logger log{"store"};

Result<Folder> Folder::take(const std::filesystem::path& path) {
  if (auto ready = prepare_data_folder(path); !ready) return std::move(ready).error();
  Folder folder;
  folder.path_ = path;
  const auto file = path / "lock";
  folder.lock_ = Fd{::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)};
  if (!folder.lock_) return Error{Errc::unavailable, "opening " + file.string() + ": " + errno_text(errno)};
  struct flock whole {};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  if (::fcntl(folder.lock_.get(), F_OFD_SETLK, &whole) != 0) {
    return Error{Errc::unavailable, "the data folder " + path.string() + " is in use by another sluice; stop that one first"};
  }
  return folder;
}

std::uint64_t Folder::free_bytes() const {
  const auto free = free_space(path_);
  return free ? *free : 0;
}

std::uint64_t Folder::wal_bytes() const {
  struct stat info {};
  const auto file = path_ / "sluice.db-wal";
  return ::stat(file.c_str(), &info) == 0 ? static_cast<std::uint64_t>(info.st_size) : 0;
}

bool Folder::has_ballast() const { return ::access((path_ / "ballast").c_str(), F_OK) == 0; }

void Folder::make_ballast() const {
  const auto file = path_ / "ballast";
  const Fd made{::open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)};
  if (!made || ::posix_fallocate(made.get(), 0, static_cast<off_t>(ballast_size)) != 0) {
    ::unlink(file.c_str());
    log.warn("no room for the ballast file bytes={}", ballast_size);
  }
}

void Folder::release_ballast() const { ::unlink((path_ / "ballast").c_str()); }

// ---- the database ----------------------------------------------------------------------------------------------------

/// A known text sealed with the key the first time, opened ever after.
static Result<> prove_key(Connection& database, const Sealer& sealer) {
  static constexpr Place place{"meta", "value", 1};
  static constexpr std::string_view text = "sluice";
  if (!sealer.has_key()) return {};
  auto rows = database.query("SELECT value FROM meta WHERE name = 'key'");
  if (rows->next()) {
    auto opened = sealer.open(rows->text(0), place);
    if (opened && *opened == text) return {};
    return Error{Errc::invalid, "the store's key is not the one this database was made with; give the old key back to its credential"};
  }
  database.run("INSERT INTO meta (name, value) VALUES ('key', ?1)", Blob{sealer.seal(text, place)});
  return {};
}

static Result<> bring_up_to_date(Connection& database, const std::filesystem::path& file) {
  auto schema = schema_of(database);
  if (!schema) return std::move(schema).error();
  const auto newest = migrations().size();
  if (*schema == newest) return {};
  if (*schema > 0) {
    const auto backup = file.parent_path() / ("before-schema-" + std::to_string(newest) + ".db");
    std::error_code ignored;
    std::filesystem::remove(backup, ignored);  // of an upgrade that did not come to its end
    if (auto copied = copy_database(database, backup); !copied) return std::move(copied).error().during("backing up before the upgrade");
    log.info("database backed up before an upgrade from={} to={}", *schema, newest);
  }
  if (auto done = migrate(database, newest); !done) return done;
  log.info("database schema is new from={} to={}", *schema, newest);
  return {};
}

Result<> keep_backup(const Folder& folder) {
  namespace fs = std::filesystem;
  const auto kept = folder.path() / "backup.db";
  const auto fresh = folder.path() / "backup-new.db";
  std::error_code absent;
  const auto made = fs::last_write_time(kept, absent);
  if (!absent && fs::file_time_type::clock::now() - made < std::chrono::hours{24}) return {};
  if (folder.free_bytes() < fs::file_size(folder.database()) + Folder::planning_floor) {
    return Error{Errc::unavailable, "storage-full: there is no room for the daily backup"};
  }
  fs::remove(fresh);  // of a backup that was cut off
  auto from = Connection::open(folder.database(), Access::read);
  if (!from) return std::move(from).error();
  if (auto copied = copy_database(**from, fresh); !copied) return copied;
  if (::rename(fresh.c_str(), kept.c_str()) != 0) return Error{Errc::unavailable, "renaming the backup: " + errno_text(errno)};
  return sync_folder(folder.path());
}

// ---- checks ----------------------------------------------------------------------------------------------------------

static std::filesystem::path check_mark(const std::filesystem::path& folder) { return folder / "check"; }

void ask_for_check(const std::filesystem::path& folder) {
  const Fd made{::open(check_mark(folder).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)};
  if (!made) log.warn("the next start cannot be told to check the database error={}", errno_text(errno));
}

std::string check_in_use(const std::filesystem::path& file, const std::atomic<bool>& leaving) {
  auto database = Connection::open(file, Access::read);
  if (!database) return database.error().what;
  const auto stop = [](void* flag) { return static_cast<const std::atomic<bool>*>(flag)->load() ? 1 : 0; };
  sqlite3_progress_handler((*database)->handle(), 10'000, stop, const_cast<std::atomic<bool>*>(&leaving));
  const std::string found = quick_check(**database);
  return leaving ? std::string() : found;
}

/// What is wrong with the database before anything is done with it; "ok" too where it is looked at later.
static std::string checked(Connection& database, const std::filesystem::path& file) {
  const auto mark = check_mark(file.parent_path());
  if (::access(mark.c_str(), F_OK) == 0) {
    log.info("looking at the whole database, as its last user could no longer trust it");
    std::string found = integrity_check(database);
    if (found == "ok") ::unlink(mark.c_str());
    return found;
  }
  return std::filesystem::file_size(file) <= checked_at_once ? quick_check(database) : "ok";
}

static Result<std::unique_ptr<Connection>> open_checked(const std::filesystem::path& file, const Sealer& sealer) {
  const bool on_disk = file != ":memory:";
  if (on_disk && ::access(file.c_str(), F_OK) != 0) {
    // SQLite gives its other files the mode of this one, which is private
    if (auto made = create_database(file); !made) return std::move(made).error();
  }
  auto database = Connection::open(file, Access::write);
  if (!database) return database;
  if (on_disk) {
    const std::string found = checked(**database, file);
    if (found != "ok") return Error{Errc::invalid, "the database is damaged: " + found + "; restore it from a backup"};
  }
  if (auto done = bring_up_to_date(**database, file); !done) return std::move(done).error();
  if (auto proved = prove_key(**database, sealer); !proved) return std::move(proved).error();
  if (on_disk) {
    // SQLite does not tell when flushing the folder fails
    if (auto synced = sync_folder(file.parent_path()); !synced) return std::move(synced).error();
  }
  return database;
}

Result<std::unique_ptr<Connection>> open_database(const std::filesystem::path& file, const Sealer& sealer) {
  try {
    return open_checked(file, sealer);
  } catch (const StorageError& error) {
    if (error.kind != StorageError::Kind::damaged) return to_error(error).during("opening the database");
    return Error{Errc::invalid, "the database is damaged: " + error.text + "; restore it from a backup"};
  }
}

}  // namespace sluice::store
