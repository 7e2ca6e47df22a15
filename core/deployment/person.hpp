#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::deployment {

/// viewer reads; approver reads and decides; operator reads, triggers, cancels, retries, rolls back and locks; admin does all.
enum class Role { viewer, approver, operator_, admin };

std::string_view to_string(Role role);
std::optional<Role> parse_role(std::string_view text);

/// Who wishes something. Comes from a token, or from a delivery's sender.
struct Person {
  std::string name;        ///< A GitHub login, or the name of a token.
  std::int64_t id = 0;     ///< GitHub's number of this person, which a renamed login keeps; 0 when not known.
  std::vector<Role> roles;
  std::vector<std::string> environments;  ///< The only ones this person deals with; empty = all.

  bool operator==(const Person&) const = default;
};

/// Whether `person` has `role`, itself or as an admin. Every role may do what a viewer may.
bool has_role(const Person& person, Role role);
bool may_see(const Person& person, std::string_view environment);

/// By number where both have one, by name (without regard to case) otherwise.
bool is_same_person(const Person& a, const Person& b);

}  // namespace sluice::deployment
