#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "server/base/clock.hpp"

namespace sluice::api {

/// Blocks who fails too often: more than `allowed` failures in a minute, then `block` long. Of fixed size; making room never
/// lifts a block.
class Throttle {
 public:
  explicit Throttle(std::size_t names = 4096) : names_(names) {}

  bool is_blocked(const std::string& name, MonotonicTime now) const;
  void note_failure(const std::string& name, MonotonicTime now);
  void note_success(const std::string& name);

 private:
  static constexpr int allowed = 10;
  static constexpr std::chrono::minutes window{1};
  static constexpr std::chrono::minutes block{10};
  struct Record {
    MonotonicTime began{};
    int failures = 0;
    MonotonicTime blocked_until{};
  };
  void make_room(MonotonicTime now);

  std::size_t names_;
  std::map<std::string, Record> records_;
};

}  // namespace sluice::api
