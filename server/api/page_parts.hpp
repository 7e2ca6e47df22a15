#pragma once

#include <string>
#include <string_view>

#include "server/api/html.hpp"
#include "server/http/message.hpp"
#include "server/store/records.hpp"

// Pieces of the page.

namespace sluice::api {

/// A whole page with the policy that keeps it to itself.
http::Response page_answer(int status, std::string_view title, const Html& main, std::string_view person);
http::Response redirect(std::string to);
/// A failure of the page, as plain text.
http::Response page_failure(const Error& error);

/// "2026-11-25 11:09 UTC", and to the second for programs.
Html time_mark(WallTime time);
Html state_mark(deployment::State state);
Html deployments_list(const std::vector<store::Deployment>& items);
/// The masked diff, folded by release and object. What does not fit is announced, with a link to all of it.
Html diff_view(const store::Plan& plan, std::string_view full_diff);
/// What a plan does, dangerous things first.
Html plan_counts(const store::Plan& plan);

extern const char page_style[];
extern const char page_script[];
extern const char page_icon[];

}  // namespace sluice::api
