#pragma once

#include <sqlite3.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "core/base/result.hpp"
#include "server/base/clock.hpp"

namespace sluice::store {

struct Migration;

/// What SQLite could not do. Thrown inside the folder only; caught where a batch or a read is run.
struct StorageError {
  enum class Kind {
    full,    ///< no room, or a limit on the file's size: undo, answer 503, go on
    failed,  ///< could not write or not now: undo, answer 503, go on
    flush,   ///< a failed flush: what is on disk is unknown, end the process
    damaged,  ///< the file is not what was written: end the process
  };
  Kind kind = Kind::failed;
  std::string text;

  bool is_fatal() const { return kind == Kind::flush || kind == Kind::damaged; }
};

StorageError::Kind classify(int extended_code);
Error to_error(const StorageError& error);

/// SQL that was written as a literal: text put together from data does not compile.
class Sql {
 public:
  consteval Sql(const char* text) : text_(text) {}
  constexpr const char* text() const { return text_; }

 private:
  const char* text_;
};

template <auto close>
struct Closer {
  template <class T>
  void operator()(T* handle) const noexcept {
    close(handle);
  }
};

using Database = std::unique_ptr<sqlite3, Closer<sqlite3_close_v2>>;
using Statement = std::unique_ptr<sqlite3_stmt, Closer<sqlite3_finalize>>;

/// Bytes, where a plain string would be text.
struct Blob {
  std::string_view bytes;
};

/// The rows of one prepared statement, read one after the other. Given back to its connection when it ends.
class Query {
 public:
  explicit Query(sqlite3* database, sqlite3_stmt* statement) : database_(database), statement_(statement) {}
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;
  ~Query();

  bool next();

  std::int64_t integer(int column) const { return sqlite3_column_int64(statement_, column); }
  std::string text(int column) const;  ///< also of a BLOB
  bool is_null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }
  WallTime time(int column) const { return WallTime{std::chrono::milliseconds{integer(column)}}; }
  std::optional<WallTime> maybe_time(int column) const;

  void bind(int at, std::int64_t value);
  void bind(int at, std::string_view value);
  void bind(int at, Blob value);
  void bind(int at, std::nullptr_t);

 private:
  void check(int code) const;
  sqlite3* database_;
  sqlite3_stmt* statement_;
};

enum class Access { write, read };

/// One connection with its prepared statements. Used by one thread at a time.
class Connection {
 public:
  /// Opens `file` (":memory:" for tests) under the rules of the store and reads every setting back.
  static Result<std::unique_ptr<Connection>> open(const std::string& file, Access access);

  explicit Connection(Database database) : database_(std::move(database)) {}

  template <class... Values>
  std::unique_ptr<Query> query(Sql sql, const Values&... values) {
    auto query = std::make_unique<Query>(database_.get(), prepared(sql));
    int at = 0;
    (bind_value(*query, ++at, values), ...);
    return query;
  }
  /// Runs a statement without rows; how many rows it changed.
  template <class... Values>
  int run(Sql sql, const Values&... values) {
    auto rows = query(sql, values...);
    while (rows->next()) {
    }
    return sqlite3_changes(database_.get());
  }
  /// The integer in the only row; 0 without a row.
  template <class... Values>
  std::int64_t ask(Sql sql, const Values&... values) {
    auto rows = query(sql, values...);
    return rows->next() ? rows->integer(0) : 0;
  }
  int count_of(Sql sql);
  /// Rows inserted, changed or removed since the connection was opened.
  std::int64_t changes() const { return sqlite3_total_changes64(database_.get()); }
  std::string ask_text(Sql sql);

  std::int64_t last_row() const { return sqlite3_last_insert_rowid(database_.get()); }
  void run_script(const Migration& migration);
  void set_schema(std::size_t number);
  bool in_transaction() const { return sqlite3_get_autocommit(database_.get()) == 0; }
  sqlite3* handle() const { return database_.get(); }

 private:
  sqlite3_stmt* prepared(Sql sql);

  template <class Value>
  static void bind_value(Query& query, int at, const Value& value) {
    if constexpr (std::is_integral_v<Value>) {
      query.bind(at, static_cast<std::int64_t>(value));
    } else if constexpr (std::is_same_v<Value, WallTime>) {
      query.bind(at, static_cast<std::int64_t>(value.time_since_epoch().count()));
    } else if constexpr (requires { value.has_value(); }) {
      if (value) {
        bind_value(query, at, *value);
      } else {
        query.bind(at, nullptr);
      }
    } else if constexpr (requires { value.value; }) {
      query.bind(at, value.value);
    } else {
      query.bind(at, value);
    }
  }

  Database database_;
  std::unordered_map<const char*, Statement> statements_;  // by the literal's address
};

/// Begun at construction, undone at the end unless committed.
class Transaction {
 public:
  explicit Transaction(Connection& database);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit();

 private:
  Connection& database_;
  bool open_ = true;
};

/// A part of a transaction that can be undone alone.
class Savepoint {
 public:
  explicit Savepoint(Connection& database);
  ~Savepoint();
  Savepoint(const Savepoint&) = delete;
  Savepoint& operator=(const Savepoint&) = delete;
  void keep();

 private:
  Connection& database_;
  bool open_ = true;
};

/// Makes a new database with all migrations applied at `file`: whole and flushed, or not there at all.
Result<> create_database(const std::string& file);

/// Copies a database that is in use to `file`, which must not exist, and checks the copy. Errors leave no file.
Result<> copy_database(Connection& from, const std::string& file);

/// "ok", or what SQLite's own check found.
std::string quick_check(Connection& database);
std::string integrity_check(Connection& database);

}  // namespace sluice::store
