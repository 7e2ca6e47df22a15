#pragma once

#include <cassert>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

namespace sluice {

/// What the caller can do about a failure. Only `unavailable` and `timeout` are worth a retry.
enum class Errc { invalid, not_found, conflict, denied, unavailable, timeout, cancelled, unsupported };

/// The code as it is written in answers and logs: "not_found".
std::string_view to_string(Errc code);

/// A failure that a healthy sluice can meet.
struct Error {
  Errc code = Errc::invalid;
  std::string what;  ///< One line or more, outermost step first: "rendering web: values.yaml:7:3: ...". Never a secret.

  /// The same failure, told from one step further out.
  Error during(std::string_view doing) && { return {code, std::string(doing) + ": " + what}; }
  bool operator==(const Error&) const = default;
};

/// A value or the Error that kept us from it. Has the names of std::expected, so that it can become an alias of it in C++23.
template <class T = void>
class [[nodiscard]] Result {
 public:
  using value_type = T;
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}
  template <class U>
  requires(std::is_convertible_v<U, T> && !std::is_same_v<std::remove_cvref_t<U>, Result> &&
           !std::is_same_v<std::remove_cvref_t<U>, T> && !std::is_same_v<std::remove_cvref_t<U>, Error>) Result(U&& value)
      : state_(std::in_place_index<0>, std::forward<U>(value)) {}

  bool has_value() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }

  T& value() & { return *checked(); }
  const T& value() const& { return *checked(); }
  T&& value() && { return std::move(*checked()); }
  T& operator*() & { return *checked(); }
  const T& operator*() const& { return *checked(); }
  T&& operator*() && { return std::move(*checked()); }
  T* operator->() { return checked(); }
  const T* operator->() const { return checked(); }

  Error& error() & { return *failed(); }
  const Error& error() const& { return *failed(); }
  Error&& error() && { return std::move(*failed()); }

  template <class U>
  T value_or(U&& other) const& {
    return has_value() ? *checked() : static_cast<T>(std::forward<U>(other));
  }
  template <class U>
  T value_or(U&& other) && {
    return has_value() ? std::move(*checked()) : static_cast<T>(std::forward<U>(other));
  }

 private:
  T* checked() {
    assert(has_value());
    return std::get_if<0>(&state_);
  }
  const T* checked() const {
    assert(has_value());
    return std::get_if<0>(&state_);
  }
  Error* failed() {
    assert(!has_value());
    return std::get_if<1>(&state_);
  }
  const Error* failed() const {
    assert(!has_value());
    return std::get_if<1>(&state_);
  }

  std::variant<T, Error> state_;
};

/// Success, or the Error that kept us from it.
template <>
class [[nodiscard]] Result<void> {
 public:
  using value_type = void;
  Result() = default;
  Result(Error error) : error_(std::move(error)), failed_(true) {}

  bool has_value() const noexcept { return !failed_; }
  explicit operator bool() const noexcept { return !failed_; }

  Error& error() & { return *failed(); }
  const Error& error() const& { return *failed(); }
  Error&& error() && { return std::move(*failed()); }

 private:
  Error* failed() {
    assert(failed_);
    return &error_;
  }
  const Error* failed() const {
    assert(failed_);
    return &error_;
  }

  Error error_;
  bool failed_ = false;
};

}  // namespace sluice
