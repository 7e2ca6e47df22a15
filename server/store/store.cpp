#include "server/store/store.hpp"

#include <sqlite3.h>

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <atomic>
#include <csignal>
#include <future>

#include "server/base/log.hpp"
#include "server/store/folder.hpp"
#include "server/store/sealer.hpp"
#include "server/store/write_thread.hpp"
#include "server/task/work_thread.hpp"

namespace sluice::store {

namespace asio = boost::asio;

static constexpr Logger log{"store"};
static constexpr std::size_t key_size = 32;

struct Store::Impl {
  explicit Impl(Options given) : options(std::move(given)), sealer(options.key) {}

  Options options;
  Sealer sealer;
  std::optional<Folder> folder;
  std::unique_ptr<WriteThread> writing;
  std::unique_ptr<Connection> read_connection;  // none in memory: the writing thread reads there
  std::unique_ptr<Reader> reader;
  std::unique_ptr<WorkThread> reading;
  std::unique_ptr<WorkThread> caring;  // the daily backup, which takes its time
  std::atomic<bool> leaving{false};
  Recovery recovery;

  /// What opening has not looked at because it is large.
  void check_in_use_soon();
  /// Runs `job` where reading is done, then calls `done`.
  void read(ReadJob job, std::function<void(std::optional<Error>)> done);
};

static Error stopped() { return {Errc::cancelled, "the store is closed"}; }

static std::optional<Error> run_read(const Reader& reader, const Store::ReadJob& job, const Options& options) {
  try {
    job(reader);
    return std::nullopt;
  } catch (const StorageError& error) {
    log.error("read failed error={}", error.text);
    if (error.is_fatal()) options.fatal(ExitCode::storage);
    return to_error(error);
  } catch (const std::exception& error) {
    log.error("read failed error={}", error.what());
    return Error{Errc::unavailable, "storage-failed: " + std::string(error.what())};
  }
}

void Store::Impl::read(ReadJob job, std::function<void(std::optional<Error>)> done) {
  if (!reading) {
    auto as_write = [job](Writer& writer) {
      job(writer);
      return true;
    };
    if (!writing->post({.run = std::move(as_write), .done = done})) done(stopped());
    return;
  }
  auto work = [this, job = std::move(job), done] { done(run_read(*reader, job, options)); };
  if (!reading->post(std::move(work))) done(stopped());
}

void Store::Impl::check_in_use_soon() {
  caring->post([this] {
    const std::string found = check_in_use(folder->database(), leaving);
    if (found.empty() || found == "ok") return;
    log.error("the database is damaged, ending; restore it from a backup error={}", found);
    ask_for_check(folder->path());
    options.fatal(ExitCode::storage);
  });
}

// ---- opening and closing ---------------------------------------------------------------------------------------------

Store::Store(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Store::~Store() {
  impl_->leaving = true;
  if (impl_->reading) impl_->reading->stop();
  if (impl_->writing) impl_->writing->stop();
  if (impl_->caring) impl_->caring->stop();
}

static Result<> check_key(const Secret& key) {
  if (key.reveal().size() >= key_size) return {};
  return Error{Errc::invalid, "the store's key has " + std::to_string(key.reveal().size()) + " characters, expected at least 32 random ones"};
}

Result<std::unique_ptr<Store>> Store::open(Options options) {
  if (auto checked = check_key(options.key); !checked) return std::move(checked).error();
  std::signal(SIGXFSZ, SIG_IGN);  // a limit on file sizes then is an error like a full disk
  auto impl = std::make_unique<Impl>(std::move(options));
  std::filesystem::path file = ":memory:";
  if (!impl->options.in_memory) {
    auto folder = Folder::take(impl->options.folder);
    if (!folder) return std::move(folder).error();
    impl->folder.emplace(std::move(*folder));
    file = impl->folder->database();
  }
  auto database = open_database(file, impl->sealer);
  if (!database) return std::move(database).error();
  if (impl->folder) {
    auto reading = Connection::open(file, Access::read);
    if (!reading) return std::move(reading).error();
    impl->read_connection = std::move(*reading);
    impl->reader = std::make_unique<Reader>(*impl->read_connection, impl->sealer, impl->options.clock);
    impl->reading = std::make_unique<WorkThread>("store-read");
  }
  Folder* kept = impl->folder ? &*impl->folder : nullptr;
  if (kept) impl->caring = std::make_unique<WorkThread>("store-care");
  const auto back_up = [kept] {
    if (auto done = keep_backup(*kept); !done) log.error("no daily backup error={}", done.error().what);
  };
  const auto hourly = [caring = impl->caring.get(), back_up] {
    if (caring) caring->post(back_up);
  };
  impl->writing = std::make_unique<WriteThread>(std::move(*database), impl->sealer, impl->options, kept, hourly);
  if (kept && std::filesystem::file_size(file) > checked_at_once) impl->check_in_use_soon();
  std::unique_ptr<Store> store{new Store(std::move(impl))};
  auto recovered = store->write_now([](Writer& writer) { return writer.recover(); });
  if (!recovered) return std::move(recovered).error().during("recovering");
  store->impl_->recovery = *recovered;
  log.info("store is open sqlite={} deliveries_returned={} plans_restarted={} pushes_interrupted={} poisoned={}", sqlite3_libversion(),
           recovered->deliveries_returned, recovered->plans_restarted, recovered->pushes_interrupted, recovered->poisoned);
  return store;
}

// ---- operations ------------------------------------------------------------------------------------------------------

void Store::post(WriteJob job, std::function<void(std::optional<Error>)> done) {
  if (!impl_->writing->post({.run = std::move(job), .done = done})) done(stopped());
}

/// Starts something that calls its argument once, from any thread; the coroutine goes on with the value on its own executor.
template <class Start>
static asio::awaitable<std::optional<Error>> resumed_by(Start start) {
  auto initiate = [&start](auto handler) {
    using Handler = decltype(handler);
    auto shared = std::make_shared<Handler>(std::move(handler));
    auto executor = asio::get_associated_executor(*shared);
    auto guard = asio::make_work_guard(executor);
    start([shared, executor, guard](std::optional<Error> failed) mutable {
      auto resume = [shared = std::move(shared), failed = std::move(failed)]() mutable { std::move (*shared)(std::move(failed)); };
      asio::post(executor, std::move(resume));
      guard.reset();
    });
  };
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<>&, void(std::optional<Error>)>(initiate, asio::use_awaitable);
}

asio::awaitable<std::optional<Error>> Store::submit(WriteJob job) {
  auto start = [this, &job](std::function<void(std::optional<Error>)> done) { post(std::move(job), std::move(done)); };
  co_return co_await resumed_by(std::move(start));
}

asio::awaitable<std::optional<Error>> Store::submit_read(ReadJob job) {
  auto start = [this, &job](std::function<void(std::optional<Error>)> done) { impl_->read(std::move(job), std::move(done)); };
  co_return co_await resumed_by(std::move(start));
}

std::optional<Error> Store::submit_and_wait(WriteJob job) {
  std::promise<std::optional<Error>> ended;
  post(std::move(job), [&ended](std::optional<Error> failed) { ended.set_value(std::move(failed)); });
  return ended.get_future().get();
}

std::optional<Error> Store::read_and_wait(ReadJob job) {
  std::promise<std::optional<Error>> ended;
  impl_->read(std::move(job), [&ended](std::optional<Error> failed) { ended.set_value(std::move(failed)); });
  return ended.get_future().get();
}

// ---- the rest --------------------------------------------------------------------------------------------------------

Health Store::health() const { return impl_->writing->health(); }
const Recovery& Store::recovery() const { return impl_->recovery; }
std::string Store::fingerprint(std::string_view value) const { return impl_->sealer.fingerprint(value); }

Result<> Store::backup(const std::filesystem::path& file) {
  if (!impl_->folder) return Error{Errc::unsupported, "a database in memory has no backup"};
  auto from = Connection::open(impl_->folder->database(), Access::read);
  if (!from) return std::move(from).error();
  return copy_database(**from, file);
}

}  // namespace sluice::store
