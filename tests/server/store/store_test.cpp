#include "server/store/store.hpp"

#include <gmock/gmock.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <fstream>
#include <future>
#include <thread>

#include "server/base/failpoint.hpp"
#include "server/base/files.hpp"
#include "server/store/folder.hpp"
#include "server/store/sqlite.hpp"
#include "tests/server/store/fixture.hpp"

namespace sluice::store {

namespace fs = std::filesystem;

struct StoreOnDisk : FolderTest {
  std::unique_ptr<Store> open() {
    auto store = Store::open(options());
    EXPECT_TRUE(store) << (store ? "" : store.error().what);
    return std::move(*store);
  }
  static Result<InsertedDelivery> insert(Store& store, std::string guid) {
    return store.write_now([&](Writer& w) { return w.insert_delivery(pushed(guid)); });
  }
  void TearDown() override {
#ifdef SLUICE_FAILPOINTS
    EXPECT_TRUE(set_failpoints(""));
#endif
    FolderTest::TearDown();
  }
};

TEST_F(StoreOnDisk, KeepsWhatItAnsweredFor) {
  ASSERT_TRUE(insert(*open(), "g1"));
  EXPECT_EQ(insert(*open(), "g1")->how, Insertion::duplicate);
}

TEST_F(StoreOnDisk, LetsOneProcessInAtATime) {
  auto first = open();
  EXPECT_EQ(Store::open(options()).error(),
            (Error{Errc::unavailable, "the data folder " + folder.string() + " is in use by another sluice; stop that one first"}));
  first.reset();
  EXPECT_TRUE(Store::open(options()));
}

TEST_F(StoreOnDisk, ReadsOnAConnectionOfItsOwnWhatIsDurable) {
  auto store = open();
  const auto id = insert(*store, "g1")->id;
  EXPECT_EQ(store->read_now([&](const Reader& r) { return r.delivery(id); })->guid, "g1");
}

TEST_F(StoreOnDisk, HasNoBodyInClearInAnyFile) {
  {
    auto store = open();
    auto delivery = pushed("g1", "", "{\"canary\":\"c4n4ry-in-the-body\"}");
    ASSERT_TRUE(store->write_now([&](Writer& w) { return w.insert_delivery(delivery); }));
    for (const auto& entry : fs::directory_iterator(folder)) {
      const auto bytes = read_file(entry.path(), 64 << 20);
      ASSERT_TRUE(bytes);
      EXPECT_EQ(bytes->find("c4n4ry"), std::string::npos) << entry.path();
      EXPECT_EQ(fs::status(entry.path()).permissions() & (fs::perms::group_all | fs::perms::others_all), fs::perms::none) << entry.path();
    }
  }
}

TEST_F(StoreOnDisk, RefusesAnotherKeyAndATooShortOne) {
  open();
  auto other = options();
  other.key = Secret("another key, also of thirty-two!");
  EXPECT_EQ(Store::open(other).error(),
            (Error{Errc::invalid, "the store's key is not the one this database was made with; give the old key back to its credential"}));
  other.key = Secret("short");
  EXPECT_EQ(Store::open(other).error(),
            (Error{Errc::invalid, "the store's key has 5 characters, expected at least 32 random ones"}));
}

TEST_F(StoreOnDisk, RefusesAFileThatIsNoDatabase) {
  ASSERT_TRUE(prepare_data_folder(folder));
  ASSERT_TRUE(write_file(database(), std::string(8192, 'x')));
  const auto opened = Store::open(options());
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error(),
            (Error{Errc::invalid, "sluice.db is damaged or no database: file is not a database (26); restore it from a backup"}));
}

TEST_F(StoreOnDisk, BacksUpWhileItIsInUseAndNeverOverAFile) {
  auto store = open();
  ASSERT_TRUE(insert(*store, "g1"));
  const auto copy = folder / "copy.db";
  ASSERT_TRUE(store->backup(copy));
  EXPECT_EQ(store->backup(copy).error(), (Error{Errc::conflict, copy.string() + " exists already; name a new file"}));
  store.reset();
  for (const char* end : {"", "-wal", "-shm"}) fs::remove(database().string() + end);
  fs::rename(copy, database());
  EXPECT_EQ(insert(*open(), "g1")->how, Insertion::duplicate);
}

TEST_F(StoreOnDisk, KeepsADailyBackup) {
  HandClock time;
  auto given = options();
  given.clock = time.clock();
  auto store = Store::open(given);
  ASSERT_TRUE(store);
  ASSERT_TRUE(insert(**store, "g1"));
  EXPECT_FALSE(fs::exists(folder / "backup.db"));
  time.advance(61min);
  ASSERT_TRUE(insert(**store, "g2"));  // wakes the thread, which looks at the clock after it
  store->reset();                      // finishes the copy
  ASSERT_TRUE(fs::exists(folder / "backup.db"));
  auto copy = Connection::open(folder / "backup.db", Access::read);
  ASSERT_TRUE(copy);
  EXPECT_GE((*copy)->ask("SELECT count(*) FROM deliveries"), 1);
}

TEST_F(StoreOnDisk, UndoesOneOperationOfABatchAndKeepsTheOthers) {
  auto store = open();
  std::atomic<int> done = 0;
  for (int i = 0; i < 20; ++i) {
    store->post(
        [i](Writer& w) {
          auto inserted = w.insert_delivery(pushed("g" + std::to_string(i)));
          return inserted.has_value() && i % 2 == 0;
        },
        [&done](std::optional<Error> failed) { done += failed ? 100 : 1; });
  }
  for (int i = 0; i < 20; ++i) EXPECT_EQ(insert(*store, "g" + std::to_string(i))->how, i % 2 == 0 ? Insertion::duplicate : Insertion::stored);
  EXPECT_EQ(done, 20);
}

TEST_F(StoreOnDisk, AnswersCoroutinesOnTheirOwnThread) {
  auto store = open();
  boost::asio::io_context context;
  std::thread::id resumed_on;
  std::optional<Delivery> found;
  auto task = [&]() -> boost::asio::awaitable<void> {
    auto inserted = co_await store->write(&Writer::insert_delivery, pushed("g1"));
    resumed_on = std::this_thread::get_id();
    const DeliveryId id = inserted->id;
    auto one = co_await store->read(&Reader::delivery, id);
    if (one) found = *one;
  };
  boost::asio::co_spawn(context, task, [](std::exception_ptr thrown) { EXPECT_EQ(thrown, nullptr); });
  context.run();
  EXPECT_EQ(resumed_on, std::this_thread::get_id());
  ASSERT_TRUE(found);
  EXPECT_EQ(found->guid, "g1");
}

TEST_F(StoreOnDisk, TellsAfterEachBatch) {
  std::atomic<int> batches = 0;
  auto given = options();
  given.on_commit = [&batches] { ++batches; };
  auto store = Store::open(given);
  ASSERT_TRUE(store);
  const int before = batches;
  ASSERT_TRUE(insert(**store, "g1"));
  store->reset();
  EXPECT_EQ(batches, before + 1);
}

TEST_F(StoreOnDisk, TellsNobodyOfABatchThatChangedNothing) {
  std::atomic<int> batches = 0;
  auto given = options();
  given.on_commit = [&batches] { ++batches; };
  auto store = Store::open(given);
  ASSERT_TRUE(store);
  const int before = batches;
  ASSERT_TRUE((*store)->write_now([](Writer& writer) { return writer.claim_deliveries(16); }));
  store->reset();
  EXPECT_EQ(batches, before);
}

#ifdef SLUICE_FAILPOINTS
TEST_F(StoreOnDisk, AnswersNothingAsStoredWhenTheBatchCouldNotBegin) {
  auto store = open();
  for (const std::string point : {"store.before_begin", "store.after_insert", "store.before_commit"}) {
    ASSERT_TRUE(set_failpoints(point + "=error:ENOSPC"));
    EXPECT_EQ(insert(*store, "g1").error(), (Error{Errc::unavailable, "failpoint " + point + ": ENOSPC"}));
    ASSERT_TRUE(set_failpoints(""));
  }
  EXPECT_EQ(insert(*store, "g1")->how, Insertion::stored);
}
#endif

/// Bytes flipped all over a database: sluice refuses with a clear text or answers rightly, and never crashes or lies.
TEST_F(StoreOnDisk, RefusesOrSurvivesAnyDamagedByte) {
  const std::string body = "{\"n\":\"" + std::string(3000, 'b') + "\"}";
  {
    auto store = open();
    for (int i = 0; i < 30; ++i) {
      ASSERT_TRUE(store->write_now([&](Writer& w) { return w.insert_delivery(pushed("g" + std::to_string(i), "", body)); }));
    }
  }
  const auto whole = *read_file(database(), 64 << 20);
  int refused = 0;
  int answered = 0;
  for (std::size_t at = 13; at < whole.size(); at += 997) {
    auto damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x41);
    for (const char* end : {"", "-wal", "-shm"}) fs::remove(database().string() + end);
    ASSERT_TRUE(write_file(database(), damaged));
    auto given = options();
    int exits = 0;
    given.fatal = [&exits](ExitCode) { ++exits; };
    auto store = Store::open(given);
    if (!store) {
      EXPECT_FALSE(store.error().what.empty());
      ++refused;
      continue;
    }
    for (int i = 1; i <= 30; ++i) {
      auto one = (*store)->read_now([&](const Reader& r) { return r.delivery({i}); });
      if (!one || !one->body) continue;
      EXPECT_EQ(*one->body, body) << "wrong data after a flip at " << at;
      ++answered;
    }
  }
  EXPECT_GT(refused, 0);
  EXPECT_GT(answered, 0);
}

TEST_F(StoreOnDisk, ThatIsLargeIsLookedAtWhileItIsInUseAndEndsWhenItIsDamaged) {
  {
    auto store = open();
    for (int i = 0; i < 40; ++i) {
      const auto big = pushed("g" + std::to_string(i), "", std::string(250'000, 'b'));
      ASSERT_TRUE(store->write_now([&](Writer& w) { return w.insert_delivery(big); }));
    }
  }
  auto damaged = *read_file(database(), 64 << 20);
  ASSERT_GT(damaged.size(), checked_at_once);
  for (std::size_t page = damaged.size() / 4096 / 2; page < damaged.size() / 4096; ++page) {  // chains of long bodies lead nowhere
    damaged.replace(page * 4096, 4, std::string("\x7f\xff\xff\xff", 4));
  }
  ASSERT_TRUE(write_file(database(), damaged));
  std::promise<ExitCode> ended;
  auto with = options();
  with.fatal = [&ended](ExitCode code) { ended.set_value(code); };
  auto store = Store::open(std::move(with));
  ASSERT_TRUE(store) << store.error().what;
  auto end = ended.get_future();
  ASSERT_EQ(end.wait_for(60s), std::future_status::ready);
  EXPECT_EQ(end.get(), ExitCode::storage);
  store->reset();
  auto again = Store::open(options());
  ASSERT_FALSE(again);
  EXPECT_THAT(again.error().what, testing::StartsWith("the database is damaged: "));
  EXPECT_THAT(again.error().what, testing::EndsWith("; restore it from a backup"));
}

TEST_F(StoreOnDisk, IsLookedAtWholeAfterItCouldNotBeTrustedAndOpensWhenItIsWell) {
  ASSERT_TRUE(insert(*open(), "g1"));
  ask_for_check(folder);
  ASSERT_TRUE(fs::exists(folder / "check"));
  auto store = open();
  EXPECT_EQ(store->read_now([](const Reader& r) { return r.delivery({1}); })->guid, "g1");
  EXPECT_FALSE(fs::exists(folder / "check"));
}

TEST_F(StoreOnDisk, RecoversFromALogThatWasCutAnywhere) {
  {
    auto store = open();
    for (int i = 0; i < 10; ++i) ASSERT_TRUE(insert(*store, "g" + std::to_string(i)));
    // as a crash leaves them: nothing was copied back yet
    fs::create_directory(folder / "crash");
    for (const char* end : {"", "-wal"}) fs::copy_file(database().string() + end, folder / "crash" / ("sluice.db" + std::string(end)));
  }
  const auto log = *read_file(folder / "crash" / "sluice.db-wal", 64 << 20);
  ASSERT_GT(log.size(), 10000u);
  for (std::size_t size = 0; size <= log.size(); size += 1500) {
    for (const char* end : {"", "-wal", "-shm"}) fs::remove(database().string() + end);
    fs::copy_file(folder / "crash" / "sluice.db", database());
    ASSERT_TRUE(write_file(database().string() + "-wal", log.substr(0, size)));
    auto store = Store::open(options());
    ASSERT_TRUE(store) << store.error().what;
    bool gone = false;  // what is there is a prefix of what was written
    for (int i = 1; i <= 10; ++i) {
      const bool here = (*store)->read_now([&](const Reader& r) { return r.delivery({i}); }).has_value();
      EXPECT_FALSE(here && gone) << "delivery " << i << " without the one before, log cut at " << size;
      gone = gone || !here;
    }
  }
}

}  // namespace sluice::store
