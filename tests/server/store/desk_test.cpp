#include "tests/server/store/fixture.hpp"

namespace sluice::store {

struct TokenTest : StoreTest {
  Result<CreatedToken> make(std::string name, std::optional<WallTime> expires = std::nullopt) {
    return write([&](Writer& w) { return w.create_token({.name = name, .person = ann, .expires = expires}); });
  }
  Result<Token> use(const std::string& text) {
    return store->read_now([&](const Reader& r) { return r.authenticate(text); });
  }
};

static const Error refused{Errc::denied, "not-authenticated: the token is not known, expired or revoked"};

TEST_F(TokenTest, LetsItsPersonInUntilItIsRevoked) {
  const auto token = make("laptop");
  ASSERT_TRUE(token);
  const std::string text = token->text.reveal();
  EXPECT_EQ(text.size(), 68u);
  EXPECT_EQ(text.substr(0, 4), "slc_");
  EXPECT_EQ(use(text)->person, ann);
  EXPECT_EQ(use(text + "x").error(), refused);
  EXPECT_EQ(use("").error(), refused);
  ASSERT_TRUE(write([&](Writer& w) { return w.revoke_token(token->record.id, "olga"); }));
  EXPECT_EQ(use(text).error(), refused);
  EXPECT_EQ(write([&](Writer& w) { return w.revoke_token(token->record.id, "olga"); }).error(),
            (Error{Errc::not_found, "not-found: there is no token 1 in force"}));
}

TEST_F(TokenTest, EndsAtItsExpiry) {
  const auto token = make("laptop", time.clock().wall() + 1h);
  time.advance(1h - 1ms);
  EXPECT_TRUE(use(token->text.reveal()));
  time.advance(1ms);
  EXPECT_EQ(use(token->text.reveal()).error(), refused);
}

TEST_F(TokenTest, HasANameOfItsOwnAndARole) {
  ASSERT_TRUE(make("laptop"));
  EXPECT_EQ(make("laptop").error(),
            (Error{Errc::conflict, "conflict: there is a token named laptop; revoke it first, or choose another name"}));
  EXPECT_EQ(make("").error(), (Error{Errc::invalid, "a token needs a name of 1 to 255 bytes"}));
  EXPECT_EQ(write([&](Writer& w) { return w.create_token({.name = "x", .person = {}, .expires = {}}); }).error(),
            (Error{Errc::invalid, "a token needs a role: viewer, approver, operator or admin"}));
}

TEST_F(TokenTest, NotesItsLastUseOnceAMinute) {
  const auto id = make("laptop")->record.id;
  const auto last_use = [&] { return store->read_now([](const Reader& r) { return r.tokens(); })->at(0).last_used; };
  EXPECT_EQ(last_use(), std::nullopt);
  ASSERT_TRUE(write([&](Writer& w) { return w.touch_token(id); }));
  const auto first = last_use();
  time.advance(30s);
  ASSERT_TRUE(write([&](Writer& w) { return w.touch_token(id); }));
  EXPECT_EQ(last_use(), first);
  time.advance(31s);
  ASSERT_TRUE(write([&](Writer& w) { return w.touch_token(id); }));
  EXPECT_NE(last_use(), first);
}

struct LockTest : StoreTest {};

TEST_F(LockTest, IsTakenOnceWithAReason) {
  const auto lock = [](const Person& by, std::string reason) {
    return [by, reason](Writer& w) { return w.lock_environment("prod", reason, by); };
  };
  EXPECT_EQ(write(lock(olga, "")).error(), (Error{Errc::invalid, "request-malformed: reason: a lock says why"}));
  EXPECT_EQ(write(lock(ann, "x")).error(), (Error{Errc::denied, "not-permitted: this needs the role operator in environment prod"}));
  EXPECT_TRUE(write(lock(olga, "moving house")));
  EXPECT_EQ(write(lock(olga, "again")).error(),
            (Error{Errc::conflict, "conflict: olga locked environment prod already: moving house"}));
  EXPECT_EQ(store->read_now([](const Reader& r) { return r.locks(); })->at(0).reason, "moving house");
}

struct OutboxTest : StoreTest {};

TEST_F(OutboxTest, SendsEachMessageOnceAndComesBackToWhatFailed) {
  const auto add = [](Writer& w) {
    return w.enqueue_message({.kind = "status", .natural_key = "status:1:succeeded", .deployment = {}, .target = "t", .body = "b"});
  };
  ASSERT_TRUE(write(add));
  ASSERT_TRUE(write(add));
  const auto due = [&] { return *write([](Writer& w) { return w.due_messages(10); }); };
  ASSERT_EQ(due().size(), 1u);
  ASSERT_TRUE(write([&](Writer& w) { return w.message_failed(1, 30s, false); }));
  EXPECT_EQ(due().size(), 0u);
  time.advance(30s);
  ASSERT_EQ(due().size(), 1u);
  EXPECT_EQ(due()[0].attempts, 1);
  ASSERT_TRUE(write([&](Writer& w) { return w.message_sent(1, "99"); }));
  EXPECT_EQ(due().size(), 0u);
}

}  // namespace sluice::store
