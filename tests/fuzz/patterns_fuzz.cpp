// Holds a subject against patterns of every kind: the first line is the subject, the rest the pattern or the rules.

#include <string>

#include "core/chart/ignore.hpp"
#include "core/chart/path_glob.hpp"
#include "core/deployment/pattern.hpp"
#include "core/functions/regex.hpp"
#include "core/functions/semver.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace {

using namespace sluice;
using fuzz::must;

void search(std::string_view pattern, std::string_view subject) {
  const auto regex = functions::Regex::compile(pattern);
  if (!regex) return must(regex.error().what.starts_with("error parsing regexp: "));
  const auto found = regex->find_all(subject, -1);
  const auto matches = regex->matches(subject);
  if (!found || !matches) return;
  must(*matches == !found->empty());
  std::size_t at = 0;
  for (const auto& range : *found) {
    must(at <= range.begin && range.begin <= range.end && range.end <= subject.size());
    at = range.end;
  }
  const auto replaced = regex->replace_all(Text(subject), Text("$0"), functions::Regex::Expand::groups);
  if (replaced) must(replaced->view() == subject);
  (void)regex->replace_all(Text(subject), Text(pattern), functions::Regex::Expand::groups);
  (void)regex->split(subject, 3);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto [subject, pattern] = fuzz::cut(fuzz::text_of(data, size), "\n");
  search(pattern, subject);
  const auto literal = functions::Regex::compile(functions::quote_pattern(subject));
  if (literal) must(*literal->matches(subject));
  (void)deployment::matches(pattern, subject);
  (void)chart::FileGlob(pattern).matches(subject);
  if (!chart::is_path_pattern(pattern)) must(!chart::match_path(pattern, subject));
  if (const auto rules = chart::IgnoreRules::parse(pattern)) {
    (void)rules->ignores(subject, chart::FileType::regular);
    (void)rules->ignores(subject, chart::FileType::directory);
  }
  const auto constraint = functions::Constraint::parse(std::string(pattern));
  const auto version = functions::parse_version(std::string(subject));
  if (constraint && version) (void)constraint->admits(*version);
  return 0;
}
