#include "server/http/caller.hpp"

namespace sluice::http {

std::string_view to_string(Access access) {
  switch (access) {
    case Access::undeclared: return "undeclared";
    case Access::open: return "open";
    case Access::signed_body: return "signature";
    case Access::viewer: return "viewer";
    case Access::approver: return "approver";
    case Access::operator_: return "operator";
    case Access::admin: return "admin";
    case Access::session: return "session";
  }
  return "undeclared";
}

bool Caller::has(Access access) const {
  using deployment::Role;
  switch (access) {
    case Access::undeclared: return false;
    case Access::open:
    case Access::signed_body: return true;
    case Access::viewer: return has_role(person, Role::viewer);
    case Access::approver: return has_role(person, Role::approver);
    case Access::operator_: return has_role(person, Role::operator_);
    case Access::admin: return has_role(person, Role::admin);
    case Access::session: return !session.empty();
  }
  return false;
}

}  // namespace sluice::http
