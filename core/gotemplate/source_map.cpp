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

void Executor::trace_text(std::size_t begin, std::size_t pos) {
  if (out_->size() == begin) return;
  map_.push_back({.begin = begin, .end = out_->size(), .file = tree_->name, .line = tree_->place(pos).line, .expression = {}, .is_text = true});
}

/// Notes that the bytes from `begin` on are what the action at `pos` printed.
void Executor::trace(std::size_t begin, std::size_t pos, NodeId expression) {
  if (out_->size() == begin) return;
  SourceSpan span{.begin = begin, .end = out_->size(), .file = tree_->name, .line = tree_->place(pos).line, .expression = {}};
  if (expression != nothing) span.expression = tree_->print(expression);
  span.reads = reads_;
  if (expression != nothing && !span.reads.empty()) span.reads.back().is_printed = true;
  map_.push_back(std::move(span));
}

/// Notes where a plain value comes from that is the current element of a range.
void Executor::note_element(const Value& value) {
  if (value.is_list() || value.is_map()) return;  // it is known by what is looked up in it
  const auto is_it = [&value](const Value* element) {
    return element && element->identity() == value.identity() && (value.identity() || deep_equal(*element, value));
  };
  for (std::size_t i = blocks_.size(); i > first_block_; --i) {
    const Block& block = blocks_[i - 1];
    const auto index = static_cast<std::size_t>(block.index);
    if (block.subject.is_list() && index < block.subject.size() && is_it(&block.subject.items()[index])) {
      return reads_.push_back({block.subject, "[" + std::to_string(index) + "]"});
    }
    if (block.subject.map() && index < block.entries.size() && is_it(block.subject.find(block.entries[index].key.view()))) {
      return reads_.push_back({block.subject, block.entries[index].key.str()});
    }
  }
}

/// Is it what the last include made, at most with other blanks at the beginning of lines, and an empty line in front?
bool Executor::is_as_included(std::string_view printed) const {
  std::string_view inner = included_trace_.text.view();
  if (printed.empty() || inner.empty()) return false;
  if (printed.starts_with('\n') && !inner.starts_with('\n')) printed.remove_prefix(1);
  for (;;) {
    const std::string_view line = inner.substr(0, inner.find('\n'));
    const std::string_view shown = printed.substr(0, printed.find('\n'));
    if (!shown.ends_with(line) || shown.find_first_not_of(' ') < shown.size() - line.size()) return false;
    if (line.size() == inner.size() || shown.size() == printed.size()) return line.size() == inner.size() && shown.size() == printed.size();
    inner.remove_prefix(line.size() + 1);
    printed.remove_prefix(shown.size() + 1);
  }
}

/// The same for a computed value. What include made, and at most indented, keeps the places where its lines were written.
void Executor::trace_string(const Value& value, std::size_t begin, std::size_t pos, NodeId pipeline) {
  const std::string_view printed = value.str();
  if (!is_as_included(printed)) {
    const Node& node = nodes_[pipeline];
    const NodeKind kind = node.data != nothing ? nodes_[node.data].kind : NodeKind::nil;
    const bool is_path = kind == NodeKind::field || kind == NodeKind::variable || kind == NodeKind::dot;
    return trace(begin, pos, is_path ? node.data : nothing);
  }
  const std::string_view inner = included_trace_.text.view();
  const auto from = line_starts(inner);
  const auto to = line_starts(printed);
  const std::size_t skipped = to.size() - from.size();  // nindent puts an empty line in front
  for (std::size_t i = 0; i < to.size(); ++i) {
    const std::size_t end = i + 1 < to.size() ? to[i + 1] : printed.size();
    if (end == to[i]) continue;
    const SourceSpan* source = i < skipped ? nullptr : span_at(included_trace_.map, from[i - skipped]);
    SourceSpan span{.begin = begin + to[i], .end = begin + end, .file = tree_->name, .line = tree_->place(pos).line, .expression = {}};
    if (source) {
      const std::string_view before = inner.substr(source->begin, from[i - skipped] - source->begin);
      if (source->file != set_->name()) {  // the text of a tpl is in no file
        span.file = source->file;
        span.line = source->line;
        if (source->is_text) span.line += static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
      }
      const std::size_t inner_end = i - skipped + 1 < from.size() ? from[i - skipped + 1] : inner.size();
      const SourceSpan* const last = included_trace_.map.data() + included_trace_.map.size();
      for (const SourceSpan* part = source; part != last && part->begin < inner_end; ++part)
        span.reads.insert(span.reads.end(), part->reads.begin(), part->reads.end());
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
