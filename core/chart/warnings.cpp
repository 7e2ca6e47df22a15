#include "core/chart/warnings.hpp"

#include "core/value/text.hpp"

namespace sluice::chart {

void Warnings::add(std::string_view where, std::string_view text) {
  if (helm_ == HelmVersion::v3) {
    lines_.push_back(std::string(where) + ": " + std::string(text));
  } else {
    lines_.push_back("level=INFO msg=" + quoted(text));
  }
}

}  // namespace sluice::chart
