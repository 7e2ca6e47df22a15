#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace sluice {

/// Text that must not be shown. It has no formatter and no stream operator: logging one does not compile.
/// The bytes are wiped when it is destroyed or assigned over.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}
  Secret(const Secret&) = default;
  Secret(Secret&& other) noexcept : text_(std::exchange(other.text_, {})) {}
  Secret& operator=(const Secret& other);
  Secret& operator=(Secret&& other) noexcept;
  ~Secret() { wipe(); }

  /// The text itself, for the one call that needs it (a header, a key schedule, an environment of a child).
  const std::string& reveal() const { return text_; }
  bool empty() const { return text_.empty(); }
  /// Compares without telling by its duration where the texts differ.
  bool equals(std::string_view other) const;

 private:
  void wipe() noexcept;
  std::string text_;
};

}  // namespace sluice
