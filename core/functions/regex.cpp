#include "core/functions/regex.hpp"

#include <re2/re2.h>

#include <optional>
#include <unordered_map>

#include "core/functions/limits.hpp"
#include "core/functions/regex_syntax.hpp"
#include "core/value/unicode.hpp"

namespace sluice::functions {
namespace {

constexpr std::size_t cached_patterns = 256;

re2::StringPiece piece(std::string_view text) { return {text.data(), text.size()}; }

void append_part(TextBuilder& out, const Text& text, std::size_t begin, std::size_t end) {
  if (text.has_marks()) {
    out.append(text.substr(begin, end));
  } else {
    out.append(text.view().substr(begin, end - begin));
  }
}

/// A group reference at the start of a replacement, behind its dollar sign.
struct Reference {
  std::string_view name;
  int number = -1;
  std::size_t size = 0;
};

std::optional<Reference> read_reference(std::string_view text) {
  const bool braced = text.starts_with('{');
  const std::string_view body = text.substr(braced ? 1 : 0);
  std::size_t end = 0;
  while (end < body.size()) {
    const Rune rune = decode_rune(body.substr(end));
    if (rune.value != '_' && !is_letter(rune.value) && !is_digit(rune.value)) break;
    end += rune.size;
  }
  if (end == 0 || (braced && (end >= body.size() || body[end] != '}'))) return std::nullopt;
  Reference reference{body.substr(0, end), 0, end + (braced ? 2 : 0)};
  for (char c : reference.name) {
    if (c < '0' || c > '9' || reference.number >= 100000000) {
      reference.number = -1;
      break;
    }
    reference.number = reference.number * 10 + (c - '0');
  }
  if (reference.name[0] == '0' && reference.name.size() > 1) reference.number = -1;
  return reference;
}

Result<void> check_subject(std::string_view subject) {
  if (subject.size() > limits::regex_subject_bytes)
    return past_limit("subject of a regular expression", limits::regex_subject_bytes, "bytes");
  return {};
}

}  // namespace

Result<Regex> Regex::compile(std::string_view pattern) {
  thread_local std::unordered_map<std::string, std::shared_ptr<const RE2>> cache;
  std::string key(pattern);
  if (auto known = cache.find(key); known != cache.end()) return Regex(known->second);
  auto translated = to_re2(pattern);
  if (!translated) return std::move(translated).error();
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(limits::regex_program_bytes);
  auto program = std::make_shared<const RE2>(*translated, options);
  if (!program->ok()) return to_go_error(*program, pattern);
  if (cache.size() >= cached_patterns) cache.clear();
  cache.emplace(std::move(key), program);
  return Regex(std::move(program));
}

bool Regex::match_at(std::string_view subject, std::size_t from, std::vector<Range>& groups) const {
  constexpr std::size_t few = 8;
  re2::StringPiece on_stack[few];
  std::vector<re2::StringPiece> on_heap;
  re2::StringPiece* found = on_stack;
  if (groups.size() > few) {
    on_heap.resize(groups.size());
    found = on_heap.data();
  }
  if (!program_->Match(piece(subject), from, subject.size(), RE2::UNANCHORED, found, static_cast<int>(groups.size())))
    return false;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    groups[i].matched = found[i].data() != nullptr;
    if (!groups[i].matched) continue;
    groups[i].begin = static_cast<std::size_t>(found[i].data() - subject.data());
    groups[i].end = groups[i].begin + found[i].size();
  }
  return true;
}

Result<bool> Regex::matches(std::string_view subject) const {
  if (auto fits = check_subject(subject); !fits) return std::move(fits).error();
  return program_->Match(piece(subject), 0, subject.size(), RE2::UNANCHORED, nullptr, 0);
}

static Result<> pay(const Regex::Meter& meter, std::size_t bytes) { return meter ? meter(bytes) : Result<>(); }

Result<std::vector<Regex::Range>> Regex::find_all(std::string_view subject, std::int64_t most, const Meter& meter) const {
  if (auto fits = check_subject(subject); !fits) return std::move(fits).error();
  if (subject.data() == nullptr) subject = "";
  std::vector<Range> found, whole(1);
  std::size_t previous_end = std::string_view::npos;
  for (std::size_t at = 0; at <= subject.size() && (most < 0 || found.size() < static_cast<std::size_t>(most));) {
    if (auto paid = pay(meter, subject.size() - at); !paid) return std::move(paid).error();
    if (!match_at(subject, at, whole)) break;
    const Range match = whole[0];
    bool accept = true;
    if (match.end == at) {
      // An empty match right behind another one does not count.
      accept = match.begin != previous_end;
      const unsigned width = decode_rune(subject.substr(at)).size;
      at += width > 0 ? width : 1;
    } else {
      at = match.end;
    }
    previous_end = match.end;
    if (accept) found.push_back(match);
  }
  return found;
}

void Regex::expand(TextBuilder& out, const Text& subject, const Text& replacement, const std::vector<Range>& groups) const {
  const std::string_view text = replacement.view();
  std::size_t at = 0;
  for (std::size_t dollar; (dollar = text.find('$', at)) != std::string_view::npos;) {
    append_part(out, replacement, at, dollar);
    at = dollar + 1;
    if (text.substr(at).starts_with('$')) {
      append_part(out, replacement, at, at + 1);
      ++at;
      continue;
    }
    const auto reference = read_reference(text.substr(at));
    if (!reference) {
      append_part(out, replacement, dollar, dollar + 1);
      continue;
    }
    at += reference->size;
    int number = reference->number;
    if (number < 0) {
      const auto& names = program_->NamedCapturingGroups();
      if (auto named = names.find(std::string(reference->name)); named != names.end()) number = named->second;
    }
    if (number < 0 || static_cast<std::size_t>(number) >= groups.size()) continue;
    const Range& group = groups[static_cast<std::size_t>(number)];
    if (group.matched) append_part(out, subject, group.begin, group.end);
  }
  append_part(out, replacement, at, text.size());
}

Result<Text> Regex::replace_all(const Text& subject, const Text& replacement, Expand how, const Meter& meter) const {
  const std::string_view text = subject.empty() ? std::string_view("") : subject.view();
  if (auto fits = check_subject(text); !fits) return std::move(fits).error();
  const bool expands = how == Expand::groups && replacement.view().find('$') != std::string_view::npos;
  std::vector<Range> groups(expands ? static_cast<std::size_t>(program_->NumberOfCapturingGroups()) + 1 : 1);
  TextBuilder out;
  std::size_t copied = 0;
  for (std::size_t at = 0; at <= text.size();) {
    if (auto paid = pay(meter, text.size() - at); !paid) return std::move(paid).error();
    if (!match_at(text, at, groups)) break;
    const Range match = groups[0];
    append_part(out, subject, copied, match.begin);
    if (match.end > copied || match.begin == 0) {
      if (expands) {
        expand(out, subject, replacement, groups);
      } else {
        out.append(replacement);
      }
      if (out.size() > limits::builder_bytes) return past_limit("regexReplaceAll", limits::builder_bytes, "bytes");
    }
    copied = match.end;
    const std::size_t width = decode_rune(text.substr(at)).size;
    if (at + width > match.end) {
      at += width;
    } else if (at + 1 > match.end) {
      ++at;
    } else {
      at = match.end;
    }
  }
  if (copied == 0 && out.empty()) return subject;
  append_part(out, subject, copied, text.size());
  return out.finish();
}

Result<std::vector<Regex::Range>> Regex::split(std::string_view subject, std::int64_t most, const Meter& meter) const {
  if (most == 0) return std::vector<Range>{};
  if (!program_->pattern().empty() && subject.empty()) return std::vector<Range>{{0, 0}};
  auto matches = find_all(subject, most, meter);
  if (!matches) return matches;
  std::vector<Range> parts;
  std::size_t begin = 0, end = 0;
  for (const Range& match : *matches) {
    if (most > 0 && parts.size() == static_cast<std::size_t>(most - 1)) break;
    end = match.begin;
    if (match.end != 0) parts.push_back({begin, end});
    begin = match.end;
  }
  if (end != subject.size()) parts.push_back({begin, subject.size()});
  return parts;
}

std::string quote_pattern(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (std::string_view("\\.+*?()|[]{}^$").find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

}  // namespace sluice::functions
