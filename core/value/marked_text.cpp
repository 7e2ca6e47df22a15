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

void Text::Rep::destroy(Rep* rep) noexcept {
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
  while (!marks_.empty() && marks_.back().begin >= size) marks_.pop_back();
  if (!marks_.empty()) marks_.back().end = std::min(marks_.back().end, static_cast<std::uint32_t>(size));
}

Text TextBuilder::finish() {
  Text text(bytes_, std::move(marks_));
  bytes_.clear();
  marks_.clear();
  return text;
}

}  // namespace sluice
