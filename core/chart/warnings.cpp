#include "core/chart/warnings.hpp"

#include "core/value/text.hpp"

namespace sluice::chart {

void Warnings::add(std::string_view where, std::string_view text) {
  if (helm_ == HelmVersion::v3) {
    if (text.ends_with('\n')) text.remove_suffix(1);  // Go's log ends a line only if that is not done
    lines_.push_back(std::string(where) + ": " + std::string(text));
  } else {
    lines_.push_back("level=INFO msg=" + quoted(text));
  }
}

void Warnings::add(std::string_view where, std::string_view text, const std::string& helm4_line) {
  helm_ == HelmVersion::v3 ? add(where, text) : lines_.push_back(helm4_line);
}

std::string log_field(std::string_view key, std::string_view value) {
  const std::string in_quotes = quoted(value);
  const bool plain = !value.empty() && in_quotes.size() == value.size() + 2 && value.find_first_of(" =\"") == value.npos;
  return " " + std::string(key) + "=" + (plain ? std::string(value) : in_quotes);
}

}  // namespace sluice::chart
