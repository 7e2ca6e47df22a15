#pragma once

#include <sys/single_threaded.h>

#include <atomic>
#include <cstdint>
#include <utility>

namespace sluice {

/// A count of owners kept in the object itself. Counting is atomic only once the process has a second thread.
class RefCounted {
 public:
  RefCounted() = default;
  RefCounted(const RefCounted&) noexcept {}
  RefCounted& operator=(const RefCounted&) noexcept { return *this; }

  void retain() const noexcept {
    if (__libc_single_threaded) {
      refs_.store(refs_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    } else {
      refs_.fetch_add(1, std::memory_order_relaxed);
    }
  }
  /// True if that was the last owner, who then destroys the object.
  bool release() const noexcept {
    if (__libc_single_threaded) {
      const auto left = refs_.load(std::memory_order_relaxed) - 1;
      refs_.store(left, std::memory_order_relaxed);
      return left == 0;
    }
    return refs_.fetch_sub(1, std::memory_order_acq_rel) == 1;
  }
  bool is_shared() const noexcept { return refs_.load(std::memory_order_acquire) > 1; }

 private:
  mutable std::atomic<std::uint32_t> refs_{1};
};

/// An owner of a RefCounted `T`; may be empty. Destroys it with `T::destroy(pointer)`.
template <class T>
class Ref {
 public:
  Ref() = default;
  Ref(std::nullptr_t) {}
  /// Takes over the count that the object was born with, or that someone gave up.
  static Ref adopt(T* raw) noexcept {
    Ref ref;
    ref.raw_ = raw;
    return ref;
  }
  Ref(const Ref& other) noexcept : raw_(other.raw_) {
    if (raw_) raw_->retain();
  }
  Ref(Ref&& other) noexcept : raw_(std::exchange(other.raw_, nullptr)) {}
  template <class U>
  requires(std::is_convertible_v<U*, T*> && !std::is_same_v<U, T>) Ref(Ref<U> other)
  noexcept : raw_(other.leak()) {}
  Ref& operator=(Ref other) noexcept {
    std::swap(raw_, other.raw_);
    return *this;
  }
  ~Ref() {
    if (raw_ && raw_->release()) T::destroy(raw_);
  }

  T* get() const noexcept { return raw_; }
  T& operator*() const noexcept { return *raw_; }
  T* operator->() const noexcept { return raw_; }
  explicit operator bool() const noexcept { return raw_ != nullptr; }
  /// Gives the pointer and its count away.
  T* leak() noexcept { return std::exchange(raw_, nullptr); }

 private:
  T* raw_ = nullptr;
};

template <class T, class... Args>
Ref<T> make_ref(Args&&... args) {
  return Ref<T>::adopt(new T(std::forward<Args>(args)...));
}

}  // namespace sluice
