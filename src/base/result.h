// Result<T, E>: a value or an error, with std::expected's names, so that a later switch is an alias.
// (std::expected itself is not usable with clang 16 on libstdc++ 12.)
//
//   Result<Trail> load(const TrailName& name);
//   CAIRN_TRY(auto trail, load(name));         // returns the error, or goes on with the value
//   CAIRN_CO_TRY(auto trail, co_await f(name)); // the same in a coroutine
#pragma once

#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

#include "base/check.h"
#include "base/error.h"

namespace cairn {

template <class E>
struct Unexpected {
  E error;
};
template <class E>
Unexpected(E) -> Unexpected<E>;

template <class T, class E = Error>
class [[nodiscard]] Result {
 public:
  using value_type = T;
  using error_type = E;

  template <class U = T>
    requires(std::is_constructible_v<T, U &&> && !std::is_same_v<std::remove_cvref_t<U>, Result> &&
             !std::is_same_v<std::remove_cvref_t<U>, E>)
  Result(U&& value)
      : state_(std::in_place_index<0>, std::forward<U>(value)) {}        // NOLINT: implicit on purpose
  Result(E error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT
  template <class G>
  Result(Unexpected<G> u) : state_(std::in_place_index<1>, std::move(u.error)) {}  // NOLINT

  bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  T& value() & { return checked(), *std::get_if<0>(&state_); }
  const T& value() const& { return checked(), *std::get_if<0>(&state_); }
  T&& value() && { return checked(), std::move(*std::get_if<0>(&state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  E& error() & { return CAIRN_CHECK(!has_value()), *std::get_if<1>(&state_); }
  const E& error() const& { return CAIRN_CHECK(!has_value()), *std::get_if<1>(&state_); }
  E&& error() && { return CAIRN_CHECK(!has_value()), std::move(*std::get_if<1>(&state_)); }

  template <class U>
  T value_or(U&& otherwise) && {
    return has_value() ? std::move(*this).value() : static_cast<T>(std::forward<U>(otherwise));
  }
  template <class F>
  auto and_then(F&& next) && -> std::invoke_result_t<F, T&&> {
    if (!has_value()) {
      return std::move(*this).error();
    }
    return std::forward<F>(next)(std::move(*this).value());
  }
  template <class F>
  auto transform(F&& next) && -> Result<std::invoke_result_t<F, T&&>, E> {
    if (!has_value()) {
      return std::move(*this).error();
    }
    return std::forward<F>(next)(std::move(*this).value());
  }
  template <class F>
  auto transform_error(F&& next) && -> Result<T, std::invoke_result_t<F, E&&>> {
    if (has_value()) {
      return std::move(*this).value();
    }
    return std::forward<F>(next)(std::move(*this).error());
  }

 private:
  void checked() const { CAIRN_CHECK(has_value()); }

  std::variant<T, E> state_;
};

template <class E>
class [[nodiscard]] Result<void, E> {
 public:
  using value_type = void;
  using error_type = E;

  Result() = default;
  Result(E error) : error_(std::move(error)) {}  // NOLINT: implicit on purpose
  template <class G>
  Result(Unexpected<G> u) : error_(std::in_place, std::move(u.error)) {}  // NOLINT

  bool has_value() const { return !error_.has_value(); }
  explicit operator bool() const { return has_value(); }
  void value() const { CAIRN_CHECK(has_value()); }
  void operator*() const { value(); }

  E& error() & { return CAIRN_CHECK(!has_value()), *error_; }
  const E& error() const& { return CAIRN_CHECK(!has_value()), *error_; }
  E&& error() && { return CAIRN_CHECK(!has_value()), std::move(*error_); }

  template <class F>
  auto transform_error(F&& next) && -> Result<void, std::invoke_result_t<F, E&&>> {
    if (has_value()) {
      return {};
    }
    return std::forward<F>(next)(std::move(*this).error());
  }

 private:
  std::optional<E> error_;
};

}  // namespace cairn

#define CAIRN_CONCAT_(a, b) a##b
#define CAIRN_CONCAT(a, b) CAIRN_CONCAT_(a, b)
#define CAIRN_TRY_(result, leave, target, expression) \
  auto result = (expression);                         \
  if (!result.has_value()) {                          \
    leave std::move(result).error();                  \
  }                                                   \
  target = *std::move(result)  // NOLINT
#define CAIRN_CHECKED_(result, leave, expression)          \
  do {                                                     \
    if (auto result = (expression); !result.has_value()) { \
      leave std::move(result).error();                     \
    }                                                      \
  } while (false)

// Statements, not expressions: `CAIRN_TRY(auto x, f());`. The _VOID forms are for Result<void>.
#define CAIRN_TRY(target, ...) CAIRN_TRY_(CAIRN_CONCAT(result_, __LINE__), return, target, (__VA_ARGS__))
#define CAIRN_CO_TRY(target, ...) \
  CAIRN_TRY_(CAIRN_CONCAT(result_, __LINE__), co_return, target, (__VA_ARGS__))
#define CAIRN_TRY_VOID(...) CAIRN_CHECKED_(CAIRN_CONCAT(result_, __LINE__), return, (__VA_ARGS__))
#define CAIRN_CO_TRY_VOID(...) CAIRN_CHECKED_(CAIRN_CONCAT(result_, __LINE__), co_return, (__VA_ARGS__))
