#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/deployment/moment.hpp"
#include "core/deployment/person.hpp"
#include "core/deployment/protection.hpp"
#include "core/deployment/state.hpp"

namespace sluice::deployment {

/// One person's yes to one plan. Worth nothing for another digest, environment or cluster, or after `expires_after`.
struct Approval {
  Person by;
  std::string digest;
  std::string environment;
  std::string cluster;
  Moment at;
};

enum class Wish { approve, reject, cancel };

std::string_view to_string(Wish wish);

struct DecisionRequest {
  Wish wish = Wish::approve;
  Person by;
  std::string digest;  ///< Of the plan that was shown; whole, 64 hex digits. Not asked for when cancelling.
  std::string comment;
};

/// What the decision is about, as read in the same transaction that will record it.
struct DecisionCase {
  State state = State::received;
  std::string environment;
  std::string cluster;
  std::string digest;  ///< Of the plan in force; empty when there is none.
  bool diff_was_cut = false;
  Person initiator;
  std::vector<Approval> approvals;
  Protection rules;
  Moment plan_ready;
  Moment now;
};

struct Outcome {
  State next = State::received;  ///< The state it is now in: `awaiting_approval` still, while more approvals are needed.
  bool stops_running_push = false;  ///< The state stays; the worker is asked to stop after the release in hand.

  bool operator==(const Outcome&) const = default;
};

/// Whether the wish is granted, and what follows.
///
/// Errors, each beginning with its stable code: not-permitted, self-approval (denied); conflict, plan-digest-mismatch,
/// approval-expired, approval-used (conflict); request-malformed (invalid).
Result<Outcome> decide(const DecisionCase& about, const DecisionRequest& request);

/// Whether this person could approve right now, for `can_approve` in answers: the same checks without the digest.
Result<> may_approve(const DecisionCase& about, const Person& by);

/// A digest as people see it: its first 8 digits.
std::string_view short_digest(std::string_view digest);
bool is_digest(std::string_view text);

}  // namespace sluice::deployment
