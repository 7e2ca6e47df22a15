#include "server/worker/redactor.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "core/base/digest.hpp"

namespace sluice::worker {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
/// What JSON, Go, HTML and shells write as it is.
bool stays_in_quotes(char c) { return c > ' ' && c < 0x7f && std::string_view("\"\\'<>&`$").find(c) == std::string_view::npos; }
/// The same of URLs.
bool stays_in_urls(char c) { return is_digit(c) || is_upper(c) || is_lower(c) || std::string_view("-._~").find(c) != std::string_view::npos; }

std::string folded(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (is_upper(c)) c = static_cast<char>(c + 32);
  return out;
}

/// Calls `take` with each longest run of characters that `belongs`.
template <class Take>
void each_run(std::string_view text, bool (*belongs)(char), const Take& take) {
  while (!text.empty()) {
    const auto begin = std::find_if(text.begin(), text.end(), belongs);
    const auto end = std::find_if_not(begin, text.end(), belongs);
    if (begin != end) take(std::string_view(begin, end));
    text = std::string_view(end, text.end());
  }
}

/// Whether a word says enough to be told from words that mean something else.
bool is_telling(std::string_view word) {
  const bool has_digit = std::any_of(word.begin(), word.end(), is_digit);
  const bool has_letter = std::any_of(word.begin(), word.end(), [](char c) { return is_upper(c) || is_lower(c); });
  const bool has_odd = std::any_of(word.begin(), word.end(), [](char c) { return !is_lower(c) && std::string_view("-._/: ").find(c) == std::string_view::npos; });
  return word.size() >= 20 || (word.size() >= 8 && has_odd) || (word.size() >= 6 && has_digit && has_letter);
}

}  // namespace

void Redactor::add_word(std::string_view word) {
  if (is_telling(word)) words_.insert(folded(word));
}

void Redactor::add(std::string_view secret) {
  const std::lock_guard lock{guard_};
  const auto add_run = [this](std::string_view word) { add_word(word); };
  each_run(secret, [](char c) { return c != '\n' && c != '\r'; }, add_run);
  each_run(secret, stays_in_quotes, add_run);
  each_run(secret, stays_in_urls, add_run);
  if (!is_telling(secret)) return;
  words_.insert(to_hex(secret));
  for (std::size_t shift = 0; shift < 3; ++shift) {  // of the characters that are made of other bytes as well, none is left
    const std::string encoded = to_base64(std::string(shift, '\0') + std::string(secret));
    const std::size_t begin = shift == 0 ? 0 : 4;
    const std::size_t end = encoded.size() - ((shift + secret.size()) % 3 == 0 ? 0 : 4);
    if (begin < end) add_word(std::string_view(encoded).substr(begin, end - begin));
  }
}

std::string Redactor::hide(std::string_view text) const {
  const std::string low = folded(text);
  std::vector<std::pair<std::size_t, std::size_t>> found;
  {
    const std::lock_guard lock{guard_};
    for (const auto& word : words_)
      for (auto at = low.find(word); at != std::string::npos; at = low.find(word, at + 1)) found.emplace_back(at, at + word.size());
  }
  std::sort(found.begin(), found.end());
  std::string out;
  std::size_t done = 0;
  for (const auto& [begin, end] : found) {
    if (begin >= done) out.append(text, done, begin - done).append("(secret)");
    done = std::max(done, end);
  }
  return out.append(text.substr(done));
}

}  // namespace sluice::worker
