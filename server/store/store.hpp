#pragma once

// server/store/store.hpp
//
// SQLite: deliveries, the queue of deployments, plans, approvals, the push's journal, history, audit, tokens.
//   in:   one operation of Writer or Reader at a time, from any coroutine
//   out:  its result, once the batch that holds it is durable
//   not:  deciding what is allowed (core/deployment, asked inside the transaction), talking to anybody
//
//   auto inserted = co_await store.write(&Writer::insert_delivery, delivery);
//   auto page = co_await store.read(&Reader::deployments, filter);
//   several steps in one transaction: name a lambda `[=](Writer& w) -> Result<X> {...}` first, then co_await store.write(it)
//
// Why one connection writes and checkpoints: SQLite 3.7.0-3.51.2 can lose commits when two connections do. The writing thread
// collects up to 64 operations or 2 ms, commits once with synchronous=FULL, and only then releases the answers. Readers have
// a connection of their own that cannot write.
// Why an error of a commit is "outcome-unknown": after a failed flush the rows may still be found on reopening. A failed flush
// or a damaged file ends the process (exit code 74): nothing may be answered on top of it.
// Read next: records.hpp, writer.hpp, sqlite.hpp.

#include <boost/asio/awaitable.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "core/base/result.hpp"
#include "core/base/secret.hpp"
#include "server/base/clock.hpp"
#include "server/base/exit_code.hpp"
#include "server/store/reader.hpp"
#include "server/store/records.hpp"
#include "server/store/writer.hpp"

namespace sluice::store {

struct Options {
  std::filesystem::path folder;  ///< the data folder; made if absent
  Secret key;                    ///< from a credential, at least 32 characters; seals what may hold secret values
  Clock clock = system_clock();
  bool in_memory = false;  ///< for tests: no file, no lock, no backup
  /// Called after each durable batch that changed a row, on the store's thread: somebody may want to look again. Must not block.
  std::function<void()> on_commit;
  /// How the process ends when going on would break a promise. Tests replace it.
  std::function<void(ExitCode)> fatal = exit_now;
};

/// How the storage is, for /readyz and metrics.
struct Health {
  bool takes_deliveries = true;
  bool takes_plans = true;
  std::string problem;  ///< "storage-full: ..."; empty when all is well
  std::uint64_t free_bytes = 0;
  std::uint64_t wal_bytes = 0;
  std::size_t queued = 0;
};

template <class T>
struct IsResult : std::false_type {};
template <class T>
struct IsResult<Result<T>> : std::true_type {};

class Store {
 public:
  /// Takes the folder's lock, checks the file, migrates it after a backup, and recovers from whatever ended the last process.
  /// Errors: unavailable when another sluice holds the lock; invalid for a damaged file, a newer schema or a wrong key.
  static Result<std::unique_ptr<Store>> open(Options options);

  ~Store();  ///< finishes what is queued, checkpoints, closes
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  /// The result of `op(writer)`, which returns a Result, after it is durable. An Error undoes what the operation did.
  /// Besides the operation's own errors: unavailable "storage-full", "storage-failed" (not done) or "outcome-unknown".
  template <class Op>
    requires std::is_invocable_v<Op&, Writer&>
  boost::asio::awaitable<std::invoke_result_t<Op&, Writer&>> write(Op op) {
    using Answer = std::invoke_result_t<Op&, Writer&>;
    static_assert(IsResult<Answer>::value, "a store operation returns a Result");
    auto kept = std::make_shared<Kept<Op, Answer>>(std::move(op));
    WriteJob job = [kept](Writer& writer) { return kept->value.emplace(kept->op(writer)).has_value(); };
    std::optional<Error> failed = co_await submit(std::move(job));
    if (failed) co_return std::move(*failed);
    co_return std::move(*kept->value);
  }

  template <class Answer, class... Parameters, class... Arguments>
  boost::asio::awaitable<Answer> write(Answer (Writer::*method)(Parameters...), Arguments... arguments) {
    auto op = [method, ... kept = std::move(arguments)](Writer& writer) { return (writer.*method)(kept...); };
    return write(std::move(op));
  }

  /// The result of `op(reader)`, of what is durable now.
  template <class Op>
    requires std::is_invocable_v<Op&, const Reader&>
  boost::asio::awaitable<std::invoke_result_t<Op&, const Reader&>> read(Op op) {
    using Answer = std::invoke_result_t<Op&, const Reader&>;
    static_assert(IsResult<Answer>::value, "a store operation returns a Result");
    auto kept = std::make_shared<Kept<Op, Answer>>(std::move(op));
    ReadJob job = [kept](const Reader& reader) { kept->value.emplace(kept->op(reader)); };
    std::optional<Error> failed = co_await submit_read(std::move(job));
    if (failed) co_return std::move(*failed);
    co_return std::move(*kept->value);
  }

  template <class Answer, class... Parameters, class... Arguments>
  boost::asio::awaitable<Answer> read(Answer (Reader::*method)(Parameters...) const, Arguments... arguments) {
    auto op = [method, ... kept = std::move(arguments)](const Reader& reader) { return (reader.*method)(kept...); };
    return read(std::move(op));
  }

  /// The same without a coroutine, for commands and tests: blocks this thread, which must not be the io_context's.
  template <class Op>
  std::invoke_result_t<Op&, Writer&> write_now(Op op) {
    std::optional<std::invoke_result_t<Op&, Writer&>> value;
    auto failed = submit_and_wait([&](Writer& writer) { return value.emplace(op(writer)).has_value(); });
    if (failed) return std::move(*failed);
    return std::move(*value);
  }
  template <class Op>
  std::invoke_result_t<Op&, const Reader&> read_now(Op op) {
    std::optional<std::invoke_result_t<Op&, const Reader&>> value;
    auto failed = read_and_wait([&](const Reader& reader) { value.emplace(op(reader)); });
    if (failed) return std::move(*failed);
    return std::move(*value);
  }

  using WriteJob = std::function<bool(Writer&)>;  ///< false: undo
  using ReadJob = std::function<void(const Reader&)>;
  /// Queues `job`; `done` is called on the store's thread once its batch is durable or has failed. Any thread.
  void post(WriteJob job, std::function<void(std::optional<Error>)> done);

  Health health() const;
  const Recovery& recovery() const;
  /// Copies the database to `file` while it is in use, and opens the copy to check it.
  Result<> backup(const std::filesystem::path& file);
  /// A keyed fingerprint of a secret value: equal values have equal ones, and nothing can be learnt from it without the key.
  std::string fingerprint(std::string_view value) const;

 private:
  template <class Op, class Answer>
  struct Kept {
    explicit Kept(Op given) : op(std::move(given)) {}
    Op op;
    std::optional<Answer> value;
  };
  struct Impl;
  explicit Store(std::unique_ptr<Impl> impl);

  boost::asio::awaitable<std::optional<Error>> submit(WriteJob job);
  boost::asio::awaitable<std::optional<Error>> submit_read(ReadJob job);
  std::optional<Error> submit_and_wait(WriteJob job);
  std::optional<Error> read_and_wait(ReadJob job);

  std::unique_ptr<Impl> impl_;
};

}  // namespace sluice::store
