#include "core/chart/chart.hpp"
#include "core/functions/semver.hpp"
#include "core/value/text.hpp"

namespace sluice::chart {

Result<KubeVersion> parse_kube_version(std::string_view text, HelmVersion helm) {
  const auto refused = [&](const std::string& why) {
    return Error{Errc::invalid, "invalid kube version '" + std::string(text) + "': " + why};
  };
  if (helm == HelmVersion::v3) {
    const auto version = functions::parse_version(text);
    if (!version) return refused(version.error().what);
    const std::string whole = "v" + version->text();
    return KubeVersion{whole, std::to_string(version->major), std::to_string(version->minor), whole};
  }
  // Follows: k8s.io/apimachinery, version.ParseGeneric: two or three numbers, whatever follows is not looked at.
  std::string_view rest = text;
  while (!rest.empty() && (rest.front() == ' ' || rest.front() == '\t')) rest.remove_prefix(1);
  if (rest.starts_with('v')) rest.remove_prefix(1);
  std::uint64_t numbers[3] = {};
  std::size_t count = 0;
  while (count < 3 && !rest.empty() && rest.front() >= '0' && rest.front() <= '9') {
    std::size_t size = 1;
    while (size < rest.size() && rest[size] >= '0' && rest[size] <= '9') ++size;
    numbers[count++] = parse_uint(rest.substr(0, size), 10).value;
    rest.remove_prefix(size);
    if (!rest.starts_with('.') || count == 3) break;
    rest.remove_prefix(1);
  }
  if (count < 2) return refused("could not parse " + quoted(text) + " as version");
  const std::string major = std::to_string(numbers[0]), minor = std::to_string(numbers[1]);
  return KubeVersion{text.starts_with('v') ? std::string(text) : "v" + std::string(text), major, minor,
                     "v" + major + "." + minor + (count > 2 ? "." + std::to_string(numbers[2]) : "")};
}

const std::vector<std::string>& default_api_versions(HelmVersion helm) {
  static const std::vector<std::string> helm3 = {
      "v1",
      "admissionregistration.k8s.io/v1",
      "admissionregistration.k8s.io/v1alpha1",
      "admissionregistration.k8s.io/v1beta1",
      "internal.apiserver.k8s.io/v1alpha1",
      "apps/v1",
      "apps/v1beta1",
      "apps/v1beta2",
      "authentication.k8s.io/v1",
      "authentication.k8s.io/v1alpha1",
      "authentication.k8s.io/v1beta1",
      "authorization.k8s.io/v1",
      "authorization.k8s.io/v1beta1",
      "autoscaling/v1",
      "autoscaling/v2",
      "autoscaling/v2beta1",
      "autoscaling/v2beta2",
      "batch/v1",
      "batch/v1beta1",
      "certificates.k8s.io/v1",
      "certificates.k8s.io/v1beta1",
      "certificates.k8s.io/v1alpha1",
      "coordination.k8s.io/v1alpha2",
      "coordination.k8s.io/v1beta1",
      "coordination.k8s.io/v1",
      "discovery.k8s.io/v1",
      "discovery.k8s.io/v1beta1",
      "events.k8s.io/v1",
      "events.k8s.io/v1beta1",
      "extensions/v1beta1",
      "flowcontrol.apiserver.k8s.io/v1",
      "flowcontrol.apiserver.k8s.io/v1beta1",
      "flowcontrol.apiserver.k8s.io/v1beta2",
      "flowcontrol.apiserver.k8s.io/v1beta3",
      "networking.k8s.io/v1",
      "networking.k8s.io/v1alpha1",
      "networking.k8s.io/v1beta1",
      "node.k8s.io/v1",
      "node.k8s.io/v1alpha1",
      "node.k8s.io/v1beta1",
      "policy/v1",
      "policy/v1beta1",
      "rbac.authorization.k8s.io/v1",
      "rbac.authorization.k8s.io/v1beta1",
      "rbac.authorization.k8s.io/v1alpha1",
      "resource.k8s.io/v1beta1",
      "resource.k8s.io/v1alpha3",
      "scheduling.k8s.io/v1alpha1",
      "scheduling.k8s.io/v1beta1",
      "scheduling.k8s.io/v1",
      "storage.k8s.io/v1beta1",
      "storage.k8s.io/v1",
      "storage.k8s.io/v1alpha1",
      "storagemigration.k8s.io/v1alpha1",
      "apiextensions.k8s.io/v1beta1",
      "apiextensions.k8s.io/v1",
  };
  static const std::vector<std::string> helm4 = {
      "v1",
      "admissionregistration.k8s.io/v1",
      "admissionregistration.k8s.io/v1alpha1",
      "admissionregistration.k8s.io/v1beta1",
      "internal.apiserver.k8s.io/v1alpha1",
      "apps/v1",
      "apps/v1beta1",
      "apps/v1beta2",
      "authentication.k8s.io/v1",
      "authentication.k8s.io/v1alpha1",
      "authentication.k8s.io/v1beta1",
      "authorization.k8s.io/v1",
      "authorization.k8s.io/v1beta1",
      "autoscaling/v1",
      "autoscaling/v2",
      "batch/v1",
      "batch/v1beta1",
      "certificates.k8s.io/v1",
      "certificates.k8s.io/v1beta1",
      "certificates.k8s.io/v1alpha1",
      "coordination.k8s.io/v1alpha2",
      "coordination.k8s.io/v1beta1",
      "coordination.k8s.io/v1",
      "discovery.k8s.io/v1",
      "discovery.k8s.io/v1beta1",
      "events.k8s.io/v1",
      "events.k8s.io/v1beta1",
      "extensions/v1beta1",
      "flowcontrol.apiserver.k8s.io/v1",
      "flowcontrol.apiserver.k8s.io/v1beta1",
      "flowcontrol.apiserver.k8s.io/v1beta2",
      "flowcontrol.apiserver.k8s.io/v1beta3",
      "lifecycle.k8s.io/v1alpha1",
      "networking.k8s.io/v1",
      "networking.k8s.io/v1beta1",
      "node.k8s.io/v1",
      "node.k8s.io/v1alpha1",
      "node.k8s.io/v1beta1",
      "policy/v1",
      "policy/v1beta1",
      "rbac.authorization.k8s.io/v1",
      "rbac.authorization.k8s.io/v1beta1",
      "rbac.authorization.k8s.io/v1alpha1",
      "resource.k8s.io/v1",
      "resource.k8s.io/v1beta2",
      "resource.k8s.io/v1beta1",
      "resource.k8s.io/v1alpha3",
      "scheduling.k8s.io/v1alpha3",
      "scheduling.k8s.io/v1beta1",
      "scheduling.k8s.io/v1",
      "storage.k8s.io/v1beta1",
      "storage.k8s.io/v1",
      "storage.k8s.io/v1alpha1",
      "storagemigration.k8s.io/v1",
      "storagemigration.k8s.io/v1beta1",
      "apiextensions.k8s.io/v1beta1",
      "apiextensions.k8s.io/v1",
  };
  return helm == HelmVersion::v3 ? helm3 : helm4;
}

Capabilities default_capabilities(HelmVersion helm) {
  Capabilities capabilities{.kube_version = {}, .api_versions = default_api_versions(helm)};
  if (helm == HelmVersion::v4) capabilities.kube_version = {"v1.37.0", "1", "37", "v1.37.0"};
  return capabilities;
}

}  // namespace sluice::chart
