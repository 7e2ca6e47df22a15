#include "server/worker/filters.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace sluice::worker {

namespace {

/// What a filter may be given.
struct Filter {
  std::string_view name;
  std::string_view letters;                     ///< flags of one letter without a value, also several behind one dash
  std::string_view letters_with_value;          ///< with a value, joined or as the next argument
  std::vector<std::string_view> long_flags;     ///< without a value, or with it behind `=` when they end in `=`
  std::size_t least_operands = 0, most_operands = 0;
  bool counts = false;                          ///< -5 is a number of lines
};

const std::vector<Filter>& filters() {
  static const std::vector<Filter> all{
      {"base64", "dDi", "w", {"--decode", "--ignore-garbage", "--wrap="}},
      {"cat", "", "", {}},
      {"cut", "s", "dfcb", {"--delimiter=", "--fields=", "--characters=", "--complement", "--only-delimited"}},
      {"grep", "viEFPoqcxw", "m", {"--invert-match", "--ignore-case", "--only-matching"}, 1, 1},
      {"head", "q", "nc", {"--lines=", "--bytes="}, 0, 0, true},
      {"jq", "rcejMSsRa", "", {"--raw-output", "--compact-output", "--exit-status", "--join-output", "--monochrome-output", "--sort-keys", "--slurp", "--raw-input", "--tab"}, 1, 1},
      {"rev", "", "", {}},
      {"sed", "nErs", "", {"--quiet", "--regexp-extended"}, 1, 1},
      {"sort", "bdfgnruV", "", {"--reverse", "--unique", "--numeric-sort", "--version-sort"}},
      {"tail", "q", "nc", {"--lines=", "--bytes="}, 0, 0, true},
      {"tr", "dscC", "", {"--delete", "--squeeze-repeats", "--complement"}, 1, 2},
      {"uniq", "cdui", "", {"--count"}},
      {"wc", "clwm", "", {"--lines", "--bytes", "--words"}},
  };
  return all;
}

/// jq reads modules and data files by these words; elsewhere they are no part of a program that is worth having.
bool reaches_for_files(std::string_view program) {
  return program.find("import") != std::string_view::npos || program.find("include") != std::string_view::npos;
}

bool is_long_flag(const Filter& filter, std::string_view word) {
  return std::any_of(filter.long_flags.begin(), filter.long_flags.end(),
                     [word](std::string_view flag) { return flag.ends_with('=') ? word.starts_with(flag) : word == flag; });
}

bool is_count(std::string_view word) {
  return word.size() > 1 && std::all_of(word.begin() + 1, word.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// Whether `word` is a bundle of known letters; `wants_value` if its last one takes the next argument.
bool is_bundle(const Filter& filter, std::string_view word, bool& wants_value) {
  for (std::size_t i = 1; i < word.size(); ++i) {
    if (filter.letters_with_value.find(word[i]) != std::string_view::npos) {
      wants_value = i + 1 == word.size();
      return true;
    }
    if (filter.letters.find(word[i]) == std::string_view::npos) return false;
  }
  return true;
}

Error denied(const Filter& filter, const std::string& word) {
  return {Errc::denied, std::string(filter.name) + " behind kubectl may not be given \"" + word + "\""};
}

Result<> check(const Filter& filter, const std::vector<std::string>& words) {
  std::size_t operands = 0;
  bool flags_are_over = false;
  for (std::size_t i = 1; i < words.size(); ++i) {
    const std::string& word = words[i];
    bool wants_value = false;
    if (flags_are_over || word.size() < 2 || word[0] != '-') {
      ++operands;
      if (word == "-" || operands > filter.most_operands) return denied(filter, word);
      if (filter.name == "jq" && reaches_for_files(word)) return denied(filter, word);
    } else if (word == "--") {
      flags_are_over = true;
    } else if (word.starts_with("--")) {
      if (!is_long_flag(filter, word)) return denied(filter, word);
    } else if (!(filter.counts && is_count(word)) && !is_bundle(filter, word, wants_value)) {
      return denied(filter, word);
    }
    if (wants_value && ++i == words.size()) return denied(filter, word);
  }
  if (operands < filter.least_operands) return Error{Errc::denied, std::string(filter.name) + " behind kubectl needs an argument"};
  return {};
}

std::string find_program(std::string_view name) {
  for (const char* folder : {"/usr/bin/", "/bin/", "/usr/local/bin/"}) {
    std::string file = folder + std::string(name);
    if (::access(file.c_str(), X_OK) == 0) return file;
  }
  return {};
}

}  // namespace

Result<std::vector<std::string>> filter_command(const std::vector<std::string>& words) {
  const auto known = std::find_if(filters().begin(), filters().end(), [&](const Filter& filter) { return filter.name == words.front(); });
  if (known == filters().end()) {
    std::string names;
    for (const Filter& filter : filters()) names += (names.empty() ? "" : ", ") + std::string(filter.name);
    return Error{Errc::denied, "\"" + words.front() + "\" may not stand behind kubectl; known are " + names};
  }
  if (auto good = check(*known, words); !good) return std::move(good).error();
  std::vector<std::string> command{find_program(known->name)};
  if (command[0].empty()) return Error{Errc::not_found, "the program " + words.front() + " is not installed"};
  if (known->name == "sed") command.push_back("--sandbox");  // no files, no programs from inside its script
  command.insert(command.end(), words.begin() + 1, words.end());
  return command;
}

}  // namespace sluice::worker
