#pragma once

// server/webhook/webhook.hpp
//
// POST /webhooks/github: from a signed request to a stored delivery.
//   in:   a request from anybody
//   out:  202 once the delivery is durable, 200 when there is nothing (more) to do with it, else a problem object
//   not:  acting on the delivery: the worker takes it from the store
// Order: type and declared length, body under budget with its HMAC made while it comes, signature, JSON, whether the
// repository is one of ours and this secret is its own, rate, store, answer. The answer waits for the commit.
// Why a wrong signature never blocks an address: GitHub sends everybody's hooks from the same ones, so anybody could have the
// genuine sender blocked. Wrong signatures are counted, warned about, and cheap.
// Why the repository's own secret is checked after the JSON: which repository it is, only the body says.

#include <cstdint>
#include <functional>
#include <memory>

#include "server/base/clock.hpp"
#include "server/http/router.hpp"
#include "server/webhook/settings.hpp"

namespace sluice::store {
class Store;
}

namespace sluice::webhook {

struct Counters {
  std::uint64_t stored = 0;
  std::uint64_t duplicate = 0;
  std::uint64_t ignored = 0;
  std::uint64_t bad_signature = 0;
  std::uint64_t malformed = 0;
  std::uint64_t mismatched = 0;  ///< one GUID for two bodies
  std::uint64_t rate_limited = 0;
  std::uint64_t not_stored = 0;
};

/// Must outlive the server that serves its route.
class Webhook {
 public:
  /// Gives the settings in force; another one after a reload.
  using CurrentSettings = std::function<std::shared_ptr<const Settings>()>;

  /// `wake` is called after a new delivery is durable.
  Webhook(store::Store& store, CurrentSettings settings, std::function<void()> wake, Clock clock = system_clock());
  ~Webhook();

  http::Route route();
  Counters counters() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sluice::webhook
