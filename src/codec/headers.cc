#include "codec/headers.h"

#include <algorithm>

namespace cairn::codec {
namespace {

char lower_char(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

bool equals_ignore_case(std::string_view a, std::string_view b) {
  const auto same = [](char x, char y) { return x == y || lower_char(x) == lower_char(y); };
  return std::ranges::equal(a, b, same);
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), lower_char);
  return out;
}

void Headers::set(std::string name, std::string value) {
  erase(name);
  add(std::move(name), std::move(value));
}

void Headers::erase(std::string_view name) {
  std::erase_if(fields_, [&](const Field& f) { return equals_ignore_case(f.first, name); });
}

std::optional<std::string_view> Headers::find(std::string_view name) const {
  const auto it =
      std::ranges::find_if(fields_, [&](const Field& f) { return equals_ignore_case(f.first, name); });
  return it == fields_.end() ? std::nullopt : std::optional<std::string_view>(it->second);
}

std::string_view Headers::get(std::string_view name, std::string_view otherwise) const {
  return find(name).value_or(otherwise);
}

std::string_view RequestHead::path() const {
  return std::string_view(target).substr(0, target.find('?'));
}

std::string_view RequestHead::query() const {
  const auto mark = target.find('?');
  return mark == std::string::npos ? std::string_view{} : std::string_view(target).substr(mark + 1);
}

}  // namespace cairn::codec
