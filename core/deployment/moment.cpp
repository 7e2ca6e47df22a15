#include "core/deployment/moment.hpp"

namespace sluice::deployment {

using std::chrono::milliseconds;

std::optional<milliseconds> elapsed(const Moment& since, const Moment& now) {
  const auto passed = since.boot == now.boot ? std::chrono::duration_cast<milliseconds>(now.monotonic - since.monotonic)
                                             : std::chrono::duration_cast<milliseconds>(now.wall - since.wall);
  if (passed < milliseconds{0}) return std::nullopt;
  return passed;
}

bool is_over(const Moment& since, milliseconds limit, const Moment& now) {
  const auto passed = elapsed(since, now);
  return !passed || *passed >= limit;
}

}  // namespace sluice::deployment
