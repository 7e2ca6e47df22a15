#include "core/deployment/decision.hpp"

#include <algorithm>

namespace sluice::deployment {

static constexpr std::size_t comment_limit = 4000;

std::string_view to_string(Wish wish) {
  switch (wish) {
    case Wish::approve: return "approve";
    case Wish::reject: return "reject";
    case Wish::cancel: return "cancel";
  }
  return "approve";
}

std::string_view short_digest(std::string_view digest) { return digest.substr(0, 8); }

bool is_digest(std::string_view text) {
  return text.size() == 64 && std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

static Error conflict(std::string text) { return {Errc::conflict, std::move(text)}; }
static Error denied(std::string text) { return {Errc::denied, std::move(text)}; }

static Result<> check_state(const DecisionCase& about, Wish wish) {
  if (about.state == State::awaiting_approval) return {};
  const std::string found = std::string(to_string(about.state));
  switch (about.state) {
    case State::approved: return conflict("approval-used: already approved; cancel it to stop it");
    case State::rejected: return conflict("conflict: already rejected");
    case State::expired: return conflict("approval-expired: the time for a decision is over; retry makes a new plan");
    case State::superseded: return conflict("conflict: superseded by a newer deployment");
    default: break;
  }
  return conflict("conflict: cannot " + std::string(to_string(wish)) + " in state " + found + "; only awaiting_approval can be decided");
}

static Result<> check_reviewer(const DecisionCase& about, const Person& by) {
  if (!may_see(by, about.environment) || !has_role(by, Role::approver)) {
    return denied("not-permitted: deciding about environment " + about.environment + " needs the role approver there");
  }
  const auto& reviewers = about.rules.reviewers;
  const bool listed = std::ranges::any_of(reviewers, [&](const std::string& login) {
    return is_same_person(by, Person{.name = login, .id = 0, .roles = {}, .environments = {}});
  });
  if (!reviewers.empty() && !listed) {
    return denied("not-permitted: " + by.name + " is not a reviewer of environment " + about.environment);
  }
  return {};
}

static Result<> check_plan(const DecisionCase& about, const DecisionRequest& request) {
  if (!is_digest(request.digest)) {
    return Error{Errc::invalid, "request-malformed: digest: expected the plan's 64 lower-case hex digits"};
  }
  if (request.digest != about.digest) {
    return conflict("plan-digest-mismatch: the decision is for plan " + std::string(short_digest(request.digest)) + ", the plan is now " +
                    std::string(short_digest(about.digest)) + "; look at the new diff");
  }
  return {};
}

static Result<> check_time(const DecisionCase& about) {
  if (is_over(about.plan_ready, about.rules.expires_after, about.now)) {
    return conflict("approval-expired: the time for a decision is over; retry makes a new plan");
  }
  return {};
}

/// The approvals that still count, by the plan they name and their age.
static std::vector<Approval> in_force(const DecisionCase& about) {
  std::vector<Approval> out;
  std::ranges::copy_if(about.approvals, std::back_inserter(out), [&](const Approval& approval) {
    return approval.digest == about.digest && approval.environment == about.environment && approval.cluster == about.cluster &&
           !is_over(approval.at, about.rules.expires_after, about.now);
  });
  return out;
}

Result<> may_approve(const DecisionCase& about, const Person& by) {
  if (auto checked = check_state(about, Wish::approve); !checked) return checked;
  if (auto checked = check_reviewer(about, by); !checked) return checked;
  if (about.rules.prevent_self_review && is_same_person(by, about.initiator)) {
    return denied("self-approval: " + by.name + " caused this deployment, and environment " + about.environment +
                  " wants another reviewer");
  }
  if (auto checked = check_time(about); !checked) return checked;
  if (about.diff_was_cut) {
    return conflict("conflict: the whole diff of this plan was too large to be offered, so it cannot be approved; split the change");
  }
  if (std::ranges::any_of(in_force(about), [&](const Approval& one) { return is_same_person(one.by, by); })) {
    return conflict("approval-used: " + by.name + " already approved this plan");
  }
  return {};
}

static Result<Outcome> approve(const DecisionCase& about, const DecisionRequest& request) {
  if (auto checked = may_approve(about, request.by); !checked) return std::move(checked).error();
  if (auto checked = check_plan(about, request); !checked) return std::move(checked).error();
  const auto have = static_cast<int>(in_force(about).size()) + 1;
  return Outcome{.next = have >= about.rules.required ? State::approved : State::awaiting_approval};
}

static Result<Outcome> reject(const DecisionCase& about, const DecisionRequest& request) {
  if (auto checked = check_state(about, Wish::reject); !checked) return std::move(checked).error();
  if (auto checked = check_reviewer(about, request.by); !checked) return std::move(checked).error();
  if (request.comment.empty()) return Error{Errc::invalid, "request-malformed: comment: a rejection says why"};
  if (!request.digest.empty()) {
    if (auto checked = check_plan(about, request); !checked) return std::move(checked).error();
  }
  return Outcome{.next = State::rejected};
}

static Result<Outcome> cancel(const DecisionCase& about, const DecisionRequest& request) {
  if (!may_see(request.by, about.environment) || !has_role(request.by, Role::operator_)) {
    return denied("not-permitted: cancelling in environment " + about.environment + " needs the role operator there");
  }
  if (holds_the_cluster(about.state)) return Outcome{.next = about.state, .stops_running_push = true};
  if (!is_legal(about.state, State::cancelled)) {
    return conflict("conflict: it already ended as " + std::string(to_string(about.state)));
  }
  return Outcome{.next = State::cancelled};
}

Result<Outcome> decide(const DecisionCase& about, const DecisionRequest& request) {
  if (request.comment.size() > comment_limit) {
    return Error{Errc::invalid, "request-malformed: comment: " + std::to_string(request.comment.size()) + " bytes, limit " +
                                    std::to_string(comment_limit)};
  }
  switch (request.wish) {
    case Wish::approve: return approve(about, request);
    case Wish::reject: return reject(about, request);
    case Wish::cancel: return cancel(about, request);
  }
  return Error{Errc::invalid, "request-malformed: unknown decision"};
}

}  // namespace sluice::deployment
