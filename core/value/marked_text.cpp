#include "core/value/marked_text.hpp"

#include <algorithm>
#include <cstring>
#include <new>

namespace sluice {

Ref<Text::Rep> Text::make(std::string_view bytes) {
  void* memory = ::operator new(sizeof(Rep) + bytes.size() + 1);
  auto* rep = new (memory) Rep;
  rep->size = bytes.size();
  if (!bytes.empty()) std::memcpy(data(rep), bytes.data(), bytes.size());
  data(rep)[bytes.size()] = '\0';
  return Ref<Rep>::adopt(rep);
}

/// What a text is made by, and then made of.
struct Text::Later {
  std::size_t expected_size;
  int depth;  // of pending texts that are made from pending texts
  std::function<Text()> make;
  Text made = {};
};

Text::Later& Text::later_of(Rep* rep) noexcept { return *reinterpret_cast<Later*>(rep + 1); }
bool Text::is_unmade(Rep* rep) noexcept { return later_of(rep).make != nullptr; }

Text Text::later(std::size_t size, std::span<const Text> inputs, std::function<Text()> make) {
  constexpr int max_depth = 32;  // making nests that deep on the stack
  int depth = 0;
  for (const Text& input : inputs)
    if (input.is_pending()) depth = std::max(depth, later_of(input.rep_.get()).depth + 1);
  if (depth > max_depth) return make();
  void* memory = ::operator new(sizeof(Rep) + sizeof(Later));
  auto* rep = new (memory) Rep;
  rep->is_later = true;
  new (rep + 1) Later{size, depth, std::move(make)};
  return Text(Ref<Rep>::adopt(rep));
}

std::size_t Text::expected_size() const noexcept { return is_pending() ? later_of(rep_.get()).expected_size : view().size(); }

std::string_view Text::made_view(Rep* rep) {
  Later& later = later_of(rep);
  if (later.make) {
    later.made = later.make();
    later.make = nullptr;
  }
  return later.made.view();
}

void Text::Rep::destroy(Rep* rep) noexcept {
  if (rep->is_later) later_of(rep).~Later();
  delete rep->marks;
  rep->~Rep();
  ::operator delete(rep);
}

Text::Text(std::string_view bytes) {
  if (!bytes.empty()) rep_ = make(bytes);
}

Text::Text(std::string_view bytes, Marks marks) : Text(bytes) {
  if (rep_ && !marks.empty()) rep_->marks = new Marks(std::move(marks));
}

Text Text::secret(std::string_view bytes) { return Text(bytes, Marks{Mark{0, static_cast<std::uint32_t>(bytes.size())}}); }

Text Text::substr(std::size_t begin, std::size_t end) const {
  if (begin == 0 && end == size()) return *this;
  Text part(view().substr(begin, end - begin));
  if (!has_marks() || part.empty()) return part;
  Marks kept;
  for (const Mark& mark : marks()) {
    const std::size_t from = std::max<std::size_t>(mark.begin, begin);
    const std::size_t to = std::min<std::size_t>(mark.end, end);
    if (from < to) kept.push_back({static_cast<std::uint32_t>(from - begin), static_cast<std::uint32_t>(to - begin)});
  }
  if (!kept.empty()) part.rep_->marks = new Marks(std::move(kept));
  return part;
}

void TextBuilder::append(const Text& text) {
  const std::size_t base = bytes_.size();
  bytes_.append(text.view());
  for (const Mark& mark : text.marks()) add_mark(base + mark.begin, base + mark.end);
}

void TextBuilder::append_secret(std::string_view bytes) {
  const std::size_t begin = bytes_.size();
  bytes_.append(bytes);
  add_mark(begin, bytes_.size());
}

void TextBuilder::append_later(const Text& text) {
  if (!text.is_pending()) return append(text);
  gaps_.push_back({bytes_.size(), bytes_.size() + text.expected_size(), text});
  bytes_.resize(gaps_.back().end);
}

/// `bytes` with the texts that belong into the gaps, and its marks moved along.
Text TextBuilder::filled(const std::string& bytes, const Marks& marks, std::span<const Gap> gaps) {
  std::string out;
  Marks moved = marks;
  std::size_t at = 0;
  for (const Gap& gap : gaps) {
    out.append(bytes, at, gap.begin - at);
    const std::size_t grown = out.size() - gap.begin + gap.text.size() - (gap.end - gap.begin);
    out.append(gap.text.view());
    for (std::size_t i = 0; i < marks.size(); ++i) {
      if (marks[i].begin >= gap.end) moved[i].begin = static_cast<std::uint32_t>(marks[i].begin + grown);
      if (marks[i].end >= gap.end) moved[i].end = static_cast<std::uint32_t>(marks[i].end + grown);
    }
    at = gap.end;
  }
  out.append(bytes, at);
  return Text(out, std::move(moved));
}

Text TextBuilder::text() const {
  if (gaps_.empty()) return Text(bytes_, marks_);
  if (!marks_.empty()) return filled(bytes_, marks_, gaps_);
  std::vector<Text> inputs;
  for (const Gap& gap : gaps_) inputs.push_back(gap.text);
  return Text::later(bytes_.size(), inputs, [bytes = bytes_, gaps = gaps_] { return filled(bytes, {}, gaps); });
}

void TextBuilder::add_mark(std::size_t begin, std::size_t end) {
  if (begin >= end) return;
  if (!marks_.empty() && marks_.back().end >= begin) {
    marks_.back().begin = std::min(marks_.back().begin, static_cast<std::uint32_t>(begin));
    marks_.back().end = std::max(marks_.back().end, static_cast<std::uint32_t>(end));
  } else {
    marks_.push_back({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)});
  }
}

void TextBuilder::truncate(std::size_t size) {
  bytes_.resize(size);
  while (!gaps_.empty() && gaps_.back().begin >= size) gaps_.pop_back();
  while (!marks_.empty() && marks_.back().begin >= size) marks_.pop_back();
  if (!marks_.empty()) marks_.back().end = std::min(marks_.back().end, static_cast<std::uint32_t>(size));
}

Text TextBuilder::finish() {
  Text built = text();
  bytes_.clear();
  marks_.clear();
  gaps_.clear();
  return built;
}

}  // namespace sluice
