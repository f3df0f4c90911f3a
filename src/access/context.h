// Context: the condition keys of one request ("aws:SourceIp", "s3:x-amz-acl") and their values. Names compare
// without case, values as they are; a key may have several values. A value: copy it, or read it from many
// threads.
#pragma once

#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cairn::access {

class Context {
 public:
  using Values = std::vector<std::string>;

  Context() = default;
  Context(std::initializer_list<std::pair<std::string_view, std::string_view>> pairs);

  // One value more for the key.
  void add(std::string_view key, std::string_view value);
  // These values and no others. None: the key is there, and empty.
  void set(std::string_view key, Values values);
  void erase(std::string_view key);
  // Every key that starts so: "aws:PrincipalTag/".
  void erase_all(std::string_view prefix);
  // Every key of `other` takes the place of the key here.
  void override_with(const Context& other);

  // Null: there is no such key.
  const Values* find(std::string_view key) const;
  // The value of a key that has exactly one; null otherwise.
  const std::string* single(std::string_view key) const;
  std::size_t size() const { return keys_.size(); }
  std::vector<std::string> keys() const;

 private:
  struct WithoutCase {
    using is_transparent = void;
    bool operator()(std::string_view a, std::string_view b) const;
  };

  std::map<std::string, Values, WithoutCase> keys_;
};

}  // namespace cairn::access
