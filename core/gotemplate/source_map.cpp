#include <algorithm>
#include <string_view>

#include "core/gotemplate/executor.hpp"

namespace sluice::gotemplate {

namespace {

constexpr std::string_view no_value = "<no value>";

/// Where the lines of a text begin.
std::vector<std::size_t> line_starts(std::string_view text) {
  std::vector<std::size_t> starts{0};
  for (std::size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1)) starts.push_back(at + 1);
  return starts;
}

/// The span of `map` that wrote the byte at `pos`.
const SourceSpan* span_at(const SourceMap& map, std::size_t pos) {
  const auto after = std::upper_bound(map.begin(), map.end(), pos, [](std::size_t p, const SourceSpan& span) { return p < span.begin; });
  if (after == map.begin()) return nullptr;
  const SourceSpan& span = *(after - 1);
  return pos < span.end ? &span : nullptr;
}

}  // namespace

/// Notes that the bytes from `begin` on come from `pos` of the current file.
void Executor::trace(std::size_t begin, std::size_t pos, NodeId expression) {
  if (out_->size() == begin) return;
  SourceSpan span{.begin = begin, .end = out_->size(), .file = tree_->name, .line = tree_->place(pos).line, .expression = {}};
  if (expression != nothing) span.expression = tree_->print(expression);
  map_.push_back(std::move(span));
}

/// The same for a computed value. What include made, and at most indented, keeps the places where its lines were written.
void Executor::trace_string(const Value& value, std::size_t begin, std::size_t pos, NodeId pipeline) {
  const std::string_view inner = included_trace_.text.view();
  const std::string_view printed = value.str();
  const auto from = line_starts(inner);
  const auto to = line_starts(printed);
  const std::size_t skipped = to.size() - std::min(to.size(), from.size());  // nindent puts an empty line in front
  if (printed.empty() || inner.empty() || to.size() < from.size() || skipped > 1) {
    const Node& node = nodes_[pipeline];
    const bool is_path = node.data != nothing && (nodes_[node.data].kind == NodeKind::field || nodes_[node.data].kind == NodeKind::variable);
    return trace(begin, pos, is_path ? node.data : nothing);
  }
  for (std::size_t i = 0; i < to.size(); ++i) {
    const std::size_t end = i + 1 < to.size() ? to[i + 1] : printed.size();
    if (end == to[i]) continue;
    const SourceSpan* source = i < skipped ? nullptr : span_at(included_trace_.map, from[i - skipped]);
    SourceSpan span{begin + to[i], begin + end, tree_->name, tree_->place(pos).line, {}};
    if (source) {
      const std::string_view before = inner.substr(source->begin, from[i - skipped] - source->begin);
      span.file = source->file;
      span.line = source->line;
      if (source->expression.empty()) span.line += static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
      span.expression = source->expression;
    }
    map_.push_back(std::move(span));
  }
  included_trace_ = {};
}

Text without_no_value(const Text& text) {
  std::string_view rest = text.view();
  if (rest.find(no_value) == std::string_view::npos) return text;
  TextBuilder out;
  std::size_t from = 0;
  for (std::size_t at = rest.find(no_value); at != std::string_view::npos; at = rest.find(no_value, from)) {
    out.append(text.substr(from, at));
    from = at + no_value.size();
  }
  out.append(text.substr(from, text.size()));
  return out.finish();
}

Text without_no_value(const Text& text, SourceMap& map) {
  const std::string_view bytes = text.view();
  std::size_t removed = 0;
  std::size_t at = bytes.find(no_value);
  const auto moved = [&](std::size_t pos) {
    for (; at != std::string_view::npos && at + no_value.size() <= pos; at = bytes.find(no_value, at + no_value.size())) {
      removed += no_value.size();
    }
    return pos - removed;
  };
  for (SourceSpan& span : map) {
    span.begin = moved(span.begin);
    span.end = moved(span.end);
  }
  std::erase_if(map, [](const SourceSpan& span) { return span.begin >= span.end; });
  return without_no_value(text);
}

}  // namespace sluice::gotemplate
