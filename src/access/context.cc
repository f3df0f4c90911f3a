#include "access/context.h"

#include <algorithm>

namespace cairn::access {

namespace {

char lowered(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

bool Context::WithoutCase::operator()(std::string_view a, std::string_view b) const {
  return std::ranges::lexicographical_compare(a, b, {}, lowered, lowered);
}

Context::Context(std::initializer_list<std::pair<std::string_view, std::string_view>> pairs) {
  for (const auto& [key, value] : pairs) {
    add(key, value);
  }
}

void Context::add(std::string_view key, std::string_view value) {
  const auto found = keys_.find(key);
  auto& values = found != keys_.end() ? found->second : keys_[std::string(key)];
  values.emplace_back(value);
}

void Context::set(std::string_view key, Values values) {
  const auto found = keys_.find(key);
  if (found != keys_.end()) {
    found->second = std::move(values);
  } else {
    keys_.emplace(key, std::move(values));
  }
}

void Context::erase(std::string_view key) {
  const auto found = keys_.find(key);
  if (found != keys_.end()) {
    keys_.erase(found);
  }
}

void Context::erase_all(std::string_view prefix) {
  const auto starts = [prefix](std::string_view key) {
    return std::ranges::equal(key.substr(0, prefix.size()), prefix, {}, lowered, lowered);
  };
  std::erase_if(keys_, [&](const auto& entry) { return starts(entry.first); });
}

std::vector<std::string> Context::keys() const {
  std::vector<std::string> names;
  for (const auto& [name, values] : keys_) {
    names.push_back(name);
  }
  return names;
}

void Context::override_with(const Context& other) {
  for (const auto& [key, values] : other.keys_) {
    set(key, values);
  }
}

const Context::Values* Context::find(std::string_view key) const {
  const auto found = keys_.find(key);
  return found == keys_.end() ? nullptr : &found->second;
}

const std::string* Context::single(std::string_view key) const {
  const auto* values = find(key);
  return values != nullptr && values->size() == 1 ? &values->front() : nullptr;
}

}  // namespace cairn::access
