#include "server/webhook/settings.hpp"

#include "server/base/credential.hpp"
#include "server/base/log.hpp"
#include "server/config/config.hpp"

namespace sluice::webhook {

namespace {
const Logger log{"webhook"};
constexpr std::size_t good_secret_size = 32;
}  // namespace

std::vector<intake::Repository> rules_of(const config::Config& config) {
  std::vector<intake::Repository> repositories;
  for (const auto& repository : config.repositories) {
    auto& rules = repositories.emplace_back(intake::Repository{repository.name, {}});
    for (const auto& [name, target] : repository.environments) {
      auto& wanted = rules.targets.emplace_back(intake::Target{target.environment, {}});
      for (const auto& trigger : target.on) wanted.on.push_back({trigger.event, trigger.conditions});
    }
  }
  return repositories;
}

void Settings::add_secret(const std::string& repository, Secret secret) {
  std::size_t at = 0;
  while (at < secrets.size() && !secrets[at].equals(secret.reveal())) ++at;
  if (at == secrets.size()) secrets.push_back(std::move(secret));
  owners.push_back({repository, at});
}

Result<Settings> make_settings(const config::Config& config) {
  Settings settings{rules_of(config), {}, {}};
  for (const auto& repository : config.repositories) {
    if (!repository.webhook_secret) continue;
    auto secret = read_credential(*repository.webhook_secret);
    if (!secret) return std::move(secret).error().during("webhook secret of " + repository.name);
    if (secret->reveal().size() < good_secret_size)
      log.warn("webhook secret is short, 32 random bytes are wanted repository={}", repository.name);
    settings.add_secret(repository.name, std::move(*secret));
  }
  return settings;
}

}  // namespace sluice::webhook
