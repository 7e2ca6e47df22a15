#include "server/api/throttle.hpp"

namespace sluice::api {

bool Throttle::is_blocked(const std::string& name, MonotonicTime now) const {
  const auto found = records_.find(name);
  return found != records_.end() && found->second.blocked_until > now;
}

void Throttle::note_failure(const std::string& name, MonotonicTime now) {
  if (!records_.contains(name)) make_room(now);
  if (records_.size() >= names_ && !records_.contains(name)) return;  // everybody in it is blocked: nobody is let off
  auto& record = records_[name];
  if (now - record.began > window) record = {now, 0, record.blocked_until};
  if (++record.failures > allowed) record.blocked_until = now + block;
}

void Throttle::note_success(const std::string& name) {
  const auto found = records_.find(name);
  if (found != records_.end() && found->second.failures <= allowed) records_.erase(found);
}

void Throttle::make_room(MonotonicTime now) {
  if (records_.size() < names_) return;
  std::erase_if(records_, [now](const auto& each) { return each.second.blocked_until <= now; });
}

}  // namespace sluice::api
