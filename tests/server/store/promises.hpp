#pragma once

#include <map>
#include <set>
#include <sstream>

#include "server/store/sqlite.hpp"
#include "tests/server/store/fixture.hpp"

namespace sluice::store {

/// What the users of a store were told is done, to be held against what the store has after a crash.
struct Promises {
  std::map<std::string, std::int64_t> acknowledged;       // guid -> delivery
  std::set<std::int64_t> approved;                        // deployments
  std::map<std::pair<std::int64_t, int>, int> confirmed;  // deployment and step
  std::set<std::int64_t> ended;

  /// Takes down what the users of the store were promised (see workload.hpp); checks what can be checked in the order of its lines.
  void note(const std::vector<std::string>& lines) {
    for (const std::string& line : lines) {
      std::istringstream words(line);
      std::string kind;
      words >> kind;
      if (kind == "D") {
        std::string guid;
        std::int64_t id = 0;
        words >> guid >> id;
        const auto [known, is_new] = acknowledged.emplace(guid, id);
        EXPECT_TRUE(is_new || known->second == id) << "delivery " << guid << " has two ids";
      } else if (kind == "A") {
        std::int64_t id = 0;
        words >> id;
        approved.insert(id);
      } else if (kind == "W" || kind == "C") {
        std::int64_t id = 0;
        int step = 0;
        words >> id >> step;
        EXPECT_FALSE(ended.contains(id)) << "deployment " << id << " was written to after its end";
        int& times = confirmed[{id, step}];
        EXPECT_EQ(times, 0) << "step " << step << " of " << id << " was confirmed and sent again";
        if (kind == "C") ++times;
      } else if (kind == "E") {
        std::int64_t id = 0;
        words >> id;
        EXPECT_TRUE(ended.insert(id).second) << "deployment " << id << " ended twice";
      }
    }
  }

  static void check_states(const Reader& reader, std::int64_t deployments) {
    std::map<std::int64_t, std::string> last;
    std::map<std::int64_t, int> first_starts;
    for (std::int64_t after = 0;;) {
      const auto rows = reader.audit(after, 1000);
      ASSERT_TRUE(rows);
      if (rows->empty()) break;
      after = rows->back().sequence;
      for (const AuditRow& row : *rows) {
        if (!row.deployment || !row.action.starts_with("deployment.")) continue;
        const auto id = row.deployment->value;
        const std::string now = row.action.substr(11);
        if (last.contains(id)) {
          EXPECT_TRUE(row.detail.starts_with(last[id] + " -> " + now)) << row.detail << " after " << last[id];
          EXPECT_TRUE(deployment::is_legal(*deployment::parse_state(last[id]), *deployment::parse_state(now))) << row.detail;
          if (now == "deploying" && last[id] == "approved") ++first_starts[id];
        } else {
          EXPECT_EQ(now, "received");
        }
        last[id] = now;
      }
    }
    for (const auto& [id, starts] : first_starts) EXPECT_EQ(starts, 1) << "deployment " << id << " was started " << starts << " times";
    for (std::int64_t id = 1; id <= deployments; ++id) {
      const auto one = reader.deployment({id});
      if (!one) continue;  // a number that an undone batch had taken
      EXPECT_EQ(last[id], deployment::to_string(one->state)) << "deployment " << id << " differs from its audit";
      const auto given = reader.decisions({id});
      const bool pushed = !reader.journal({id})->empty();
      EXPECT_FALSE(pushed && given->empty()) << "deployment " << id << " was pushed without an approval";
    }
  }

  /// I1, I2, I4, I5, I6, I7 of what `store` has, whose file is `database`.
  void check(Store& store, const std::filesystem::path& database) const {
    const auto looked = store.read_now([&](const Reader& reader) -> Result<> {
      for (const auto& [guid, id] : acknowledged) {
        const auto one = reader.delivery({id});
        EXPECT_TRUE(one && one->guid == guid) << "acknowledged delivery " << guid << " is lost";
      }
      for (const std::int64_t id : approved) {
        const auto given = reader.decisions({id});
        EXPECT_TRUE(given && given->size() == 1) << "the approval of deployment " << id << " is lost";
      }
      const auto chain = reader.verify_audit();
      EXPECT_TRUE(chain && !chain->first_bad) << "audit row " << *chain->first_bad << ": " << chain->problem;
      const auto newest = reader.deployments({.environment = "", .repository = "", .state = {}, .before = {}, .limit = 1});
      check_states(reader, newest->items.empty() ? 0 : newest->items[0].id.value);
      for (const std::int64_t id : ended) EXPECT_EQ(reader.deployment({id})->state, State::succeeded);
      return {};
    });
    EXPECT_TRUE(looked);
    auto file = Connection::open(database, Access::read);
    ASSERT_TRUE(file);
    EXPECT_EQ(integrity_check(**file), "ok");
    EXPECT_EQ((*file)->count_of("PRAGMA foreign_key_check"), 0);
  }
};

}  // namespace sluice::store
