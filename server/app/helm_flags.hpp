#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"

namespace sluice::app {

enum class FlagType {
  boolean,   ///< --flag, --flag=false
  text,      ///< --flag value, --flag=value; may come again
  list,      ///< the same, but a value holds several, separated by commas, quoted as in CSV
  optional,  ///< --flag, --flag=value
};

struct FlagSpec {
  std::string_view name;
  char short_name = 0;
  FlagType type = FlagType::text;
};

/// A command line taken apart.
///
/// Follows: spf13/pflag, which helm's commands are built on: flags anywhere among the arguments, -n x, -nx, -n=x, -abc for
/// several booleans, "--" ends them; and its error texts. (CLI11 words and splits these things differently.)
class HelmFlags {
 public:
  /// Errors: invalid: "unknown flag: --x", "flag needs an argument: --x", "invalid argument ...".
  static Result<HelmFlags> parse(std::span<const FlagSpec> specs, const std::vector<std::string>& arguments);

  bool has(std::string_view name) const { return values_.contains(name); }
  bool is_on(std::string_view name) const;
  /// The last value given, else `otherwise`.
  std::string text(std::string_view name, std::string_view otherwise = "") const;
  /// All values given, in order.
  std::vector<std::string> all(std::string_view name) const;
  const std::vector<std::string>& positional() const { return positional_; }

 private:
  Result<> add(const FlagSpec& spec, std::string_view shown, std::string value);

  std::map<std::string, std::vector<std::string>, std::less<>> values_;
  std::vector<std::string> positional_;
};

}  // namespace sluice::app
