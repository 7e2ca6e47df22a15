// What git's last words mean. It has no codes for its failures, only texts (in English, as LC_ALL=C asks).

#include <algorithm>
#include <array>
#include <initializer_list>

#include "server/base/log_text.hpp"
#include "server/source/git_remote.hpp"

namespace sluice::source {

namespace {

struct Meaning {
  std::initializer_list<std::string_view> words;  ///< any of them
  Errc code;
  std::string_view name;  ///< the stable code
  std::string_view told;  ///< what to look at
};

/// The first that fits counts.
const std::array<Meaning, 9>& meanings() {
  static const std::array<Meaning, 9> all{{
      {{"certificate verification failed", "SSL certificate problem", "SSL: no alternative certificate", "does not match target host",
        "certificate has expired", "server certificate verification"},
       Errc::denied,
       "tls-verify",
       "the server's certificate is not trusted; if an authority of your own has signed it, name it with certificate_authority"},
      {{"error setting certificate verify locations", "error reading ca cert", "error adding trust anchors"},
       Errc::invalid,
       "tls-verify",
       "certificate_authority is no file of PEM certificates"},
      {{"Host key verification failed", "REMOTE HOST IDENTIFICATION HAS CHANGED"},
       Errc::denied,
       "git-host-key",
       "the host's key is not the one in known_hosts; ask the host's owner for its key before you change that file"},
      {{"Permission denied (", "Too many authentication failures"},
       Errc::denied,
       "git-auth",
       "the host refuses the key; may this key read the repository?"},
      {{"Authentication failed", "could not read Username", "could not read Password", "returned error: 403", "returned error: 401"},
       Errc::denied,
       "git-auth",
       "the server refuses the token; is there one, has it expired, may it read the repository?"},
      {{"returned error: 30", "unable to update url base from redirection"},
       Errc::denied,
       "git-redirect",
       "the server redirects elsewhere, where neither the request nor the token goes; configure the URL that it leads to"},
      {{"fsck error"}, Errc::invalid, "git-object-mismatch", "the repository sends objects that git's own checks refuse"},
      {{"not our ref", "couldn't find remote ref", "unadvertised object", "bad object"},
       Errc::not_found,
       "git-not-found",
       "the repository has no such commit"},
      {{"does not appear to be a git repository", "not found"},
       Errc::not_found,
       "git-not-found",
       "there is no such repository, or the credential may not see it"},
  }};
  return all;
}

/// git's last words on one line, without what must not be repeated and without ssh's frames of @.
std::string quotable(std::string text, const Secret& token) {
  if (!token.empty()) {
    for (auto at = text.find(token.reveal()); at != std::string::npos; at = text.find(token.reveal(), at)) {
      text.replace(at, token.reveal().size(), "***");
    }
  }
  text.erase(std::remove(text.begin(), text.end(), '@'), text.end());
  std::string line;
  for (const char c : text) {
    const bool blank = c == ' ' || c == '\n' || c == '\r' || c == '\t';
    if (!blank) line += c;
    if (blank && !line.empty() && line.back() != ' ') line += ' ';
  }
  if (line.ends_with(' ')) line.pop_back();
  return shown(line, 500);
}

}  // namespace

Error git_failure(const Remote& remote, int exit_code, std::string words) {
  const auto says = [&words](std::string_view part) { return words.find(part) != std::string::npos; };
  const auto fits = [&says](const Meaning& meaning) { return std::any_of(meaning.words.begin(), meaning.words.end(), says); };
  const auto found = std::find_if(meanings().begin(), meanings().end(), fits);
  std::string said = quotable(words, remote.token);
  if (said.empty()) said = "nothing, and ended with exit code " + std::to_string(exit_code);
  if (found == meanings().end()) return Error{Errc::unavailable, "git-unreachable: git says: " + said};
  return Error{found->code, std::string(found->name) + ": " + std::string(found->told) + " (git says: " + said + ")"};
}

}  // namespace sluice::source
