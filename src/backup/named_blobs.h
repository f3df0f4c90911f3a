// Named blobs: which documents of the catalog name a blob, and how many bytes it must have (docs/formats/).
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "catalog/sqlite/offline.h"

namespace cairn::backup {

struct BlobRule {
  std::string_view prefix;  // of the documents' keys
  std::string_view blob;    // the member with the blob's name
  std::string_view bytes;   // and the one with its size, before it was sealed
  bool is_parquet;
};
inline constexpr std::array kBlobRules = {
    BlobRule{"s3/object/", "blob", "size", false},
    BlobRule{"s3/version/", "blob", "size", false},
    BlobRule{"s3/part/", "blob", "size", false},
    BlobRule{"s3/object/", "sealed", "stored", false},
    BlobRule{"s3/version/", "sealed", "stored", false},
    BlobRule{"s3/part/", "sealed", "stored", false},
    BlobRule{"store/", "blob", "bytes", true},
    BlobRule{"store/", "postings", "postingsBytes", false},
    BlobRule{"delivery/plan/", "spool", "bytes", false},
};

// How large the file of a blob is that has so many bytes (blob/sealed).
std::uint64_t file_bytes(std::string_view name, std::uint64_t bytes);

struct NamedBlob {
  const catalog::Document& by;
  std::string name;
  std::uint64_t bytes = 0;  // of the file
};
// Those that must be there; a plan whose spooled file is known to be gone names none. Errc::corrupt: a
// document is not what was written. An error of `visit` ends it.
Result<void> each_named_blob(catalog::sqlite::Offline& offline,
                             const std::function<Result<void>(const NamedBlob&)>& visit);

}  // namespace cairn::backup
