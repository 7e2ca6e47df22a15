#include "server/store/write_thread.hpp"

#include <pthread.h>

#include "server/base/failpoint.hpp"
#include "server/base/log.hpp"
#include "server/store/inbox.hpp"

namespace sluice::store {

using namespace std::chrono_literals;

static constexpr Logger log{"store"};
static constexpr std::size_t batch_limit = 64;
static constexpr auto batch_time = 2ms;
static constexpr auto look_every = 1s;
static constexpr std::uint64_t wal_checkpoint = 16 << 20;
static constexpr std::uint64_t wal_forced = 256 << 20;

WriteThread::WriteThread(std::unique_ptr<Connection> database, const Sealer& sealer, const Options& options, Folder* folder,
                         std::function<void()> hourly)
    : database_(std::move(database)), writer_(*database_, sealer, options.clock), options_(options), folder_(folder), hourly_(std::move(hourly)),
      hour_began_(options.clock.monotonic()) {
  const auto note_size = [](void* size, sqlite3*, const char*, int pages) {
    *static_cast<std::uint64_t*>(size) = static_cast<std::uint64_t>(pages) * 4096;
    return SQLITE_OK;
  };
  sqlite3_wal_hook(database_->handle(), note_size, &wal_bytes_);
  look_after_space();
  thread_ = std::thread([this] { run(); });
  pthread_setname_np(thread_.native_handle(), "store-write");
}

WriteThread::~WriteThread() { stop(); }

bool WriteThread::post(Job job) {
  {
    const std::lock_guard lock{guard_};
    if (stopping_) return false;
    queue_.push_back(std::move(job));
  }
  changed_.notify_one();
  return true;
}

void WriteThread::stop() {
  {
    const std::lock_guard lock{guard_};
    stopping_ = true;
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
}

Health WriteThread::health() const {
  const std::lock_guard lock{guard_};
  Health out = health_;
  out.queued = queue_.size();
  return out;
}

void WriteThread::run() {
  while (true) {
    auto batch = next_batch();
    if (!batch.empty()) {
      do_batch(std::move(batch));
    } else {
      const std::lock_guard lock{guard_};
      if (stopping_ && queue_.empty()) break;
    }
    if (options_.clock.monotonic() - looked_ >= look_every) {
      look_after_space();
      look_into_inbox();
      if (!write_problem_.empty()) try_writing();
    }
    if (options_.clock.monotonic() - hour_began_ >= 1h) {
      hour_began_ = options_.clock.monotonic();
      hourly_();
    }
  }
  checkpoint(SQLITE_CHECKPOINT_TRUNCATE);
}

/// Up to 64 operations. Waits for more, 2 ms at most, only while others came together lately: one alone is not held up.
std::vector<WriteThread::Job> WriteThread::next_batch() {
  std::unique_lock lock{guard_};
  changed_.wait_for(lock, look_every, [this] { return stopping_ || !queue_.empty(); });
  if (!queue_.empty() && last_batch_ > 1 && queue_.size() < batch_limit) {
    changed_.wait_for(lock, batch_time, [this] { return stopping_ || queue_.size() >= batch_limit; });
  }
  std::vector<Job> batch;
  while (!queue_.empty() && batch.size() < batch_limit) {
    batch.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  return batch;
}

void WriteThread::do_batch(std::vector<Job> batch) {
  last_batch_ = batch.size();
  std::vector<std::optional<Error>> failures(batch.size());
  const std::int64_t changes_before = database_->changes();
  commit_batch(batch, failures);
  // who looks for work because of this may only look: waking after that too would never end
  if (options_.on_commit && database_->changes() != changes_before) options_.on_commit();
  for (std::size_t i = 0; i < batch.size(); ++i) batch[i].done(std::move(failures[i]));
  checkpoint_if_large();
}

static void fail_all(std::vector<std::optional<Error>>& failures, const Error& error) {
  for (auto& one : failures) one = error;
}

/// Passes the failpoints `step` of the operations that asked for it; the first planted error.
static std::optional<Error> pass(const std::vector<std::string_view>& marks, std::string_view step) {
  std::optional<Error> planted = failpoint("store." + std::string(step));
  for (const std::string_view mark : marks) {
    auto more = failpoint(std::string(mark) + "." + std::string(step));
    if (!planted) planted = std::move(more);
  }
  return planted;
}

void WriteThread::commit_batch(std::vector<Job>& batch, std::vector<std::optional<Error>>& failures) {
  if (auto planted = failpoint("store.before_begin")) return fail_all(failures, *planted);
  bool committing = false;
  const std::int64_t changes_before = database_->changes();
  std::vector<std::string_view> marks;
  try {
    Transaction transaction{*database_};
    for (std::size_t i = 0; i < batch.size(); ++i) failures[i] = run_job(batch[i]);
    marks = writer_.take_marks();
    if (auto planted = pass(marks, "before_commit")) return fail_all(failures, *planted);
    committing = true;
    const bool writes = database_->changes() != changes_before;
    transaction.commit();
    if (writes && !write_problem_.empty()) {
      write_problem_.clear();
      look_after_space();
    }
  } catch (const StorageError& error) {
    writer_.take_marks();
    give_up(error);
    const bool unknown = committing && error.kind != StorageError::Kind::full;
    return fail_all(failures, unknown ? Error{Errc::unavailable, "outcome-unknown: the storage failed while it was being written; "
                                                                 "sending it again is safe"}
                                      : to_error(error));
  }
  pass(marks, "after_commit");
}

/// One operation in a savepoint of its own. What it could not do is its answer; only a lost transaction concerns the others.
std::optional<Error> WriteThread::run_job(Job& job) {
  std::optional<Error> failed;
  try {
    Savepoint savepoint{*database_};
    if (job.run(writer_)) savepoint.keep();
  } catch (const StorageError& error) {
    if (error.kind != StorageError::Kind::failed || !database_->in_transaction()) throw;
    log.error("storage operation failed error={}", error.text);
    failed = to_error(error);
  } catch (const std::exception& error) {
    log.error("storage operation failed error={}", error.what());
    failed = Error{Errc::unavailable, "storage-failed: " + std::string(error.what())};
  }
  writer_.write_refusals();
  return failed;
}

/// A failed flush or a damaged file ends the process before anything is answered; the rest ends this batch.
void WriteThread::give_up(const StorageError& error) {
  if (error.is_fatal()) {
    log.error("storage can no longer be trusted, ending error={}", error.text);
    if (folder_) ask_for_check(folder_->path());
    options_.fatal(ExitCode::storage);
    return;
  }
  log.error("batch not stored error={}", error.text);
  write_problem_ = to_error(error).what;
  if (error.kind == StorageError::Kind::full && folder_) {
    was_full_ = true;
    folder_->release_ballast();
  }
  look_after_space();
}

void WriteThread::look_after_space() {
  looked_ = options_.clock.monotonic();
  if (!folder_) return;
  Health health;
  health.free_bytes = folder_->free_bytes();
  health.wal_bytes = folder_->wal_bytes();
  if (was_full_ && health.free_bytes > Folder::planning_floor) was_full_ = false;
  health.takes_deliveries = !was_full_ && health.free_bytes >= Folder::intake_floor;
  health.takes_plans = health.takes_deliveries && health.free_bytes >= Folder::planning_floor;
  if (!health.takes_deliveries) health.problem = "storage-full: there is no room on the data folder's disk";
  const std::string closed = health.problem;
  if (closed.empty()) health.problem = write_problem_;
  if (health.takes_plans && !folder_->has_ballast()) folder_->make_ballast();
  writer_.close_intake(closed);
  {
    const std::lock_guard lock{guard_};
    if (health.problem != health_.problem) {
      health.problem.empty() ? log.info("storage is well again free={}", health.free_bytes)
                             : log.error("storage is not well problem={} free={}", health.problem, health.free_bytes);
    }
    health_ = health;
  }
}

/// After writing failed nobody may want to write for long: this finds out whether it works again.
void WriteThread::try_writing() {
  const auto run = [this](Writer&) { return database_->run("UPDATE cursors SET sequence = sequence") > 0; };
  std::vector<Job> batch;
  batch.push_back({.run = run, .done = [](std::optional<Error>) {}});
  do_batch(std::move(batch));
}

/// What commands left in the folder while this process holds it.
void WriteThread::look_into_inbox() {
  if (!folder_) return;
  for (Waiting& one : read_inbox(folder_->path())) {
    Result<Token> outcome = Error{Errc::unavailable, "not done"};
    const auto run = [&](Writer& writer) {
      outcome = one.request ? apply(writer, *one.request) : Result<Token>(one.request.error());
      return outcome.has_value();
    };
    const auto done = [&](std::optional<Error> failed) {
      if (failed) outcome = std::move(*failed);
      if (!outcome) log.warn("request of a command refused error={}", outcome.error().what);
      answer(one.file, outcome);
    };
    std::vector<Job> batch;
    batch.push_back({.run = run, .done = done});
    do_batch(std::move(batch));
  }
}

void WriteThread::checkpoint_if_large() {
  if (wal_bytes_ < wal_checkpoint) return;
  // PASSIVE leaves alone what a reader still looks at; past the forced size the writer waits for the readers
  checkpoint(wal_bytes_ >= wal_forced ? SQLITE_CHECKPOINT_RESTART : SQLITE_CHECKPOINT_PASSIVE);
}

/// Copies the log of changes back into the database. This connection is the only one that does.
void WriteThread::checkpoint(int mode) {
  if (!folder_) return;
  failpoint("checkpoint.before");
  const int code = sqlite3_wal_checkpoint_v2(database_->handle(), nullptr, mode, nullptr, nullptr);
  if (code != SQLITE_OK && (code & 0xff) != SQLITE_BUSY) give_up({classify(code), sqlite3_errmsg(database_->handle())});
  failpoint("checkpoint.after");
}

}  // namespace sluice::store
