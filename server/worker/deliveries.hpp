#pragma once

#include <string>
#include <vector>

#include "server/config/config.hpp"
#include "server/store/records.hpp"

namespace sluice::worker {

/// What becomes of a delivery.
struct Settlement {
  store::DeliveryState end = store::DeliveryState::ignored;
  std::string result;  ///< for people: why nothing, or what was asked for
  std::vector<store::NewDeployment> deployments;
};

/// Judges a stored delivery by the configuration of now. A ref that an environment's rules do not admit asks for nothing.
Settlement settle(const store::Delivery& delivery, const config::Config& config);

/// Of everything in the configuration that decides what a deployment of `repository` to `environment` does.
std::string config_digest(const config::Config& config, const config::Repository& repository, const std::string& environment);

}  // namespace sluice::worker
