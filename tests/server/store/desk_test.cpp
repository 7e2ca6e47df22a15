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

struct OutboxTest : StoreTest {
  /// One message of each change, to two receivers; the states in the order in which they came.
  int announce(int limit = 100) {
    const Writer::MessageMaker make = [this](const Deployment& one, State to, const std::string& reason, std::int64_t sequence) {
      told += std::to_string(one.id.value) + " " + std::string(deployment::to_string(to)) + (reason.empty() ? "" : " (" + reason + ")") + "\n";
      std::vector<NewMessage> messages;
      for (const char* target : {"a", "b"})
        messages.push_back({.kind = "json", .natural_key = std::string(target) + std::to_string(sequence), .deployment = one.id, .target = target, .body = std::string(deployment::to_string(to))});
      return messages;
    };
    return *write([&](Writer& w) { return w.announce(make, limit); });
  }
  std::vector<Message> due() {
    return *write([](Writer& w) { return w.due_messages(10); });
  }
  std::string due_bodies() {
    std::string out;
    for (const auto& message : due()) out += message.target + ":" + message.body + " ";
    return out;
  }
  void move(DeploymentId id, State from, State to, const std::string& reason = "") {
    const Transition change{.deployment = id, .from = from, .to = to, .reason = reason, .by = "sluice", .fence = std::nullopt};
    ASSERT_TRUE(write([&](Writer& w) { return w.transition(change); }));
  }
  DeploymentId make() {
    return write([](Writer& w) { return w.create_deployment(wanted(std::string(40, 'a'), "prod")); })->id;
  }
  std::string told;
};

TEST_F(OutboxTest, HearsOfEveryChangeOfStateOnce) {
  const auto id = make();
  move(id, State::received, State::planning);
  EXPECT_EQ(announce(), 2);
  move(id, State::planning, State::plan_failed, "no such chart: web");
  EXPECT_EQ(announce(), 1);
  EXPECT_EQ(announce(), 0);
  EXPECT_EQ(told, "1 received\n1 planning\n1 plan_failed (no such chart: web)\n");
}

TEST_F(OutboxTest, GoesOnWhereItsLimitLeftIt) {
  const auto id = make();
  move(id, State::received, State::planning);
  const std::vector<NewEvent> lines{{id, "progress", "a line of the log"}};
  ASSERT_TRUE(write([&](Writer& w) { return w.append_events(lines); }));
  move(id, State::planning, State::no_changes);
  EXPECT_EQ(announce(1), 1);
  EXPECT_EQ(announce(1), 1);
  EXPECT_EQ(announce(1), 1);
  EXPECT_EQ(announce(1), 0);
  EXPECT_EQ(told, "1 received\n1 planning\n1 no_changes\n");
}

TEST_F(OutboxTest, TellsEachReceiverOfADeploymentInOrder) {
  const auto id = make();
  move(id, State::received, State::planning);
  announce();
  EXPECT_EQ(due_bodies(), "a:received b:received ");
  ASSERT_TRUE(write([&](Writer& w) { return w.message_failed(1, 30s, false); }));
  EXPECT_EQ(due_bodies(), "b:received ") << "a hears nothing later before that";
  ASSERT_TRUE(write([&](Writer& w) { return w.message_sent(2, "99"); }));
  EXPECT_EQ(due_bodies(), "b:planning ");
  time.advance(30s);
  EXPECT_EQ(due_bodies(), "b:planning a:received ");
  EXPECT_EQ(due()[1].attempts, 1);
  ASSERT_TRUE(write([&](Writer& w) { return w.message_failed(1, 30s, true); }));
  EXPECT_EQ(due_bodies(), "a:planning b:planning ") << "what is given up holds up nothing";
}

TEST_F(OutboxTest, RemembersWhatAReceiverCallsADeployment) {
  const auto id = make();
  announce();
  const auto called = [&] { return *store->read_now([&](const Reader& r) { return r.remote_id(id, "a"); }); };
  EXPECT_EQ(called(), "");
  ASSERT_TRUE(write([&](Writer& w) { return w.message_sent(1, "4711"); }));
  EXPECT_EQ(called(), "4711");
}

TEST_F(OutboxTest, ForgetsWhatWasSentLongAgoAndNothingThatIsStillToBeSent) {
  const auto id = make();
  announce();
  ASSERT_TRUE(write([&](Writer& w) { return w.message_sent(1, "4711"); }));
  const auto purged = [&] { return write([](Writer& w) { return w.purge(); })->messages; };
  time.advance(24h * 90);
  EXPECT_EQ(purged(), 0);
  time.advance(1ms);
  EXPECT_EQ(purged(), 1);
  EXPECT_EQ(*store->read_now([&](const Reader& r) { return r.remote_id(id, "a"); }), "");
  EXPECT_EQ(due_bodies(), "b:received ");
}

}  // namespace sluice::store
