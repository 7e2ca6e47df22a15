#pragma once

#include <memory>
#include <string>

#include "core/base/result.hpp"
#include "core/chart/chart.hpp"
#include "server/app/helm_flags.hpp"

namespace sluice::app {

/// Is it a URL, or a name in the repository that --repo gives? As for Helm, what exists on the disk is neither.
bool is_remote_chart(const std::string& name, const HelmFlags& flags);

/// The chart `name` of --repo, of an OCI registry ("oci://host/path/name") or at a URL, at --version, with the access that the
/// other flags give. Archives are kept in the user's cache. Errors name the release that it is wanted for.
/// Errors: not_found, unavailable, timeout, denied, invalid; unsupported for --insecure-skip-tls-verify.
Result<std::shared_ptr<const chart::Chart>> fetch_chart(const std::string& name, const std::string& release_name, const HelmFlags& flags,
                                                        chart::HelmVersion helm);

}  // namespace sluice::app
