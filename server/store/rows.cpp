#include "server/store/rows.hpp"

#include <array>
#include <utility>

namespace sluice::store {

Deployment read_deployment(const Query& row) {
  Deployment one;
  one.id = {row.integer(0)};
  one.repository = row.text(1);
  one.environment = row.text(2);
  one.cluster = row.text(3);
  one.ref = row.text(4);
  one.commit = row.text(5);
  one.config_digest = row.text(6);
  one.trigger = row.text(7);
  one.title = row.text(8);
  one.initiator.name = row.text(9);
  one.initiator.id = row.integer(10);
  if (!row.is_null(11)) one.origin = DeploymentId{row.integer(11)};
  if (!row.is_null(12)) one.delivery = DeliveryId{row.integer(12)};
  const auto state = deployment::parse_state(row.text(13));
  if (!state) throw StorageError{StorageError::Kind::damaged, "deployments: a row has an unknown state"};
  one.state = *state;
  one.reason = row.text(14);
  one.digest = row.text(15);
  one.cancel_requested = row.integer(16) != 0;
  one.deaths = static_cast<int>(row.integer(17));
  one.created = row.time(18);
  one.changed = row.time(19);
  one.started = row.maybe_time(20);
  one.finished = row.maybe_time(21);
  return one;
}

static constexpr std::array<std::pair<DeliveryState, std::string_view>, 7> delivery_states{{
    {DeliveryState::pending, "pending"},
    {DeliveryState::claimed, "claimed"},
    {DeliveryState::done, "done"},
    {DeliveryState::ignored, "ignored"},
    {DeliveryState::failed, "failed"},
    {DeliveryState::duplicate, "duplicate"},
    {DeliveryState::poisoned, "poisoned"},
}};

std::string_view to_string(DeliveryState state) {
  for (const auto& [value, name] : delivery_states) {
    if (value == state) return name;
  }
  return "pending";
}

DeliveryState parse_delivery_state(std::string_view text) {
  for (const auto& [value, name] : delivery_states) {
    if (name == text) return value;
  }
  throw StorageError{StorageError::Kind::damaged, "deliveries: a row has an unknown state"};
}

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const auto& name : names) out += (out.empty() ? "" : "\n") + name;
  return out;
}

std::vector<std::string> split_lines(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const auto end = text.find('\n');
    out.emplace_back(text.substr(0, end));
    text = end == std::string_view::npos ? "" : text.substr(end + 1);
  }
  return out;
}

std::string joined_roles(const std::vector<deployment::Role>& roles) {
  std::vector<std::string> names;
  for (const auto role : roles) names.emplace_back(to_string(role));
  return joined(names);
}

std::vector<deployment::Role> split_roles(std::string_view text) {
  std::vector<deployment::Role> out;
  for (const auto& name : split_lines(text)) {
    if (const auto role = deployment::parse_role(name)) out.push_back(*role);
  }
  return out;
}

deployment::Moment read_moment(const Query& row, int column) {
  return {.wall = row.time(column), .monotonic = std::chrono::nanoseconds{row.integer(column + 1)}, .boot = row.text(column + 2)};
}

std::string_view bytes_of(const Sha256& digest) { return {reinterpret_cast<const char*>(digest.data()), digest.size()}; }

std::string named(DeploymentId id) { return "deployment " + std::to_string(id.value); }
Error no_such(DeploymentId id) { return {Errc::not_found, "not-found: there is no " + named(id)}; }

Sha256 audit_hash(std::string_view previous, const AuditRow& row) {
  std::string text{previous};
  const auto add = [&text](std::string_view field) {
    text += std::to_string(field.size());
    text += ':';
    text += field;
  };
  add(std::to_string(row.sequence));
  add(std::to_string(row.at.time_since_epoch().count()));
  add(row.actor);
  add(std::to_string(row.actor_id));
  add(row.action);
  add(std::to_string(row.deployment ? row.deployment->value : 0));
  add(row.environment);
  add(row.detail);
  return sha256(text);
}

}  // namespace sluice::store
