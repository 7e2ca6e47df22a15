#include "core/chart/source_lines.hpp"

#include <algorithm>
#include <unordered_map>

#include "core/chart/output.hpp"
#include "core/gotemplate/gotemplate.hpp"

namespace sluice::chart {

namespace {

using Path = std::vector<std::string>;

class Lines {
 public:
  explicit Lines(const Rendered& rendered) : rendered_(rendered) {}

  void add(const Piece& piece) {
    const std::string_view text = piece.text;
    if (piece.traced) next_ = first_span(*piece.traced, piece.begin);
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t newline = text.find('\n', at);
      const std::size_t end = newline == text.npos ? text.size() : newline + 1;
      if (is_new_) lines_.push_back({.file = std::string(piece.source), .line = 0, .values = {}});
      if (is_new_) has_owner_ = false;
      is_new_ = newline != text.npos;
      if (piece.traced) trace(*piece.traced, piece.begin + at, piece.begin + end);
      if (piece.is_copied && lines_.back().line == 0) lines_.back().line = 1 + copied_;
      if (piece.is_copied && is_new_) ++copied_;
      at = end;
    }
    if (!piece.is_copied) copied_ = 0;
  }

  std::vector<LineSource> take() { return std::move(lines_); }

 private:
  static std::size_t first_span(const gotemplate::TracedText& traced, std::size_t at) {
    return static_cast<std::size_t>(std::ranges::upper_bound(traced.spans, at, {}, &gotemplate::SourceSpan::end) - traced.spans.begin());
  }

  /// The spans that wrote the bytes from `begin` to `end`, a line or a part of one.
  void trace(const gotemplate::TracedText& traced, std::size_t begin, std::size_t end) {
    const auto& spans = traced.spans;
    LineSource& line = lines_.back();
    while (next_ < spans.size() && spans[next_].end <= begin) ++next_;
    for (std::size_t i = next_; i < spans.size() && spans[i].begin < end; ++i) {
      const gotemplate::SourceSpan& span = spans[i];
      const std::size_t from = std::max(begin, span.begin);
      const std::string_view bytes = traced.text.view().substr(from, std::min(end, span.end) - from);
      const bool is_visible = bytes.find_first_not_of(" \t\r\n") != bytes.npos;
      if (line.line == 0 || (is_visible && !has_owner_)) {
        line.file = span.file;
        line.line = span.line;
        if (span.is_text) line.line += newlines(traced.text.view().substr(span.begin, from - span.begin));
      }
      has_owner_ = has_owner_ || is_visible;
      for (const gotemplate::ValueRead& read : span.reads) add_value(line, read);
    }
  }

  static std::size_t newlines(std::string_view text) { return static_cast<std::size_t>(std::ranges::count(text, '\n')); }

  void add_value(LineSource& line, const gotemplate::ValueRead& read) {
    const auto holder = rendered_.value_paths.find(read.holder.identity());
    if (holder == rendered_.value_paths.end()) return;
    Path path = holder->second;
    path.push_back(read.key);
    const auto known = std::ranges::find(line.values, path, &SourceValue::path);
    if (known == line.values.end()) {
      line.values.push_back({std::move(path), read.is_printed});
    } else {
      known->printed = known->printed || read.is_printed;
    }
  }

  const Rendered& rendered_;
  std::vector<LineSource> lines_;
  bool is_new_ = true;       // the next byte begins a line
  bool has_owner_ = false;   // the line at hand: something visible was written
  std::size_t copied_ = 0;   // lines of the file at hand that is copied as it is
  std::size_t next_ = 0;     // the span to look at first
};

}  // namespace

Result<std::vector<LineSource>> source_lines(const Rendered& rendered, const TemplateOutput& options) {
  Lines lines(rendered);
  if (auto done = walk_output(rendered, options, [&](const Piece& piece) { lines.add(piece); }); !done) return std::move(done).error();
  return lines.take();
}

}  // namespace sluice::chart
