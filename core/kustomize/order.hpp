#pragma once

#include "core/kustomize/resource.hpp"

namespace sluice::kustomize {

/// The order in which kustomize writes objects: namespaces first, webhooks last, then by group, version, kind, namespace, name.
/// Follows: the "legacy" order, which is the default.
bool is_written_before(const Id& a, const Id& b);

}  // namespace sluice::kustomize
