#include "server/store/migrations.hpp"

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

#ifdef SLUICE_FAILPOINTS
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
