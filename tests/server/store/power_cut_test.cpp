#include "tests/server/store/power_cut.hpp"

#include <cstdlib>
#include <iostream>
#include <mutex>

#include "tests/server/store/promises.hpp"
#include "tests/server/store/workload.hpp"

// Cuts the power of a machine that uses the store, starts it again on what its disk has kept, and cuts it again.
// The seed is printed; SLUICE_SEED=n repeats a run, SLUICE_CUTS=n makes it longer.

namespace sluice::store {

namespace {

#ifdef __SANITIZE_ADDRESS__
constexpr std::uint32_t usual_cuts = 30;  // each takes ten times as long
#else
constexpr std::uint32_t usual_cuts = 200;
#endif

std::uint32_t from_environment(const char* name, std::uint32_t otherwise) {
  const char* text = std::getenv(name);
  return text ? static_cast<std::uint32_t>(std::strtoul(text, nullptr, 10)) : otherwise;
}

}  // namespace

struct PowerCutTest : FolderTest {
  /// What was told before the power went.
  struct Told {
    std::mutex guard;
    std::vector<std::string> lines;
  };

  /// Opens the store in `where`, holds it against the promises, uses it; gives back what was told before the cut.
  static void use_until_cut(PowerCutDisk& disk, const std::filesystem::path& where, unsigned seed, Promises& promises) {
    Options options;
    options.folder = where;
    options.key = test_key;
    Told told;
    const auto tell = [&](const std::string& line) {
      const std::lock_guard lock{told.guard};
      if (!disk.is_cut()) told.lines.push_back(line);
    };
    {
      auto store = Store::open(options);
      ASSERT_TRUE(store) << store.error().what;
      promises.check(**store, where / "sluice.db");
      use(**store, seed, 6, tell);
    }
    disk.cut_now();
    promises.note(told.lines);
  }
};

TEST_F(PowerCutTest, LosesNothingThatWasAcknowledgedAndDamagesNothing) {
  const std::uint32_t cuts = from_environment("SLUICE_CUTS", usual_cuts);
  const std::uint32_t seed = from_environment("SLUICE_SEED", std::random_device{}());
  std::cout << "SLUICE_SEED=" << seed << "\n";
  std::mt19937 random{seed};
  PowerCutDisk disk{seed};
  Promises promises;
  std::filesystem::create_directory(folder);
  std::filesystem::path where;
  std::uint64_t instants = 400;  // of one start to its end; known better after each
  std::size_t acknowledged = 0, ended = 0;
  for (std::uint32_t cut = 0; cut <= cuts; ++cut) {
    if (cut % 20 == 0) {  // a new machine, so that looking at everything stays cheap
      acknowledged += promises.acknowledged.size();
      ended += promises.ended.size();
      promises = {};
      where = folder / std::to_string(cut);
    }
    const auto remains = folder / (std::to_string(cut) + "-left");
    disk.watch(where, std::uniform_int_distribution<std::uint64_t>(1, instants + instants / 20)(random), remains);
    use_until_cut(disk, where, cut, promises);
    if (HasFailure()) FAIL() << "before cut " << cut << " of SLUICE_SEED=" << seed;
    instants = disk.passed();
    std::filesystem::remove_all(where);
    where = remains;
  }
  EXPECT_GT(acknowledged, cuts);
  EXPECT_GT(ended, 0u);
}

}  // namespace sluice::store
