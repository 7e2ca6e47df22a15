#include "server/store/sqlite.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <functional>

#include "server/base/failpoint.hpp"
#include "server/base/files.hpp"
#include "server/store/migrations.hpp"

namespace sluice::store {

// ---- errors ----------------------------------------------------------------------------------------------------------

StorageError::Kind classify(int code) {
  switch (code) {
    case SQLITE_IOERR_FSYNC:
    case SQLITE_IOERR_DIR_FSYNC: return StorageError::Kind::flush;
    default: break;
  }
  switch (code & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return StorageError::Kind::damaged;
    case SQLITE_FULL: return StorageError::Kind::full;
    default: return StorageError::Kind::failed;
  }
}

static StorageError failure(sqlite3* database) {
  const int code = sqlite3_extended_errcode(database);
  return {classify(code), std::string(sqlite3_errmsg(database)) + " (" + std::to_string(code) + ")"};
}

Error to_error(const StorageError& error) {
  if (error.kind == StorageError::Kind::full) return {Errc::unavailable, "storage-full: there is no room on the data folder's disk"};
  return {Errc::unavailable, "storage-failed: " + error.text};
}

// ---- statements ------------------------------------------------------------------------------------------------------

Query::~Query() {
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

void Query::check(int code) const {
  if (code != SQLITE_OK) throw failure(database_);
}

bool Query::next() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  throw failure(database_);
}

std::string Query::text(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  const int size = sqlite3_column_bytes(statement_, column);
  return bytes ? std::string(bytes, static_cast<std::size_t>(size)) : std::string();
}

std::optional<WallTime> Query::maybe_time(int column) const {
  if (is_null(column)) return std::nullopt;
  return time(column);
}

void Query::bind(int at, std::int64_t value) { check(sqlite3_bind_int64(statement_, at, value)); }
void Query::bind(int at, std::string_view value) {
  const char* bytes = value.data() ? value.data() : "";
  check(sqlite3_bind_text64(statement_, at, bytes, value.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
}
void Query::bind(int at, Blob value) {
  const char* bytes = value.bytes.data() ? value.bytes.data() : "";
  check(sqlite3_bind_blob64(statement_, at, bytes, value.bytes.size(), SQLITE_TRANSIENT));
}
void Query::bind(int at, std::nullptr_t) { check(sqlite3_bind_null(statement_, at)); }

sqlite3_stmt* Connection::prepared(Sql sql) {
  Statement& kept = statements_[sql.text()];
  if (!kept) {
    sqlite3_stmt* fresh = nullptr;
    if (sqlite3_prepare_v3(database_.get(), sql.text(), -1, SQLITE_PREPARE_PERSISTENT, &fresh, nullptr) != SQLITE_OK) {
      throw failure(database_.get());
    }
    kept.reset(fresh);
  }
  return kept.get();
}

int Connection::count_of(Sql sql) {
  auto rows = query(sql);
  int count = 0;
  while (rows->next()) ++count;
  return count;
}

std::string Connection::ask_text(Sql sql) {
  auto rows = query(sql);
  return rows->next() ? rows->text(0) : std::string();
}

void Connection::run_script(const Migration& migration) {
  if (sqlite3_exec(database_.get(), migration.sql, nullptr, nullptr, nullptr) != SQLITE_OK) {
    auto error = failure(database_.get());
    error.text = std::string(migration.name) + ": " + error.text;
    throw error;
  }
}

void Connection::set_schema(std::size_t number) {
  // A pragma takes no parameter; the number is ours.
  const std::string sql = "PRAGMA user_version = " + std::to_string(number);  // lint: constant
  if (sqlite3_exec(database_.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) throw failure(database_.get());
}

// ---- opening ---------------------------------------------------------------------------------------------------------

static void apply_rules(sqlite3* database, Access access) {
  sqlite3_extended_result_codes(database, 1);
  sqlite3_db_config(database, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(database, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, nullptr);
  sqlite3_db_config(database, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(database, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
  sqlite3_db_config(database, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
  if (access == Access::read) sqlite3_db_config(database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  sqlite3_limit(database, SQLITE_LIMIT_ATTACHED, 0);
}

/// Sets what the store relies on and reads it back: a setting that did not take is fatal for the start.
static Result<> apply_pragmas(Connection& database, const std::string& file, Access access) {
  const bool on_disk = file != ":memory:";
  if (access == Access::write) database.ask_text("PRAGMA journal_mode=WAL");
  database.run("PRAGMA synchronous=FULL");
  database.run("PRAGMA foreign_keys=ON");
  database.run("PRAGMA trusted_schema=OFF");
  database.run("PRAGMA cell_size_check=ON");
  database.run("PRAGMA mmap_size=0");
  database.run("PRAGMA busy_timeout=5000");
  database.run("PRAGMA wal_autocheckpoint=0");
  database.run("PRAGMA temp_store=MEMORY");
  database.run("PRAGMA cache_size=-4096");
  const auto wrong = [&](std::string_view name) {
    return Error{Errc::unsupported, "SQLite did not take the setting " + std::string(name) + "; sluice cannot keep its promises with it"};
  };
  if (on_disk && access == Access::write && database.ask_text("PRAGMA journal_mode") != "wal") return wrong("journal_mode=WAL");
  if (database.ask("PRAGMA synchronous") != 2) return wrong("synchronous=FULL");
  if (database.ask("PRAGMA foreign_keys") != 1) return wrong("foreign_keys=ON");
  if (database.ask("PRAGMA trusted_schema") != 0) return wrong("trusted_schema=OFF");
  if (database.ask("PRAGMA cell_size_check") != 1) return wrong("cell_size_check=ON");
  if (database.ask("PRAGMA mmap_size") != 0) return wrong("mmap_size=0");
  if (database.ask("PRAGMA busy_timeout") != 5000) return wrong("busy_timeout=5000");
  if (database.ask("PRAGMA wal_autocheckpoint") != 0) return wrong("wal_autocheckpoint=0");
  return {};
}

Result<std::unique_ptr<Connection>> Connection::open(const std::string& file, Access access) {
  sqlite3* raw = nullptr;
  const int mode = access == Access::write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
  const int code = sqlite3_open_v2(file.c_str(), &raw, mode | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  Database owned{raw};
  const std::string name = std::filesystem::path(file).filename();
  if (code != SQLITE_OK) return Error{Errc::unavailable, "opening " + name + ": " + sqlite3_errstr(code)};
  apply_rules(raw, access);
  auto connection = std::make_unique<Connection>(std::move(owned));
  try {
    if (auto done = apply_pragmas(*connection, file, access); !done) return std::move(done).error();
  } catch (const StorageError& error) {
    if (error.kind == StorageError::Kind::damaged) {
      return Error{Errc::invalid, name + " is damaged or no database: " + error.text + "; restore it from a backup"};
    }
    return to_error(error).during("opening " + name);
  }
  return connection;
}

// ---- transactions ----------------------------------------------------------------------------------------------------

Transaction::Transaction(Connection& database) : database_(database) { database_.run("BEGIN IMMEDIATE"); }

Transaction::~Transaction() {
  if (open_ && database_.in_transaction()) {
    try {
      database_.run("ROLLBACK");
    } catch (const StorageError&) {  // SQLite rolled back by itself
    }
  }
}

void Transaction::commit() {
  database_.run("COMMIT");
  open_ = false;
}

Savepoint::Savepoint(Connection& database) : database_(database) { database_.run("SAVEPOINT operation"); }

Savepoint::~Savepoint() {
  if (open_ && database_.in_transaction()) {
    try {
      database_.run("ROLLBACK TO operation");
      database_.run("RELEASE operation");
    } catch (const StorageError&) {  // the whole transaction is gone, and with it this part
    }
  }
}

void Savepoint::keep() {
  database_.run("RELEASE operation");
  open_ = false;
}

// ---- checks and copies -----------------------------------------------------------------------------------------------

static std::string checked(const std::function<std::string()>& check) {
  try {
    return check();
  } catch (const StorageError& error) {
    return error.text;
  }
}

std::string quick_check(Connection& database) {
  return checked([&] { return database.ask_text("PRAGMA quick_check(1)"); });
}

std::string integrity_check(Connection& database) {
  return checked([&] { return database.ask_text("PRAGMA integrity_check(1)"); });
}

Result<> create_database(const std::string& file) {
  auto built = Connection::open(":memory:", Access::write);
  if (!built) return std::move(built).error();
  if (auto done = migrate(**built, migrations().size()); !done) return done;
  sqlite3_int64 size = 0;
  const std::unique_ptr<unsigned char, Closer<sqlite3_free>> bytes{sqlite3_serialize((*built)->handle(), "main", &size, 0)};
  if (!bytes || size < 512) return Error{Errc::unavailable, "storage-failed: the new database could not be built"};
  std::string image(reinterpret_cast<const char*>(bytes.get()), static_cast<std::size_t>(size));
  image[18] = image[19] = 2;  // the file format's write and read version: WAL from the first opening on
  return write_file(file, image);
}

/// What a connection sees, held still while it exists.
struct Snapshot {
  explicit Snapshot(Connection& from) : database(from) {
    database.run("BEGIN");
    database.ask("SELECT count(*) FROM sqlite_schema");  // the first read takes the snapshot
  }
  ~Snapshot() {
    try {
      database.run("ROLLBACK");
    } catch (const StorageError&) {  // ended already
    }
  }
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;
  Connection& database;
};

/// Of one snapshot: a copy that followed the writer would begin anew with each commit.
static Result<> copy_pages(Connection& from, sqlite3* to) {
  const Snapshot still{from};
  using Backup = std::unique_ptr<sqlite3_backup, Closer<sqlite3_backup_finish>>;
  const Backup backup{sqlite3_backup_init(to, "main", from.handle(), "main")};
  if (!backup) return Error{Errc::unavailable, std::string("copying the database: ") + sqlite3_errmsg(to)};
  while (true) {
    const int code = sqlite3_backup_step(backup.get(), 1024);
    if (code == SQLITE_DONE) return {};
    if (auto planted = failpoint("backup.mid")) return std::move(*planted);
    if (code != SQLITE_OK) return Error{Errc::unavailable, std::string("copying the database: ") + sqlite3_errstr(code)};
  }
}

/// The copy as its reader will find it: a database in one file, whole, of the same schema.
static Result<> check_copy(Connection& from, const std::string& file) {
  auto copy = Connection::open(file, Access::read);
  if (!copy) return std::move(copy).error();
  const std::string found = integrity_check(**copy);
  if (found != "ok") return Error{Errc::unavailable, "the copy is damaged: " + found};
  if ((*copy)->ask("PRAGMA user_version") != from.ask("PRAGMA user_version")) {
    return Error{Errc::unavailable, "the copy has another schema"};
  }
  return {};
}

/// SQLite does not tell of every failed flush here, so it flushes nothing: the one flush is ours, at the end, through `made`,
/// which was open all the time and so is told of any write that failed.
static Result<> write_copy(Connection& from, const std::string& file, const Fd& made) {
  {
    sqlite3* raw = nullptr;
    const int code = sqlite3_open_v2(file.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
    const Database to{raw};
    if (code != SQLITE_OK) return Error{Errc::unavailable, "creating " + file + ": " + sqlite3_errstr(code)};
    if (sqlite3_exec(raw, "PRAGMA synchronous=OFF", nullptr, nullptr, nullptr) != SQLITE_OK) {
      return Error{Errc::unavailable, std::string("creating the copy: ") + sqlite3_errmsg(raw)};
    }
    if (auto done = copy_pages(from, raw); !done) return done;
    // one file, readable without the files that belong to WAL mode
    if (sqlite3_exec(raw, "PRAGMA journal_mode=DELETE", nullptr, nullptr, nullptr) != SQLITE_OK) {
      return Error{Errc::unavailable, std::string("closing the copy: ") + sqlite3_errmsg(raw)};
    }
  }
  if (::fsync(made.get()) != 0) return Error{Errc::unavailable, "flushing " + file + ": " + errno_text(errno)};
  return check_copy(from, file);
}

Result<> copy_database(Connection& from, const std::string& file) {
  const std::string temporary = file + ".partial";
  const auto clean = [&](Error error) -> Result<> {
    for (const char* end : {"", "-wal", "-shm", "-journal"}) std::filesystem::remove(temporary + end);
    return error;
  };
  if (std::filesystem::exists(file)) return Error{Errc::conflict, file + " exists already; name a new file"};
  std::error_code ignored;
  std::filesystem::remove(temporary, ignored);  // of a copy that was cut off
  const Fd made{::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600)};
  if (!made) return Error{Errc::unavailable, "creating " + temporary + ": " + errno_text(errno)};
  try {
    if (auto done = write_copy(from, temporary, made); !done) return clean(std::move(done).error());
  } catch (const StorageError& error) {
    return clean(to_error(error).during("copying the database"));
  }
  if (::rename(temporary.c_str(), file.c_str()) != 0) {
    return clean(Error{Errc::unavailable, "renaming to " + file + ": " + errno_text(errno)});
  }
  const auto folder = std::filesystem::path(file).parent_path();
  return sync_folder(folder.empty() ? "." : folder);
}

}  // namespace sluice::store
