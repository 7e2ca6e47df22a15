#include "core/gotemplate/error.hpp"

#include <optional>

namespace sluice::gotemplate {

namespace {

constexpr std::string_view author_begin = "HELM_ERR_START";
constexpr std::string_view author_end = "HELM_ERR_END";

/// The first of the chain's frames, one per line as Helm 4 shows it.
struct Frame {
  std::string_view place, executing, message;
  bool operator==(const Frame&) const = default;
};

std::string_view before_nested(std::string_view message) { return message.substr(0, message.find(" template:")); }

/// "FILE:L:C: executing "T" at <CTX>: MSG"
std::optional<Frame> read_executing(std::string_view text) {
  constexpr std::string_view executing = ": executing ";
  const std::size_t split = text.find(executing);
  if (split == std::string_view::npos) return std::nullopt;
  const std::string_view rest = text.substr(split + 2);
  const std::size_t name = executing.size() - 2;
  if (rest.size() <= name || rest[name] != '"') return std::nullopt;
  const std::size_t close = rest.find('"', name + 1);
  if (close == std::string_view::npos || !rest.substr(close + 1).starts_with(" at <")) return std::nullopt;
  const std::size_t end = rest.find(">: ", close);
  if (end == std::string_view::npos) return std::nullopt;
  return Frame{text.substr(0, split), rest.substr(0, end + 2), before_nested(rest.substr(end + 3))};
}

std::optional<Frame> read_frame(std::string_view text) {
  constexpr std::string_view prefix = "template: ";
  if (!text.starts_with(prefix)) return std::nullopt;
  const std::string_view rest = text.substr(prefix.size());
  if (rest.starts_with("no template \"")) return Frame{{}, {}, text};
  if (const auto frame = read_executing(rest)) return frame;
  const std::size_t split = rest.rfind(": ");
  if (split == std::string_view::npos) return std::nullopt;
  return Frame{rest.substr(0, split), {}, before_nested(rest.substr(split + 2))};
}

void append_frame(std::string& out, const Frame& frame) {
  if (!frame.place.empty()) (out += frame.place) += "\n  ";
  if (!frame.executing.empty()) (out += frame.executing) += "\n    ";
  if (!frame.message.empty()) (out += frame.message) += '\n';
}

/// Helm 4's lines; Go's text if a link of the chain is no template's frame.
std::string in_lines(const TemplateError& error) {
  const std::string_view text = error.text;
  std::string out;
  std::optional<Frame> last;
  for (const std::size_t begin : error.causes) {
    const auto frame = read_frame(text.substr(begin));
    if (!frame) return error.text;
    if (last != frame) append_frame(out, *frame);
    last = frame;
  }
  constexpr std::string_view white = " \t\r\n\v\f";
  const std::size_t first = out.find_first_not_of(white);
  if (first == std::string::npos) return {};
  return out.substr(first, out.find_last_not_of(white) - first + 1);
}

/// What stands between the first ": " and the second, and what follows.
struct Split {
  std::string_view place, rest;
};

std::optional<Split> split_text(std::string_view text) {
  const std::size_t first = text.find(": ");
  if (first == std::string_view::npos) return std::nullopt;
  const std::size_t second = text.find(": ", first + 2);
  if (second == std::string_view::npos) return std::nullopt;
  return Split{text.substr(first + 2, second - first - 2), text.substr(second + 2)};
}

}  // namespace

Error to_error(const TemplateError& error, ErrorForm form) {
  if (form == ErrorForm::go) return {error.code, error.text};
  if (const auto split = split_text(error.text)) {
    const std::size_t begin = split->rest.find(author_begin);
    const std::size_t end = split->rest.rfind(author_end);
    if (begin != std::string_view::npos && end != std::string_view::npos && end >= begin + author_begin.size()) {
      const std::string_view message = split->rest.substr(begin + author_begin.size(), end - begin - author_begin.size());
      return {error.code, "execution error at (" + std::string(split->place) + "): " + std::string(message)};
    }
  }
  return {error.code, form == ErrorForm::helm4 ? in_lines(error) : error.text};
}

std::string helm_parse_error(std::string_view go_text, std::string_view file) {
  const std::size_t first = go_text.find(": ");
  if (first == std::string_view::npos) return "parse error in (" + std::string(file) + "): " + std::string(go_text);
  const std::size_t second = go_text.find(": ", first + 2);
  const std::string_view place =
      go_text.substr(first + 2, second == std::string_view::npos ? std::string_view::npos : second - first - 2);
  return "parse error at (" + std::string(place) + "): " + std::string(go_text.substr(go_text.rfind(": ") + 2));
}

std::string author_message(std::string_view message) {
  return std::string(author_begin) + std::string(message) + std::string(author_end);
}

}  // namespace sluice::gotemplate
