#pragma once

#include <nlohmann/json_fwd.hpp>

namespace sluice::sandbox {

/// Sets the status that the object has as soon as it was written: not ready yet, for a workload.
void begin_status(nlohmann::json& object);
/// Sets the status it has a moment later. False if it stays as it is: not a workload, ready already, or broken for good.
bool finish_status(nlohmann::json& object);

}  // namespace sluice::sandbox
