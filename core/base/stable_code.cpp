#include "core/base/stable_code.hpp"

#include <algorithm>
#include <array>

namespace sluice {

namespace {

// sorted
constexpr std::array<std::string_view, 47> codes = {
    "apply-conflict",      "apply-rejected",      "approval-expired",      "approval-used",     "archive-unsafe",   "body-too-large",
    "chart-digest-mismatch", "cluster-auth",      "cluster-forbidden",     "cluster-identity",  "cluster-not-allowed", "cluster-unreachable",
    "conflict",            "exec-denied",         "git-auth",              "git-host-key",      "git-limit",        "git-not-found",
    "git-object-mismatch", "git-redirect",        "git-unreachable",       "hook-failed",       "locked",           "not-authenticated",
    "not-found",           "not-permitted",       "not-ready",             "outcome-unknown",   "overloaded",       "path-outside-tree",
    "plan-digest-mismatch", "plan-stale",         "poisoned",              "rate-limited",      "render-crashed",   "render-limit",
    "repo-not-allowed",    "request-invalid",     "request-malformed",     "self-approval",     "signature-invalid", "storage-failed",
    "storage-full",        "tls-verify",          "unsupported",           "unsupported-media-type", "yaml-too-many-nodes",
};
static_assert(std::is_sorted(codes.begin(), codes.end()));

}  // namespace

std::string_view stable_code(std::string_view text) {
  while (!text.empty()) {
    const auto end = text.find(": ");
    if (end == std::string_view::npos) return {};
    const auto found = std::lower_bound(codes.begin(), codes.end(), text.substr(0, end));
    if (found != codes.end() && *found == text.substr(0, end)) return *found;
    text.remove_prefix(end + 2);
  }
  return {};
}

}  // namespace sluice
