// The head of an HTTP message, as values: header fields and the request line's parts. Pure; http/ moves them
// over sockets, aws/ signs and decodes them. They are here, on floor 1, because both need them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cairn::codec {

// Header fields in the order in which they came. Names compare without case; a name may occur more than once.
class Headers {
 public:
  using Field = std::pair<std::string, std::string>;

  Headers() = default;
  Headers(std::initializer_list<Field> fields) : fields_(fields) {}

  void add(std::string name, std::string value) { fields_.emplace_back(std::move(name), std::move(value)); }
  // Replaces every field of that name.
  void set(std::string name, std::string value);
  void erase(std::string_view name);

  // The first field of that name.
  std::optional<std::string_view> find(std::string_view name) const;
  std::string_view get(std::string_view name, std::string_view otherwise = {}) const;
  bool contains(std::string_view name) const { return find(name).has_value(); }

  auto begin() const { return fields_.begin(); }
  auto end() const { return fields_.end(); }
  std::size_t size() const { return fields_.size(); }

 private:
  std::vector<Field> fields_;
};

// ASCII only, as HTTP has it.
bool equals_ignore_case(std::string_view a, std::string_view b);
std::string lower(std::string_view text);

// A request's first line and fields. `target` is what stood on the line, undecoded:
// "/bucket/a%20b?list-type=2".
struct RequestHead {
  std::string method;
  std::string target;
  Headers headers;

  std::string_view path() const;   // before '?'
  std::string_view query() const;  // after '?'
};

struct ResponseHead {
  int status = 200;
  Headers headers;
};

}  // namespace cairn::codec
