#include "server/worker/deliveries.hpp"

#include "core/base/digest.hpp"
#include "core/deployment/pattern.hpp"
#include "core/intake/intake.hpp"
#include "server/webhook/settings.hpp"

namespace sluice::worker {

namespace {

/// Texts one after the other, each with its length, so that no two lists look alike.
class Fingerprint {
 public:
  Fingerprint& operator<<(const std::string& text) {
    bytes_ += std::to_string(text.size()) + ":" + text;
    return *this;
  }
  Fingerprint& operator<<(const CredentialSource& source) { return *this << to_string(source); }
  std::string hex() const { return to_hex(sha256(bytes_)); }

 private:
  std::string bytes_;
};

}  // namespace

std::string config_digest(const config::Config& config, const config::Repository& repository, const std::string& environment) {
  const config::Environment& rules = config.environments.at(environment);
  const config::Target& target = repository.environments.at(environment);
  Fingerprint all;
  all << "1" << repository.name << repository.url << repository.path << std::to_string(static_cast<int>(repository.layout)) << repository.release
      << repository.namespace_ << environment << rules.cluster << target.selector << target.image;
  for (const auto& file : repository.values) all << file;
  for (const auto& [name, text] : rules.variables) all << name << text;
  for (const auto& [name, source] : rules.secrets) all << name << source;
  for (const auto& object : rules.secret_objects) {
    all << object.namespace_ << object.name;
    if (object.env_file) all << *object.env_file;
    for (const auto& [key, source] : object.files) all << key << source;
  }
  return all.hex();
}

Settlement settle(const store::Delivery& delivery, const config::Config& config) {
  if (!delivery.body) return {store::DeliveryState::failed, "its body is no longer kept", {}};
  const auto verdict = intake::judge({delivery.event, delivery.guid, *delivery.body}, webhook::rules_of(config), deployment::matches);
  if (!verdict) return {store::DeliveryState::failed, verdict.error().what, {}};
  if (verdict->is_ping) return {store::DeliveryState::done, verdict->warnings.empty() ? "pong" : "pong; " + verdict->warnings.front(), {}};
  Settlement settlement{store::DeliveryState::ignored, verdict->reason, {}};
  const config::Repository* repository = config::find_repository(config, verdict->repository);
  for (const auto& wanted : verdict->deployments) {
    const config::Environment& environment = config.environments.at(wanted.environment);
    if (auto admitted = deployment::may_deploy_ref(environment.protection, wanted.ref); !admitted) {
      settlement.result = admitted.error().what;
      continue;
    }
    store::NewDeployment asked;
    asked.repository = repository->name;
    asked.environment = wanted.environment;
    asked.cluster = environment.cluster;
    asked.ref = wanted.ref;
    asked.commit = wanted.commit;
    asked.config_digest = config_digest(config, *repository, wanted.environment);
    asked.trigger = delivery.event;
    asked.title = wanted.title;
    asked.initiator.name = verdict->sender.login;
    asked.initiator.id = verdict->sender.id;
    asked.delivery = delivery.id;
    asked.once = true;
    settlement.deployments.push_back(std::move(asked));
  }
  if (!settlement.deployments.empty()) {
    settlement.end = store::DeliveryState::done;
    settlement.result.clear();
  }
  return settlement;
}

}  // namespace sluice::worker
