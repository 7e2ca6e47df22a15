#include "server/api/page_parts.hpp"

namespace sluice::api {

using deployment::State;

namespace {
constexpr char policy[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'";

std::string_view mark_of(State state) {
  switch (state) {
    case State::succeeded:
    case State::no_changes: return "state good";
    case State::awaiting_approval:
    case State::interrupted: return "state warn";
    case State::plan_failed:
    case State::failed:
    case State::rolled_back:
    case State::rejected:
    case State::poisoned: return "state bad";
    case State::expired:
    case State::superseded:
    case State::cancelled: return "state soft";
    default: return "state busy";
  }
}
}  // namespace

http::Response page_answer(int status, std::string_view title, const Html& main, std::string_view person) {
  Html page;
  page.raw(
      "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, "
      "initial-scale=1\"><title>");
  page.text(title).raw(
      " · sluice</title><link rel=\"icon\" href=\"/assets/icon.svg\"><link rel=\"stylesheet\" href=\"/assets/style.css\"><script "
      "src=\"/assets/page.js\" "
      "defer></script></head><body><header><a class=\"name\" href=\"/\">sluice</a>");
  if (!person.empty())
    page.raw("<nav><a href=\"/\">Deployments</a> <a href=\"/drift\">Drift</a></nav><form method=\"post\" action=\"/logout\"><span class=\"soft\">")
        .text(person)
        .raw(" </span><button>Log out</button></form>");
  page.raw("</header><main>").add(main).raw("</main></body></html>\n");
  return {.status = status,
          .content_type = "text/html; charset=utf-8",
          .body = std::move(page).take(),
          .fields = {{"Content-Security-Policy", policy}}};
}

http::Response redirect(std::string to) { return {.status = 303, .fields = {{"Location", std::move(to)}}}; }

http::Response page_failure(const Error& error) {
  int status = 500;
  switch (error.code) {
    case Errc::invalid: status = 400; break;
    case Errc::not_found: status = 404; break;
    case Errc::conflict: status = 409; break;
    case Errc::denied: status = 403; break;
    default: status = 503;
  }
  return {.status = status,
          .content_type = "text/plain; charset=utf-8",
          .body = error.what + "\n\nGo back and reload the page to see how things are now.\n"};
}

Html time_mark(WallTime time) {
  const std::string text = to_rfc3339(time);
  Html out;
  out.raw("<time datetime=\"").text(text).raw("\">").text(std::string_view(text).substr(0, 10)).raw(" ");
  out.text(std::string_view(text).substr(11, 5)).raw(" UTC</time>");
  return out;
}

Html state_mark(State state) {
  Html out;
  std::string words(to_string(state));
  for (auto& c : words)
    if (c == '_') c = ' ';
  out.raw("<span class=\"").text(mark_of(state)).raw("\">").text(words).raw("</span>");
  return out;
}

Html deployments_list(const std::vector<store::Deployment>& items) {
  Html out;
  for (const auto& one : items) {
    out.raw("<div class=\"row\"><a href=\"/deployments/").number(one.id.value).raw("\">#").number(one.id.value).raw("</a>");
    out.add(state_mark(one.state));
    out.raw("<span class=\"title\">").text(one.title.empty() ? one.ref : one.title).raw(" <span class=\"soft\">");
    out.text(one.repository).raw(" → ").text(one.environment).raw("</span></span><span class=\"soft\"><code>");
    out.text(std::string_view(one.commit).substr(0, 8))
        .raw("</code> ")
        .add(time_mark(one.created))
        .raw("</span></div>");
  }
  if (items.empty()) out.raw("<p class=\"soft\">Nothing here yet.</p>");
  return out;
}

}  // namespace sluice::api
