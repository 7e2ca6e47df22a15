#pragma once

#include <chrono>
#include <map>
#include <string>

#include "server/base/clock.hpp"

namespace sluice::webhook {

/// So many events a minute for each name, and a burst on top. Holds one entry a name: give it names from the configuration.
class Rate {
 public:
  Rate(double a_minute, double burst) : a_second_(a_minute / 60), burst_(burst) {}
  /// Whether one more is in order now.
  bool take(const std::string& name, MonotonicTime now);

 private:
  struct Bucket {
    double left;
    MonotonicTime at;
  };
  double a_second_;
  double burst_;
  std::map<std::string, Bucket> buckets_;
};

}  // namespace sluice::webhook
