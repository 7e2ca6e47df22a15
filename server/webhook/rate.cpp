#include "server/webhook/rate.hpp"

#include <algorithm>

namespace sluice::webhook {

bool Rate::take(const std::string& name, MonotonicTime now) {
  auto& bucket = buckets_.try_emplace(name, Bucket{burst_, now}).first->second;
  const double passed = std::chrono::duration<double>(now - bucket.at).count();
  bucket.left = std::min(burst_, bucket.left + passed * a_second_);
  bucket.at = now;
  if (bucket.left < 1) return false;
  bucket.left -= 1;
  return true;
}

}  // namespace sluice::webhook
