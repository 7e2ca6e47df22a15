#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>

#include "core/base/digest.hpp"
#include "server/base/log.hpp"
#include "server/store/store.hpp"

namespace sluice::store {

using namespace std::chrono_literals;

/// A clock moved by hand; copies share it, on any thread.
struct HandClock {
  struct Times {
    std::atomic<std::chrono::milliseconds> passed{0ms}, set_back{0ms};
  };
  std::shared_ptr<Times> times = std::make_shared<Times>();

  void advance(std::chrono::milliseconds by) const { times->passed = times->passed.load() + by; }
  /// The wall clock alone, as somebody with the right to do so may.
  void set_back(std::chrono::milliseconds by) const { times->set_back = by; }
  Clock clock() const {
    const WallTime beginning{std::chrono::sys_days{std::chrono::year{2026} / 11 / 25}};
    return {.wall = [t = times, beginning] { return beginning + t->passed.load() - t->set_back.load(); },
            .monotonic = [t = times] { return MonotonicTime{1h} + t->passed.load(); }};
  }
};

inline const Secret test_key{"0123456789abcdef0123456789abcdef"};

inline Person person(std::string name, std::int64_t id, std::vector<deployment::Role> roles) {
  return {.name = std::move(name), .id = id, .roles = std::move(roles), .environments = {}};
}

inline const Person ann = person("ann", 1, {deployment::Role::approver});
inline const Person bob = person("bob", 2, {deployment::Role::approver});
inline const Person olga = person("olga", 3, {deployment::Role::operator_});

inline NewDeployment wanted(std::string commit, std::string environment = "prod") {
  return {.repository = "ann/web",
          .environment = std::move(environment),
          .cluster = "vps",
          .ref = "refs/heads/main",
          .commit = std::move(commit),
          .config_digest = "c1",
          .trigger = "push",
          .title = "Change the text",
          .initiator = person("ann", 1, {}),
          .origin = std::nullopt,
          .delivery = std::nullopt,
          .once = true};
}

inline NewDelivery pushed(std::string guid, std::string trigger = "", std::string body = "{\"ref\":\"refs/heads/main\"}") {
  return {.guid = std::move(guid),
          .hook_id = "1",
          .event = "push",
          .action = "",
          .repository = "ann/web",
          .trigger_key = std::move(trigger),
          .body = std::move(body)};
}

/// A store in memory and the steps that most tests begin with.
struct StoreTest : testing::Test {
  HandClock time;
  std::unique_ptr<Store> store = open();

  static void SetUpTestSuite() {
    set_log_output([](std::string_view) {});
  }
  static void TearDownTestSuite() { set_log_output(nullptr); }

  std::unique_ptr<Store> open() {
    Options options;
    options.key = test_key;
    options.clock = time.clock();
    options.in_memory = true;
    auto opened = Store::open(std::move(options));
    EXPECT_TRUE(opened) << (opened ? "" : opened.error().what);
    return std::move(*opened);
  }

  template <class Op>
  auto write(Op op) {
    return store->write_now(std::move(op));
  }

  DeploymentId create(std::string commit, std::string environment = "prod") {
    auto made = write([&](Writer& w) { return w.create_deployment(wanted(commit, environment)); });
    EXPECT_TRUE(made);
    return made->id;
  }

  Result<> move(DeploymentId id, State from, State to, std::optional<std::int64_t> fence = std::nullopt) {
    return write([&](Writer& w) {
      return w.transition({.deployment = id, .from = from, .to = to, .reason = "", .by = "sluice", .fence = fence});
    });
  }

  static NewPlan new_plan(DeploymentId id, std::string bytes = "plan", Protection rules = {}) {
    return {.deployment = id,
            .bytes = std::move(bytes),
            .environment = "prod",
            .cluster = "vps",
            .summary = "{}",
            .diff_text = "+ a",
            .diff_json = "[]",
            .rules = std::move(rules)};
  }

  /// A deployment whose plan waits for approval.
  DeploymentId waiting(std::string commit, std::string bytes = "plan", Protection rules = {}) {
    const auto id = create(commit);
    EXPECT_TRUE(move(id, State::received, State::planning));
    auto saved = write([&](Writer& w) { return w.save_plan(new_plan(id, bytes, rules)); });
    EXPECT_TRUE(saved) << saved.error().what;
    return id;
  }

  Result<Decided> decide(DeploymentId id, deployment::Wish wish, const Person& by, std::string bytes = "plan", std::string comment = "",
                         Protection rules = {}) {
    return write([&](Writer& w) {
      return w.decide({.deployment = id,
                       .request = {.wish = wish, .by = by, .digest = to_hex(sha256(bytes)), .comment = comment},
                       .rules = rules,
                       .hold = {}});
    });
  }

  DeploymentId approved(std::string commit, std::string bytes = "plan") {
    const auto id = waiting(commit, bytes);
    EXPECT_TRUE(decide(id, deployment::Wish::approve, ann, bytes));
    return id;
  }

  Result<Lease> take(DeploymentId id, Protection rules = {}) {
    return write([&](Writer& w) { return w.take_lease({.deployment = id, .rules = rules}); });
  }

  Deployment find(DeploymentId id) {
    auto one = store->read_now([&](const Reader& r) { return r.deployment(id); });
    EXPECT_TRUE(one);
    return *one;
  }
  State state(DeploymentId id) { return find(id).state; }
};

/// A folder of its own for each test that needs real files.
struct FolderTest : testing::Test {
  std::filesystem::path folder = std::filesystem::temp_directory_path() /
                                 ("sluice-store-" + std::to_string(::getpid()) + "-" +
                                  testing::UnitTest::GetInstance()->current_test_info()->name());
  void SetUp() override {
    std::filesystem::remove_all(folder);
    set_log_output([](std::string_view) {});
  }
  void TearDown() override {
    std::filesystem::remove_all(folder);
    set_log_output(nullptr);
  }
  Options options() const {
    Options out;
    out.folder = folder;
    out.key = test_key;
    return out;
  }
  std::filesystem::path database() const { return folder / "sluice.db"; }
};

}  // namespace sluice::store
