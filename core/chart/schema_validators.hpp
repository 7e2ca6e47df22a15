#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/chart/schema_document.hpp"

namespace sluice::chart {

// The two validators behind schema_findings(). Both throw BadSchema. Helm 3's wants check_rules_of_helm3() to have passed.

void check_rules_of_helm3(const SchemaDocument& document);

std::string findings_of_helm3(const SchemaDocument& document, const Value& values);
std::string findings_of_helm4(const SchemaDocument& document, const Value& values);

}  // namespace sluice::chart
