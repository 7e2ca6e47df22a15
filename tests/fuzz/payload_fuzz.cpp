// Judges bytes as a delivery: its first line is the name of the event, the rest the body. What asks for a deployment must name an
// environment of the repository and, where it names a commit, name it whole; what does not must say why in words of our own.

#include "core/deployment/pattern.hpp"
#include "core/intake/intake.hpp"
#include "core/intake/payload.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace {

using namespace sluice;
using fuzz::must;

const std::vector<intake::Repository>& repositories() {
  static const std::vector<intake::Repository> all{
      {"ann/web",
       {{"prod",
         {{"push", {{"branch", "main"}}},
          {"workflow_run", {{"workflow", "CI"}, {"branch", "main"}}},
          {"release", {{"tag", "v*"}}},
          {"repository_dispatch", {}},
          {"registry_package", {{"package", "web"}}}}}}}};
  return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto [event, body] = fuzz::cut(fuzz::text_of(data, size), "\n");
  const intake::Delivery delivery{std::string(event), "guid-1", body};
  const auto verdict = intake::judge(delivery, repositories(), &deployment::matches);
  const auto again = intake::judge(delivery, repositories(), &deployment::matches);
  must(verdict.has_value() == again.has_value());
  if (!verdict) {
    must(verdict.error() == again.error());
    return 0;
  }
  must(verdict->deployments == again->deployments && verdict->trigger_key == again->trigger_key);
  must(verdict->deployments.empty() == verdict->trigger_key.empty());
  must(verdict->is_ping || verdict->deployments.empty() == !verdict->reason.empty());
  must(fuzz::has_no_control(verdict->reason));
  for (const auto& wanted : verdict->deployments) {
    must(wanted.environment == "prod" && wanted.ref.starts_with("refs/"));
    must(wanted.commit.empty() || intake::is_object_id(wanted.commit));
  }
  return 0;
}
