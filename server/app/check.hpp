#pragma once

#include <functional>
#include <string>

#include "server/config/config.hpp"

namespace sluice::app {

enum class Verdict { good, note, bad };

/// One line of a check: "cluster vps", good, "v1.34.4+k3s1 at https://…".
using Report = std::function<void(Verdict verdict, const std::string& what, const std::string& found)>;

/// Tries everything that the configuration names: credentials, clusters, repositories. Says of each what is wrong and what to do.
/// False if anything is bad. Blocks.
bool check(const config::Config& config, const Report& report);

}  // namespace sluice::app
