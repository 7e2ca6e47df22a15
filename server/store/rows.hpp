#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/digest.hpp"
#include "server/store/records.hpp"
#include "server/store/sqlite.hpp"

// How records are spelled in columns.

namespace sluice::store {

#define SLUICE_DEPLOYMENT_COLUMNS                                                                                            \
  "SELECT d.id, d.repository, d.environment, d.cluster, d.ref, d.commit_id, d.config_digest, d.trigger, d.title, "           \
  "d.initiator, d.initiator_id, d.origin, d.delivery, d.state, d.reason, coalesce(p.digest, ''), d.cancel_requested, "       \
  "d.deaths, d.created_ms, d.changed_ms, d.started_ms, d.finished_ms FROM deployments d LEFT JOIN plans p ON p.id = d.plan "

/// The row of a SELECT that begins with SLUICE_DEPLOYMENT_COLUMNS.
Deployment read_deployment(const Query& row);

std::string_view to_string(DeliveryState state);
DeliveryState parse_delivery_state(std::string_view text);

/// Lists of names in one column, one a line.
std::string joined(const std::vector<std::string>& names);
std::vector<std::string> split_lines(std::string_view text);

std::string joined_roles(const std::vector<deployment::Role>& roles);
std::vector<deployment::Role> split_roles(std::string_view text);

/// The calendar, the monotonic clock and the boot id from three columns beginning with `column`.
deployment::Moment read_moment(const Query& row, int column);

std::string_view bytes_of(const Sha256& digest);

/// "deployment 7"
std::string named(DeploymentId id);
Error no_such(DeploymentId id);

/// The hash that chains an audit row to the one before.
Sha256 audit_hash(std::string_view previous, const AuditRow& row);

}  // namespace sluice::store
