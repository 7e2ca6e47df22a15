#include "server/worker/shell_line.hpp"

namespace sluice::worker {

namespace {

class LineReader {
 public:
  explicit LineReader(std::string_view line) : line_(line) {}

  Result<std::vector<ShellCommand>> read() {
    std::vector<ShellCommand> commands(1);
    while (true) {
      skip_blanks();
      if (at_ == line_.size()) break;
      if (line_[at_] == '|') {
        if (line_.substr(at_, 2) == "||" || line_.substr(at_, 2) == "|&") return refuse(line_.substr(at_, 2));
        if (commands.back().words.empty()) return refuse("|");
        ++at_;
        commands.emplace_back();
      } else if (line_.substr(at_).starts_with("2>")) {
        if (auto dropped = read_dropped_errors(); !dropped) return std::move(dropped).error();
        commands.back().drop_errors = true;
      } else {
        auto word = read_word();
        if (!word) return std::move(word).error();
        commands.back().words.push_back(std::move(*word));
      }
    }
    if (commands.back().words.empty()) return Error{Errc::unsupported, "a program is missing at the end"};
    return commands;
  }

 private:
  static bool is_blank(char c) { return c == ' ' || c == '\t'; }

  Error refuse(std::string_view what) const {
    const std::string shown = what == "\n" ? "a line break" : "`" + std::string(what) + "`";
    return {Errc::unsupported, "column " + std::to_string(at_ + 1) + ": " + shown + " is not understood here"};
  }

  void skip_blanks() {
    const bool only_blanks_left = line_.find_first_not_of(" \t\r\n", at_) == std::string_view::npos;
    if (only_blanks_left) at_ = line_.size();
    while (at_ < line_.size()) {
      if (is_blank(line_[at_])) ++at_;
      else if (line_.substr(at_, 2) == "\\\n") at_ += 2;
      else return;
    }
  }

  Result<> read_dropped_errors() {
    std::size_t end = at_ + 2;
    while (end < line_.size() && is_blank(line_[end])) ++end;
    constexpr std::string_view nowhere = "/dev/null";
    const std::string_view rest = line_.substr(end);
    const bool ends = rest.size() == nowhere.size() || (rest.size() > nowhere.size() && (is_blank(rest[nowhere.size()]) || rest[nowhere.size()] == '|'));
    if (!rest.starts_with(nowhere) || !ends) return refuse("2>");
    at_ = end + nowhere.size();
    return {};
  }

  Result<std::string> read_word() {
    std::string word;
    for (bool first = true; at_ < line_.size(); first = false) {
      const char c = line_[at_];
      if (is_blank(c) || c == '|') break;
      if (c == '\'') {
        const std::size_t end = line_.find('\'', at_ + 1);
        if (end == std::string_view::npos) return Error{Errc::unsupported, "column " + std::to_string(at_ + 1) + ": the quote has no end"};
        word += line_.substr(at_ + 1, end - at_ - 1);
        at_ = end + 1;
      } else if (c == '"') {
        if (auto read = read_double_quotes(word); !read) return std::move(read).error();
      } else if (c == '\\') {
        if (at_ + 1 == line_.size()) return refuse("\\");
        if (line_[at_ + 1] != '\n') word += line_[at_ + 1];
        at_ += 2;
      } else if (constexpr std::string_view special = "$`;&<>()*?\n\r"; special.find(c) != std::string_view::npos || (first && (c == '~' || c == '#'))) {
        return refuse(line_.substr(at_, 1));
      } else {
        word += c;
        ++at_;
      }
    }
    return word;
  }

  Result<> read_double_quotes(std::string& word) {
    const std::size_t begin = at_++;
    for (; at_ < line_.size(); ++at_) {
      const char c = line_[at_];
      if (c == '"') {
        ++at_;
        return {};
      }
      if (c == '$' || c == '`') return refuse(line_.substr(at_, 1));
      if (c == '\\' && at_ + 1 < line_.size() && std::string_view("$`\"\\\n").find(line_[at_ + 1]) != std::string_view::npos) {
        ++at_;
        if (line_[at_] != '\n') word += line_[at_];
      } else {
        word += c;
      }
    }
    return Error{Errc::unsupported, "column " + std::to_string(begin + 1) + ": the quote has no end"};
  }

  std::string_view line_;
  std::size_t at_ = 0;
};

}  // namespace

Result<std::vector<ShellCommand>> parse_pipeline(std::string_view line) { return LineReader(line).read(); }

}  // namespace sluice::worker
