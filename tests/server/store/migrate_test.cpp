#include "server/store/migrations.hpp"

#include <csignal>

#include "server/base/failpoint.hpp"
#include "server/store/folder.hpp"
#include "tests/server/store/fixture.hpp"

namespace sluice::store {

struct MigrateTest : FolderTest {
  std::unique_ptr<Connection> memory() { return std::move(*Connection::open(":memory:", Access::write)); }
};

TEST_F(MigrateTest, AppliesEachFileFromTheOldestSchemaOn) {
  auto database = memory();
  for (std::size_t to = 1; to <= migrations().size(); ++to) {
    ASSERT_TRUE(migrate(*database, to));
    EXPECT_EQ(*schema_of(*database), to);
  }
  EXPECT_EQ(quick_check(*database), "ok");
}

TEST_F(MigrateTest, RefusesANewerSchema) {
  auto database = memory();
  ASSERT_TRUE(migrate(*database, migrations().size()));
  database->set_schema(migrations().size() + 1);
  const auto known = std::to_string(migrations().size());
  EXPECT_EQ(schema_of(*database).error(),
            (Error{Errc::invalid, "the database has schema " + std::to_string(migrations().size() + 1) + ", this version knows schemas up to " +
                                      known + "; start the newer sluice again, or restore the backup made before the upgrade"}));
}

TEST_F(MigrateTest, RefusesADatabaseOfAnotherProgram) {
  auto database = memory();
  database->run("CREATE TABLE cats (name TEXT)");
  EXPECT_EQ(schema_of(*database).error(), (Error{Errc::invalid, "the database was not made by sluice"}));
}

/// A database as version 0.1.0 with schema `number` has left it, with a row of each kind that refers to others.
static void leave_behind(const std::filesystem::path& file, std::size_t number) {
  std::filesystem::create_directories(file.parent_path());
  std::filesystem::permissions(file.parent_path(), std::filesystem::perms::owner_all);
  auto database = Connection::open(file, Access::write);
  ASSERT_TRUE(database);
  ASSERT_TRUE(migrate(**database, number));
  for (int i = 1; i <= 50; ++i) {
    (*database)->run(
        "INSERT INTO deployments (id, repository, environment, cluster, ref, commit_id, config_digest, trigger, title, initiator, initiator_id, "
        "state, created_ms, changed_ms) VALUES (?1, 'ann/web', 'prod', 'vps', 'main', 'c', 'd', 'push', 't', 'ann', 1, 'succeeded', 1, 1)", i);
    (*database)->run("INSERT INTO events (deployment, at_ms, kind, text) VALUES (?1, 1, 'state', 'succeeded')", i);
  }
  std::filesystem::permissions(file, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(MigrateTest, BringsEachEarlierSchemaUpWithItsRowsAfterABackup) {
  for (std::size_t from = 1; from < migrations().size(); ++from) {
    std::filesystem::remove_all(folder);
    leave_behind(database(), from);
    auto store = Store::open(options());
    ASSERT_TRUE(store) << store.error().what;
    const auto kept = (*store)->read_now([](const Reader& r) { return r.deployment({50}); });
    ASSERT_TRUE(kept);
    EXPECT_EQ(kept->state, State::succeeded);
    const auto told = (*store)->write_now([](Writer& w) { return w.announce([](auto&&...) { return std::vector<NewMessage>{}; }, 10); });
    EXPECT_EQ(*told, from < 3 ? 0 : 10) << "what happened before the upgrade is not told again";
    auto backup = Connection::open(folder / ("before-schema-" + std::to_string(migrations().size()) + ".db"), Access::read);
    ASSERT_TRUE(backup);
    EXPECT_EQ(*schema_of(**backup), from);
    EXPECT_EQ((*backup)->ask("SELECT count(*) FROM deployments"), 50);
  }
}

#ifdef SLUICE_FAILPOINTS
TEST_F(MigrateTest, IsWhollyDoneOrNotAtAllWhereverItEnds) {
  for (std::size_t step = 1; step < migrations().size(); ++step) {
    std::filesystem::remove_all(folder);
    leave_behind(database(), 1);
    const auto upgrade = [&] {
      static_cast<void>(set_failpoints("migrate.step=count:" + std::to_string(step) + ",kill"));
      static_cast<void>(Store::open(options()));
      std::_Exit(0);
    };
    EXPECT_EXIT(upgrade(), testing::KilledBySignal(SIGKILL), "");
    {
      auto old = Connection::open(database(), Access::read);
      ASSERT_TRUE(old);
      EXPECT_EQ(*schema_of(**old), 1u);
    }
    auto store = Store::open(options());
    ASSERT_TRUE(store) << store.error().what;
    EXPECT_TRUE((*store)->read_now([](const Reader& r) { return r.deployment({50}); }));
  }
}

TEST_F(MigrateTest, LeavesTheOldSchemaWhenAStepFails) {
  auto database = memory();
  ASSERT_TRUE(set_failpoints("migrate.step=error:EIO"));
  EXPECT_EQ(migrate(*database, 1).error().what, "failpoint migrate.step: EIO");
  ASSERT_TRUE(set_failpoints(""));
  EXPECT_EQ(*schema_of(*database), 0u);
  EXPECT_TRUE(migrate(*database, 1));
}
#endif

TEST_F(MigrateTest, NumbersTheFilesWithoutAGap) {
  std::size_t number = 0;
  for (const Migration& one : migrations()) {
    EXPECT_EQ(std::stoul(std::string(one.name.substr(0, 4))), ++number);
  }
}

}  // namespace sluice::store
