#include "core/base/digest.hpp"
#include "server/base/failpoint.hpp"
#include "server/store/rows.hpp"
#include "server/store/sealer.hpp"
#include "server/store/sqlite.hpp"
#include "server/store/writer.hpp"

namespace sluice::store {

static constexpr std::int64_t pending_limit = 100'000;
static constexpr int recount_after = 256;
static constexpr int death_limit = 3;

void Writer::close_intake(std::string problem) { intake_problem_ = std::move(problem); }

bool Writer::is_full_of_pending() {
  if (inserts_since_count_ == 0) pending_ = db_.ask("SELECT count(*) FROM deliveries WHERE state = 'pending'");
  inserts_since_count_ = (inserts_since_count_ + 1) % recount_after;
  if (pending_ >= pending_limit) inserts_since_count_ = 0;
  ++pending_;
  return pending_ > pending_limit;
}

/// The GUID names the event: the same event again is a duplicate, or another try when the first failed; another event or body
/// under a known GUID is somebody playing with headers that no signature covers.
Result<InsertedDelivery> Writer::known_delivery(const NewDelivery& delivery, std::string_view body_hash) {
  auto rows = db_.query("SELECT id, event, body_sha256, state, sealed_body IS NULL FROM deliveries WHERE guid = ?1 AND hook_id = ?2",
                        delivery.guid, delivery.hook_id);
  if (!rows->next()) return InsertedDelivery{};
  const DeliveryId id{rows->integer(0)};
  if (rows->text(1) != delivery.event || rows->text(2) != body_hash) return InsertedDelivery{id, Insertion::mismatched};
  const auto state = parse_delivery_state(rows->text(3));
  const bool try_again = (state == DeliveryState::failed || state == DeliveryState::poisoned) && rows->integer(4) == 0;
  if (!try_again) return InsertedDelivery{id, Insertion::duplicate};
  db_.run("UPDATE deliveries SET state = 'pending', attempts = 0, result = '' WHERE id = ?1", id);
  return InsertedDelivery{id, Insertion::reopened};
}

Result<InsertedDelivery> Writer::insert_delivery(const NewDelivery& delivery) {
  if (!intake_problem_.empty()) return Error{Errc::unavailable, intake_problem_};
  const auto hash = sha256(delivery.body);
  auto known = known_delivery(delivery, bytes_of(hash));
  if (!known || known->id.value != 0) return known;

  const bool had_trigger =
      !delivery.trigger_key.empty() && db_.ask("SELECT count(*) FROM triggers WHERE key = ?1", delivery.trigger_key) != 0;
  if (!had_trigger && is_full_of_pending()) {
    return Error{Errc::unavailable, "overloaded: 100 000 deliveries are waiting already"};
  }
  const DeliveryId id{next_id("deliveries")};
  const auto time = clock_.wall();
  db_.run(
      "INSERT INTO deliveries (id, guid, hook_id, event, action, repository, trigger_key, received_ms, body_sha256, state, result, "
      "sealed_body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
      id, delivery.guid, delivery.hook_id, delivery.event, delivery.action, delivery.repository, delivery.trigger_key, time,
      Blob{bytes_of(hash)}, had_trigger ? "duplicate" : "pending", had_trigger ? "the event was delivered before" : "",
      Blob{sealer_.seal(delivery.body, {"deliveries", "body", id.value})});
  if (!had_trigger && !delivery.trigger_key.empty()) {
    db_.run("INSERT INTO triggers (key, delivery, created_ms) VALUES (?1, ?2, ?3)", delivery.trigger_key, id, time);
  }
  if (auto planted = failpoint("store.after_insert")) return std::move(*planted);
  return InsertedDelivery{id, had_trigger ? Insertion::duplicate : Insertion::stored};
}

Result<std::vector<Delivery>> Writer::claim_deliveries(int limit) {
  std::vector<DeliveryId> ids;
  {
    auto rows = db_.query("SELECT id FROM deliveries WHERE state = 'pending' ORDER BY id LIMIT ?1", std::min(std::max(limit, 1), 16));
    while (rows->next()) ids.push_back({rows->integer(0)});
  }
  std::vector<Delivery> out;
  for (const DeliveryId id : ids) {
    db_.run("UPDATE deliveries SET state = 'claimed', attempts = attempts + 1 WHERE id = ?1", id);
    auto one = delivery(id);
    if (one) {
      out.push_back(std::move(*one));
    } else {
      settle(id, DeliveryState::failed, one.error().what);
    }
  }
  if (auto planted = failpoint("queue.claimed")) return std::move(*planted);
  return out;
}

void Writer::settle(DeliveryId id, DeliveryState end, std::string_view result) {
  db_.run("UPDATE deliveries SET state = ?2, result = ?3 WHERE id = ?1", id, to_string(end), result);
}

Result<std::vector<CreatedDeployment>> Writer::settle_delivery(DeliveryId id, DeliveryState end, const std::string& result,
                                                               const std::vector<NewDeployment>& wanted) {
  if (end == DeliveryState::pending || end == DeliveryState::claimed) {
    // handed back: the worker is shutting down, or could not reach what it needs
    if (!wanted.empty()) return Error{Errc::invalid, "a delivery that is handed back asks for no deployment"};
    end = DeliveryState::pending;
  }
  const int changed = db_.run("UPDATE deliveries SET state = ?2, result = ?3 WHERE id = ?1 AND state = 'claimed'", id, to_string(end), result);
  if (changed == 0) return Error{Errc::conflict, "conflict: delivery " + std::to_string(id.value) + " is not claimed"};
  std::vector<CreatedDeployment> out;
  for (NewDeployment one : wanted) {
    one.delivery = id;
    auto created = create_deployment(one);
    if (!created) return std::move(created).error();
    out.push_back(*created);
  }
  return out;
}

Result<Recovery> Writer::recover() {
  if (auto planted = failpoint("startup.recover")) return std::move(*planted);
  Recovery out;
  const Person self{.name = "sluice", .id = 0, .roles = {}, .environments = {}};
  db_.run("DELETE FROM leases");  // their holder was the process that is gone
  out.poisoned += db_.run(
      "UPDATE deliveries SET state = 'poisoned', result = 'its worker died three times' WHERE state = 'claimed' AND attempts >= ?1",
      death_limit);
  out.deliveries_returned = db_.run("UPDATE deliveries SET state = 'pending' WHERE state = 'claimed'");
  inserts_since_count_ = 0;

  std::vector<Deployment> lost;
  for (const State state : {State::planning, State::deploying, State::verifying}) {
    auto some = in_state(state);
    if (!some) return std::move(some).error();
    lost.insert(lost.end(), some->begin(), some->end());
  }
  for (Deployment& one : lost) {
    db_.run("UPDATE deployments SET deaths = deaths + 1 WHERE id = ?1", one.id);
    const bool pushing = one.state != State::planning;
    if (pushing) {
      change_state(one, State::interrupted, "the process ended during the push; the cluster will be read before anything else", self);
      ++out.pushes_interrupted;
      one.state = State::interrupted;
    }
    if (one.deaths + 1 >= death_limit) {
      change_state(one, State::poisoned,
                   pushing ? "its worker died three times during the push; compare the cluster with the journal before a retry"
                           : "its worker died three times",
                   self);
      ++out.poisoned;
    } else if (!pushing) {
      change_state(one, State::received, "the process ended while planning", self);
      ++out.plans_restarted;
    }
  }
  return out;
}

}  // namespace sluice::store
