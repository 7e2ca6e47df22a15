#include "core/deployment/state.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace sluice::deployment {

using enum State;

static constexpr std::array<std::pair<State, std::string_view>, 18> names{{
    {received, "received"},
    {waiting_for_image, "waiting_for_image"},
    {planning, "planning"},
    {no_changes, "no_changes"},
    {plan_failed, "plan_failed"},
    {awaiting_approval, "awaiting_approval"},
    {approved, "approved"},
    {deploying, "deploying"},
    {verifying, "verifying"},
    {succeeded, "succeeded"},
    {failed, "failed"},
    {rolled_back, "rolled_back"},
    {rejected, "rejected"},
    {expired, "expired"},
    {superseded, "superseded"},
    {cancelled, "cancelled"},
    {interrupted, "interrupted"},
    {poisoned, "poisoned"},
}};

static constexpr std::array<std::pair<State, State>, 48> ways{{
    {received, waiting_for_image},
    {received, planning},
    {received, plan_failed},
    {received, superseded},
    {received, cancelled},
    {received, poisoned},
    {waiting_for_image, planning},
    {waiting_for_image, plan_failed},
    {waiting_for_image, expired},
    {waiting_for_image, superseded},
    {waiting_for_image, cancelled},
    {planning, received},  // handed back: shutdown, or the worker was lost
    {planning, waiting_for_image},
    {planning, no_changes},
    {planning, plan_failed},
    {planning, awaiting_approval},
    {planning, superseded},
    {planning, cancelled},
    {planning, poisoned},
    {awaiting_approval, approved},
    {awaiting_approval, rejected},
    {awaiting_approval, expired},
    {awaiting_approval, superseded},
    {awaiting_approval, cancelled},
    {awaiting_approval, planning},  // the live objects moved
    {approved, deploying},          // through the gate only
    {approved, planning},
    {approved, failed},  // the gate will never open for it
    {approved, expired},
    {approved, superseded},
    {approved, cancelled},
    {deploying, planning},  // the check right before the push found other live objects; nothing was written
    {deploying, verifying},
    {deploying, succeeded},  // a plan without anything to wait for
    {deploying, failed},
    {deploying, rolled_back},
    {deploying, cancelled},  // after the release in hand
    {deploying, interrupted},
    {verifying, succeeded},
    {verifying, failed},
    {verifying, rolled_back},
    {verifying, cancelled},
    {verifying, interrupted},
    {interrupted, deploying},  // through the gate only
    {interrupted, failed},
    {interrupted, cancelled},
    {interrupted, poisoned},
    {interrupted, planning},  // nothing was written before the interruption
}};

static constexpr std::array<State, 18> states = [] {
  std::array<State, 18> out{};
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = names[i].first;
  return out;
}();

std::string_view to_string(State state) {
  const auto* found = std::ranges::find(names, state, &std::pair<State, std::string_view>::first);
  return found == names.end() ? "unknown" : found->second;
}

std::optional<State> parse_state(std::string_view text) {
  const auto* found = std::ranges::find(names, text, &std::pair<State, std::string_view>::second);
  if (found == names.end()) return std::nullopt;
  return found->first;
}

std::span<const State> all_states() { return states; }

bool is_legal(State from, State to) { return std::ranges::find(ways, std::pair{from, to}) != ways.end(); }

bool is_final(State state) {
  return std::ranges::none_of(ways, [&](const auto& way) { return way.first == state; });
}

bool holds_the_cluster(State state) { return state == deploying || state == verifying || state == interrupted; }

}  // namespace sluice::deployment
