#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/deployment/person.hpp"

namespace sluice::http {

/// What a route demands of whoever calls it. A route that declares nothing does not start.
enum class Access {
  undeclared,
  open,         ///< Anybody. Says nothing that is not for everybody.
  signed_body,  ///< The body's signature is checked by the handler before it does anything else.
  viewer,       ///< May read.
  approver,     ///< May read and decide.
  operator_,    ///< May read, trigger, retry, roll back, lock.
  admin,        ///< May do all of it.
  session,      ///< A person with a browser session; the page shows the login to others.
};

std::string_view to_string(Access access);

/// Who sent a request, as the Guard found out.
struct Caller {
  deployment::Person person;
  std::int64_t token_id = 0;
  std::string session;  ///< The browser session's id; empty for a bearer token.

  bool has(Access access) const;
};

}  // namespace sluice::http
