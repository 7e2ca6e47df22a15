// How many deliveries of 8 KiB a second the store makes durable and answers, and how long one waits.
//   bench_store [FOLDER [COUNT [IN_FLIGHT]]]

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <mutex>

#include "server/base/log.hpp"
#include "server/store/store.hpp"

using namespace sluice;
using namespace sluice::store;
using Steady = std::chrono::steady_clock;

int main(int argc, char** argv) {
  const std::filesystem::path folder = argc > 1 ? argv[1] : std::filesystem::temp_directory_path() / ("sluice-bench-" + std::to_string(::getpid()));
  const int count = argc > 2 ? std::atoi(argv[2]) : 30000;
  const int in_flight = argc > 3 ? std::atoi(argv[3]) : 256;
  set_log_level(LogLevel::warn);
  Options options;
  options.folder = folder;
  options.key = Secret("0123456789abcdef0123456789abcdef");
  auto store = Store::open(options);
  if (!store) {
    std::fprintf(stderr, "%s\n", store.error().what.c_str());
    return 1;
  }
  std::mutex guard;
  std::condition_variable changed;
  int flying = 0;
  std::vector<double> waits;  // milliseconds
  int refused = 0;
  const auto begin = Steady::now();
  for (int i = 0; i < count; ++i) {
    {
      std::unique_lock lock{guard};
      changed.wait(lock, [&] { return flying < in_flight; });
      ++flying;
    }
    NewDelivery delivery{.guid = "g" + std::to_string(i),
                         .hook_id = "1",
                         .event = "push",
                         .action = "",
                         .repository = "ann/web",
                         .trigger_key = "push:1:refs/heads/main:" + std::to_string(i),
                         .body = std::string(8192, static_cast<char>('a' + i % 26))};
    const auto sent = Steady::now();
    (*store)->post([delivery = std::move(delivery)](Writer& writer) { return writer.insert_delivery(delivery).has_value(); },
                   [&, sent](std::optional<Error> failed) {
                     const std::chrono::duration<double, std::milli> waited = Steady::now() - sent;
                     const std::lock_guard lock{guard};
                     waits.push_back(waited.count());
                     refused += failed ? 1 : 0;
                     --flying;
                     changed.notify_one();
                   });
  }
  {
    std::unique_lock lock{guard};
    changed.wait(lock, [&] { return flying == 0; });
  }
  const std::chrono::duration<double> took = Steady::now() - begin;
  std::ranges::sort(waits);
  const auto at = [&](double part) { return waits[static_cast<std::size_t>(part * static_cast<double>(waits.size() - 1))]; };
  std::printf("durable acknowledgements of 8 KiB: %.0f/s, p50 %.1f ms, p99 %.1f ms, %d in flight, %d refused\n",
              static_cast<double>(count) / took.count(), at(0.5), at(0.99), in_flight, refused);
  store->reset();
  if (argc < 2) std::filesystem::remove_all(folder);
  return 0;
}
