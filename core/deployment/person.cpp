#include "core/deployment/person.hpp"

#include <algorithm>

namespace sluice::deployment {

std::string_view to_string(Role role) {
  switch (role) {
    case Role::viewer: return "viewer";
    case Role::approver: return "approver";
    case Role::operator_: return "operator";
    case Role::admin: return "admin";
  }
  return "viewer";
}

std::optional<Role> parse_role(std::string_view text) {
  for (const Role role : {Role::viewer, Role::approver, Role::operator_, Role::admin}) {
    if (text == to_string(role)) return role;
  }
  return std::nullopt;
}

bool has_role(const Person& person, Role role) {
  if (role == Role::viewer) return !person.roles.empty();
  return std::ranges::any_of(person.roles, [&](Role has) { return has == role || has == Role::admin; });
}

bool may_see(const Person& person, std::string_view environment) {
  return has_role(person, Role::viewer) &&
         (person.environments.empty() || std::ranges::find(person.environments, environment) != person.environments.end());
}

static char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool is_same_person(const Person& a, const Person& b) {
  if (a.id != 0 && b.id != 0) return a.id == b.id;
  return std::ranges::equal(a.name, b.name, {}, lower, lower);
}

}  // namespace sluice::deployment
