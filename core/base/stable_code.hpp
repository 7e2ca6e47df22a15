#pragma once

#include <string_view>

namespace sluice {

/// The stable code in an Error's text or a deployment's reason: the first step of "doing this: git-auth: the server ..." that is one
/// of the codes in stable_code.cpp; empty if there is none. The same code in API, command line, page and log. Lives for ever.
std::string_view stable_code(std::string_view text);

}  // namespace sluice
