#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/value/ref.hpp"

namespace sluice {

/// The bytes [begin, end) of a text came from a secret.
struct Mark {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  bool operator==(const Mark&) const = default;
};
/// Sorted by begin, not empty, not touching.
using Marks = std::vector<Mark>;

/// Immutable shared bytes (usually UTF-8) that remember which of them came from a secret. Copying costs a count.
/// Across threads: may be shared, once a pending text has been read.
class Text {
 public:
  Text() = default;
  Text(std::string_view bytes);
  Text(const std::string& bytes) : Text(std::string_view(bytes)) {}
  Text(const char* bytes) : Text(std::string_view(bytes)) {}
  Text(std::string_view bytes, Marks marks);
  /// The whole of `bytes` is secret.
  static Text secret(std::string_view bytes);
  /// About `size` bytes, none of them secret, that `make` gives when somebody first reads them: for what takes long and may never be
  /// needed. What `make` throws comes out of that read. `inputs` are the pending texts that `make` reads.
  static Text later(std::size_t size, std::span<const Text> inputs, std::function<Text()> make);
  /// Has nobody read it yet?
  bool is_pending() const noexcept { return rep_ && rep_->is_later && is_unmade(rep_.get()); }
  /// The size; of a pending text what it is expected to be.
  std::size_t expected_size() const noexcept;

  std::string_view view() const { return rep_ ? view_of(rep_.get()) : std::string_view(); }
  operator std::string_view() const { return view(); }
  std::string str() const { return std::string(view()); }
  const char* c_str() const { return rep_ ? view().data() : ""; }
  std::size_t size() const { return view().size(); }
  bool empty() const { return size() == 0; }

  bool has_marks() const noexcept { return rep_ && rep_->marks; }
  std::span<const Mark> marks() const noexcept {
    return has_marks() ? std::span<const Mark>(*rep_->marks) : std::span<const Mark>();
  }
  /// The same bytes, all of them secret.
  Text marked() const { return secret(view()); }
  /// The bytes [begin, end) with their marks.
  Text substr(std::size_t begin, std::size_t end) const;

  friend bool operator==(const Text& a, const Text& b) { return a.view() == b.view(); }
  friend auto operator<=>(const Text& a, const Text& b) { return a.view() <=> b.view(); }

 private:
  struct Rep : RefCounted {
    bool is_later = false;  // then a Later follows the struct in one allocation, otherwise the bytes and a NUL
    std::size_t size = 0;
    Marks* marks = nullptr;
    static void destroy(Rep* rep) noexcept;
  };
  struct Later;
  static char* data(Rep* rep) noexcept { return reinterpret_cast<char*>(rep + 1); }
  static Later& later_of(Rep* rep) noexcept;
  static bool is_unmade(Rep* rep) noexcept;
  static std::string_view made_view(Rep* rep);
  static std::string_view view_of(Rep* rep) {
    if (rep->is_later) [[unlikely]] return made_view(rep);
    return {data(rep), rep->size};
  }
  static Ref<Rep> make(std::string_view bytes);

  friend class Value;
  explicit Text(Ref<Rep> rep) : rep_(std::move(rep)) {}
  Ref<Rep> rep_;
};

/// Text that grows at its end and carries the marks of what is put into it.
class TextBuilder {
 public:
  void append(std::string_view bytes) { bytes_.append(bytes); }
  void append(const std::string& bytes) { bytes_.append(bytes); }
  void append(const char* bytes) { bytes_.append(bytes); }
  void append(char c) { bytes_ += c; }
  void append(std::size_t count, char c) { bytes_.append(count, c); }
  void append(const Text& text);
  void append_secret(std::string_view bytes);
  /// Keeps the place of a pending text: what is built is pending too, unless something in it is secret.
  void append_later(const Text& text);
  /// Declares everything from `begin` to the end as secret.
  void mark_from(std::size_t begin) { add_mark(begin, bytes_.size()); }
  /// Declares [begin, end) as secret; `begin` is not before an earlier mark's begin.
  void add_mark(std::size_t begin, std::size_t end);
  /// Drops everything from `size` on.
  void truncate(std::size_t size);

  std::size_t size() const noexcept { return bytes_.size(); }
  bool empty() const noexcept { return bytes_.empty(); }
  void reserve(std::size_t size) { bytes_.reserve(size); }
  /// The bytes so far. Appending to them directly is the fast way for text that is no secret.
  std::string& bytes() noexcept { return bytes_; }
  const std::string& bytes() const noexcept { return bytes_; }
  const Marks& marks() const noexcept { return marks_; }
  /// What has been built so far.
  Text text() const;
  Text finish();

 private:
  /// Where a pending text belongs: in place of the bytes [begin, end).
  struct Gap {
    std::size_t begin, end;
    Text text;
  };
  static Text filled(const std::string& bytes, const Marks& marks, std::span<const Gap> gaps);

  std::string bytes_;
  Marks marks_;
  std::vector<Gap> gaps_;
};

}  // namespace sluice
