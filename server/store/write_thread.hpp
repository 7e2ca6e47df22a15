#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "server/store/folder.hpp"
#include "server/store/store.hpp"

namespace sluice::store {

/// The one thread that writes: collects operations into batches, commits each batch once, then releases the answers.
class WriteThread {
 public:
  struct Job {
    Store::WriteJob run;
    std::function<void(std::optional<Error>)> done;
  };

  /// `folder` is nothing for a database in memory.
  WriteThread(std::unique_ptr<Connection> database, const Sealer& sealer, const Options& options, Folder* folder,
              std::function<void()> hourly);
  ~WriteThread();
  WriteThread(const WriteThread&) = delete;
  WriteThread& operator=(const WriteThread&) = delete;

  /// False once stop() has begun.
  bool post(Job job);
  /// Does what is queued, checkpoints, joins.
  void stop();
  Health health() const;

 private:
  void run();
  std::vector<Job> next_batch();
  void do_batch(std::vector<Job> batch);
  void commit_batch(std::vector<Job>& batch, std::vector<std::optional<Error>>& failures);
  std::optional<Error> run_job(Job& job);
  void give_up(const StorageError& error);
  void look_after_space();
  void look_into_inbox();
  void try_writing();
  void checkpoint(int mode);
  void checkpoint_if_large();

  std::unique_ptr<Connection> database_;
  Writer writer_;
  const Options& options_;
  Folder* folder_;
  std::function<void()> hourly_;

  mutable std::mutex guard_;
  std::condition_variable changed_;
  std::deque<Job> queue_;
  Health health_;
  bool stopping_ = false;

  std::size_t last_batch_ = 0;        // the thread's own from here
  MonotonicTime looked_{};
  MonotonicTime hour_began_{};
  bool was_full_ = false;
  std::string write_problem_;         // why the last batch could not be stored; empty once one was
  std::uint64_t wal_bytes_ = 0;       // of the log of changes since it last began anew
  std::thread thread_;
};

}  // namespace sluice::store
