// Which names a blob may have: the first check of every adapter, and all that stands between a name and a
// path.
#pragma once

#include <string_view>

#include "blob/blob.h"

namespace cairn::blob {

inline constexpr std::size_t kNameBytesMax = 1024;
inline constexpr std::size_t kPartBytesMax = 255;  // between two '/'
inline constexpr std::size_t kPartsMax = 32;

// Parts of a-z, 0-9, '-', '_' and '.', none empty and none with '.' first (so no "..", and room for an
// adapter's own files), with '/' between them. Errc::invalid otherwise.
Result<void> check_name(std::string_view name);
// Who names a blob so wants it to lie sealed, where the store has a key (blob/sealed). What was put before
// that was possible has other names, and is read as it lies.
inline constexpr std::string_view kSealedSuffix = ".sealed";
inline bool wants_sealing(std::string_view name) {
  return name.ends_with(kSealedSuffix);
}

// A name with '/' behind it, or nothing.
Result<void> check_prefix(std::string_view prefix);

// "a/b" of "a/b/c"; nothing of "a".
std::string_view folder_of(std::string_view name);

// A range within a blob of this size. Errc::invalid: it starts behind the end.
struct Extent {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};
Result<Extent> extent_of(const Range& range, std::uint64_t size);

}  // namespace cairn::blob
