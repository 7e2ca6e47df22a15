#pragma once

// core/track/track.hpp
//
// Judges live objects: ready, still on the way, or failed, and why.
//   in:   objects as the API server shows them
//   out:  a Verdict for each, with a sentence for people; what is wrong with a pod
//   not:  reading them, waiting, deciding when to give up (server/worker)
// Follows: kstatus (Helm 4) in what ready means: all replicas of the wanted generation, not Helm 3's "all but maxUnavailable".
// Differs: an unschedulable or crashing pod is a reason to fail before the timeout; a Job that has merely begun is not ready; a
// claim that waits for its first consumer does not hold anything up.
// Read next: pods.hpp.

#include <string>

#include "core/plan/json.hpp"

namespace sluice::track {

enum class Progress { ready, progressing, failed };

struct Verdict {
  Progress progress = Progress::ready;
  std::string why;  ///< "1 of 3 replicas are available"; empty when ready without anything to say
  bool operator==(const Verdict&) const = default;
};

enum class Jobs { ignore, wait };

/// `object` as it was just read. Jobs::ignore takes every Job for ready, as Helm does without --wait-for-jobs.
Verdict judge(const plan::Json& object, Jobs jobs);

/// For a hook: a Job is done, a Pod has succeeded, anything else is there.
Verdict judge_hook(const plan::Json& object);

}  // namespace sluice::track
