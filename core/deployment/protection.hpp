#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace sluice::deployment {

/// latest: the newest waiting plan takes the place of older waiting ones; fifo: they wait in their order.
enum class QueueOrder { latest, fifo };

/// The protection rules of an environment.
struct Protection {
  std::vector<std::string> reviewers;  ///< Logins; empty = everybody with the role approver.
  int required = 1;                    ///< How many must approve; 0 = the rules alone decide, and that is recorded.
  bool prevent_self_review = false;    ///< Whoever caused the deployment may not approve it.
  std::chrono::milliseconds wait_timer{0};  ///< Counted from when the plan was ready, beside the review.
  std::chrono::milliseconds expires_after{std::chrono::hours{72}};  ///< Of a waiting plan, and again of an approval.
  std::vector<std::string> branches;  ///< Patterns; empty together with `tags` = any ref.
  std::vector<std::string> tags;
  QueueOrder queue = QueueOrder::latest;

  bool operator==(const Protection&) const = default;
};

}  // namespace sluice::deployment
