#include "server/store/admin.hpp"

#include "server/base/files.hpp"
#include "tests/server/store/fixture.hpp"

namespace sluice::store {

struct AdminTest : FolderTest {
  Admin admin() { return *Admin::open(folder); }
  static NewToken laptop() { return {.name = "laptop", .person = ann, .expires = {}}; }
};

TEST_F(AdminTest, MakesATokenBeforeTheFirstStart) {
  auto made = admin().create_token(laptop());
  ASSERT_TRUE(made) << made.error().what;
  auto store = Store::open(options());
  ASSERT_TRUE(store) << store.error().what;
  EXPECT_EQ((*store)->read_now([&](const Reader& r) { return r.authenticate(made->text.reveal()); })->person, ann);
}

TEST_F(AdminTest, MakesAndRevokesTokensBesideARunningDaemon) {
  auto store = *Store::open(options());
  auto made = admin().create_token(laptop());
  ASSERT_TRUE(made) << made.error().what;
  const auto use = [&] { return store->read_now([&](const Reader& r) { return r.authenticate(made->text.reveal()); }); };
  EXPECT_EQ(use()->id, made->record.id);
  EXPECT_EQ(admin().create_token(laptop()).error(),
            (Error{Errc::conflict, "conflict: there is a token named laptop; revoke it first, or choose another name"}));
  EXPECT_EQ(admin().tokens()->size(), 1u);
  ASSERT_TRUE(admin().revoke_token(made->record.id, "olga"));
  EXPECT_FALSE(use());
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder / "inbox"), {}), 0);
}

TEST_F(AdminTest, RequestsThatCannotBeReadAreAnsweredAndRemoved) {
  auto store = *Store::open(options());
  std::filesystem::create_directory(folder / "inbox");
  ASSERT_TRUE(write_file(folder / "inbox" / "1.request", "{\"action\":"));
  ASSERT_TRUE(write_file(folder / "inbox" / "2.request", "{}", 0644));
  std::filesystem::permissions(folder / "inbox" / "2.request", std::filesystem::perms(0644));
  ASSERT_TRUE(admin().create_token(laptop()));  // taken together with the others, or after them
  EXPECT_EQ(*read_file(folder / "inbox" / "1.answer", 1000), R"({"code":0,"error":"the request cannot be read"})");
  EXPECT_EQ(*read_file(folder / "inbox" / "2.answer", 1000),
            R"({"code":3,"error":"the request is not a private file of the data folder's owner"})");
  EXPECT_FALSE(std::filesystem::exists(folder / "inbox" / "1.request"));
}

TEST_F(AdminTest, LooksAtWhatIsThereOnly) {
  EXPECT_EQ(admin().tokens().error(),
            (Error{Errc::not_found, "there is no database in " + folder.string() + " yet; start sluice serve first"}));
}

TEST_F(AdminTest, VerifiesAndBacksUpBesideARunningDaemon) {
  auto store = *Store::open(options());
  ASSERT_TRUE(store->write_now([](Writer& w) { return w.audit_note("ann", "note", "", ""); }));
  EXPECT_EQ(admin().verify_audit()->rows, 1);
  ASSERT_TRUE(admin().backup(folder / "copy.db"));
  EXPECT_TRUE(std::filesystem::exists(folder / "copy.db"));
}

TEST_F(AdminTest, ReadsADeliveryWithTheKeyOnly) {
  auto store = *Store::open(options());
  ASSERT_TRUE(store->write_now([](Writer& w) { return w.insert_delivery(pushed("g1")); }));
  EXPECT_EQ(admin().delivery({1}, test_key)->body, pushed("g1").body);
  EXPECT_EQ(admin().delivery({1}, Secret("another key, also of thirty-two!")).error(),
            (Error{Errc::invalid, "deliveries 1: the sealed body cannot be opened: it was changed, or the key is another one"}));
}

}  // namespace sluice::store
