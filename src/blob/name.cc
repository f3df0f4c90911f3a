#include "blob/name.h"

#include <algorithm>

namespace cairn::blob {

namespace {

bool allowed(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

bool is_part(std::string_view part) {
  return !part.empty() && part.size() <= kPartBytesMax && part.front() != '.' &&
         std::ranges::all_of(part, allowed);
}

bool is_name(std::string_view name) {
  if (name.size() > kNameBytesMax) {
    return false;
  }
  for (std::size_t parts = 1; parts <= kPartsMax; ++parts) {
    const auto slash = name.find('/');
    if (!is_part(name.substr(0, slash))) {
      return false;
    }
    if (slash == std::string_view::npos) {
      return true;
    }
    name.remove_prefix(slash + 1);
  }
  return false;
}

// A refused name may be long and may hold any bytes: an error shows its start, without what a log cannot
// show.
std::string shown(std::string_view name) {
  std::string text(name.substr(0, 100));
  std::ranges::replace_if(
      text, [](char c) { return c < ' ' || c > '~'; }, '?');
  return text;
}

}  // namespace

Result<void> check_name(std::string_view name) {
  return is_name(name) ? Result<void>() : Error{Errc::invalid, "not a blob's name", shown(name)};
}

Result<void> check_prefix(std::string_view prefix) {
  const bool folder = prefix.ends_with('/') && is_name(prefix.substr(0, prefix.size() - 1));
  return prefix.empty() || folder ? Result<void>()
                                  : Error{Errc::invalid, "not a folder of blobs", shown(prefix)};
}

std::string_view folder_of(std::string_view name) {
  const auto slash = name.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : name.substr(0, slash);
}

Result<Extent> extent_of(const Range& range, std::uint64_t size) {
  if (range.offset > size) {
    return Error{Errc::invalid, "the range starts behind the blob's end"};
  }
  const auto rest = size - range.offset;
  return Extent{.offset = range.offset, .length = std::min(range.length.value_or(rest), rest)};
}

}  // namespace cairn::blob
