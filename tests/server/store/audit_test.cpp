#include <sqlite3.h>

#include "server/store/rows.hpp"
#include "tests/server/store/fixture.hpp"

namespace sluice::store {

/// A database closed properly, then changed by somebody with the file in hand.
struct AuditTest : FolderTest {
  void make() {
    auto store = Store::open(options());
    ASSERT_TRUE(store);
    for (int i = 0; i < 5; ++i) {
      ASSERT_TRUE((*store)->write_now([&](Writer& w) { return w.audit_note("ann", "note", "prod", "number " + std::to_string(i)); }));
    }
  }
  void tamper(const char* sql) {
    sqlite3* raw = nullptr;
    ASSERT_EQ(sqlite3_open(database().c_str(), &raw), SQLITE_OK);
    char* message = nullptr;
    EXPECT_EQ(sqlite3_exec(raw, sql, nullptr, nullptr, &message), SQLITE_OK) << message;
    sqlite3_close(raw);
  }
  AuditVerdict verify() {
    auto store = Store::open(options());
    EXPECT_TRUE(store);
    return *(*store)->read_now([](const Reader& r) { return r.verify_audit(); });
  }
};

TEST_F(AuditTest, ChainHoldsAcrossRestarts) {
  make();
  const auto verdict = verify();
  EXPECT_EQ(verdict.first_bad, std::nullopt);
  EXPECT_EQ(verdict.rows, 5);
  EXPECT_EQ(verdict.head.size(), 64u);
}

TEST_F(AuditTest, RowsCannotBeChangedOrRemovedBySql) {
  make();
  sqlite3* raw = nullptr;
  ASSERT_EQ(sqlite3_open(database().c_str(), &raw), SQLITE_OK);
  for (const char* sql : {"UPDATE audit SET actor = 'bob'", "DELETE FROM audit", "DELETE FROM audit WHERE sequence = 5"}) {
    EXPECT_EQ(sqlite3_exec(raw, sql, nullptr, nullptr, nullptr), SQLITE_CONSTRAINT);
    EXPECT_STREQ(sqlite3_errmsg(raw), "the audit is only added to");
  }
  sqlite3_close(raw);
}

TEST_F(AuditTest, NamesTheFirstRowThatWasChanged) {
  make();
  tamper("DROP TRIGGER audit_stays; UPDATE audit SET actor = 'bob' WHERE sequence = 3");
  const auto verdict = verify();
  EXPECT_EQ(verdict.first_bad, 3);
  EXPECT_EQ(verdict.problem, "the row, or one before it, was changed");
}

TEST_F(AuditTest, NamesTheRowThatIsMissingAlsoTheLast) {
  make();
  tamper("DROP TRIGGER audit_remains; DELETE FROM audit WHERE sequence = 2");
  EXPECT_EQ(verify().first_bad, 2);
  tamper("DELETE FROM audit WHERE sequence = 5");
  tamper("DELETE FROM audit WHERE sequence = 1");
  EXPECT_EQ(verify().first_bad, 1);
}

TEST_F(AuditTest, NoticesThatTheLastRowIsGone) {
  make();
  tamper("DROP TRIGGER audit_remains; DELETE FROM audit WHERE sequence = 5");
  const auto verdict = verify();
  EXPECT_EQ(verdict.first_bad, 5);
  EXPECT_EQ(verdict.problem, "the row is missing");
}

TEST_F(AuditTest, NoticesARowThatWasRewrittenTogetherWithItsHash) {
  make();
  std::vector<AuditRow> rows;
  {
    auto store = Store::open(options());
    rows = *(*store)->read_now([](const Reader& r) { return r.audit(0, 10); });
  }
  std::string previous(32, '\0');
  for (int i = 0; i < 2; ++i) previous = bytes_of(audit_hash(previous, rows.at(static_cast<std::size_t>(i))));
  AuditRow forged = rows.at(2);
  forged.actor = "bob";
  const std::string hash = to_hex(audit_hash(previous, forged));
  tamper(("DROP TRIGGER audit_stays; UPDATE audit SET actor = 'bob', hash = x'" + hash + "' WHERE sequence = 3").c_str());
  EXPECT_EQ(verify().first_bad, 4);
}

TEST_F(AuditTest, NoticesTwoRowsThatChangedPlaces) {
  make();
  tamper("DROP TRIGGER audit_stays; UPDATE audit SET sequence = 100 WHERE sequence = 2; UPDATE audit SET sequence = 2 WHERE sequence = 3; "
         "UPDATE audit SET sequence = 3 WHERE sequence = 100");
  EXPECT_EQ(verify().first_bad, 2);
}

}  // namespace sluice::store
