// Strong<Tag, T>: a value with a name of its own. Compares and hashes like T, never converts to or from it by
// itself.
//
//   using Position = Strong<struct PositionTag, std::uint64_t>;
//   Position{7}.raw()
#pragma once

#include <compare>
#include <cstddef>
#include <functional>
#include <utility>

namespace cairn {

template <class Tag, class T>
class Strong {
 public:
  constexpr Strong() = default;
  constexpr explicit Strong(T value) : value_(std::move(value)) {}

  constexpr const T& raw() const& { return value_; }
  constexpr T raw() && { return std::move(value_); }

  friend constexpr auto operator<=>(const Strong&, const Strong&) = default;
  friend constexpr bool operator==(const Strong&, const Strong&) = default;

 private:
  T value_{};
};

}  // namespace cairn

template <class Tag, class T>
struct std::hash<cairn::Strong<Tag, T>> {
  std::size_t operator()(const cairn::Strong<Tag, T>& s) const { return std::hash<T>{}(s.raw()); }
};
