#include "server/app/system_outside.hpp"

#include <chrono>

#include "server/base/random.hpp"
#include "server/source/chart_files.hpp"

namespace sluice::app {

namespace {

Result<functions::Moment> now() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return functions::Moment{std::chrono::duration_cast<std::chrono::nanoseconds>(since).count()};
}

/// A zone's name is a relative path, and stays below the folder of zones.
Result<std::string> zone_file(std::string_view zone) {
  if (zone.empty() || zone.starts_with('/') || zone.find("..") != zone.npos) return Error{Errc::not_found, "no such time zone"};
  return source::read_named_file("/usr/share/zoneinfo/" + std::string(zone));
}

}  // namespace

functions::Outside system_outside() {
  functions::Outside outside;
  outside.now = now;
  outside.random_bytes = [](std::size_t size) -> Result<std::string> { return random_bytes(size); };
  outside.zone_file = zone_file;
  return outside;
}

}  // namespace sluice::app
