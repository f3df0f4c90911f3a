// The blob store: large immutable byte strings under names (objects of our S3, segments, spooled log files).
//
// A port with adapters: blob/dir (files under the data folder), blob/memory (tests; refuses overwrites),
// later any S3; and blob/sealed, which seals what another adapter keeps.
//
// A put is whole or not at all; a blob never changes once put. What a crash leaves half-written is never
// visible and is collected at the next start. Names are ours, never a user's: lower-case letters, digits,
// '-', '_', '.', and '/' between folders (blob/name.h). A name is a blob's or a folder's, not both: "a" and
// "a/b" cannot both be put.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "async/task.h"
#include "base/time.h"
#include "blob/local_file.h"

namespace cairn::blob {

using Name = std::string;

struct Range {
  std::uint64_t offset = 0;
  std::optional<std::uint64_t> length;  // none: to the end
};

// Beyond these: Errc::limit, and nothing is left behind.
struct Limits {
  std::uint64_t blob_bytes_max = 5ULL << 40;  // S3's largest object
  std::size_t page_max = 1000;                // names a list returns at most
};

// One blob being written. Dropping it without commit() discards it.
class Writer {
 public:
  virtual ~Writer() = default;
  virtual Task<Result<void>> write(std::span<const std::byte> bytes) = 0;
  // Returns once the whole blob would survive kill -9 and power loss. Errc::conflict: the name is taken.
  // Errc::limit: the disk is full. Errc::unknown: the last sync failed, so it may or may not be there after a
  // restart; put it again under another name. After any error the blob is discarded. REQUIRES: called once.
  virtual Task<Result<void>> commit() = 0;
};

// One blob being read; sees the whole of it even if it is removed meanwhile.
class Reader {
 public:
  virtual ~Reader() = default;
  virtual std::uint64_t size() const = 0;  // of the range
  // The next bytes, at most `into.size()`; 0 at the end.
  virtual Task<Result<std::size_t>> read(std::span<std::byte> into) = 0;
};

struct Listed {
  Name name;
  std::uint64_t size = 0;
  Time modified;
};

// Thread-safe. Writers and readers are used by one task at a time.
class Blob {
 public:
  virtual ~Blob() = default;

  virtual Task<Result<std::unique_ptr<Writer>>> writer(Name name) = 0;
  // Errc::not_found; Errc::invalid: the range starts behind the end. A range that ends behind it ends with
  // it.
  virtual Task<Result<std::unique_ptr<Reader>>> reader(Name name, Range range) = 0;

  // Removing what is not there is no error. A power loss may bring back what was removed just before: so
  // first commit that nobody needs it, then remove, and never put another blob under its name.
  virtual Task<Result<void>> remove(Name name) = 0;
  // Names that start with `prefix` (whole folders: it ends in '/', or is empty), in byte order, after
  // `after`, at most min(limit, page_max).
  virtual Task<Result<std::vector<Listed>>> list(std::string prefix, Name after, std::size_t limit) = 0;

  // The blob as a local file, to be read without a task. Errc::not_found: no such blob; Errc::invalid: this
  // store has no local files.
  virtual Task<Result<LocalFile>> local_file(Name name) = 0;

  // The whole in one call.
  Task<Result<void>> put(Name name, std::span<const std::byte> bytes);
  Task<Result<std::string>> get(Name name);
};

}  // namespace cairn::blob
