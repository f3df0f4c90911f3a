// An index of a sealed, sorted set of rows: which rows have a term, and each row's key. One immutable file,
// read in blocks of 4 KiB as they are needed, through a cache of the caller's that several indexes share.
// docs/formats/postings.md. Knows no CloudTrail: what a scope is and which terms a row has is the caller's.
//
// Rows are numbered from 0 and sorted by (scope, key); so the rows of a scope are a range, keys rise within
// it, and the newest row of a scope has the highest number.
//
// A hit may be false: a file keeps some 30 bits of a term, so about one absent term in a thousand has rows.
// The caller looks at the row itself. A hit is never missed.
//
// Index is thread-safe and immutable; Rows is used by one thread and must not outlive its Index. Every block
// is held against its checksum when it is read, and every offset in it is checked: damage gives
// Errc::corrupt, never a crash. A disk that cannot be read is the error that it gave.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/strong.h"
#include "postings/block_cache.h"
#include "postings/blocks.h"

namespace cairn::postings {

using Row = std::uint32_t;
inline constexpr Row kRowsMax = 1U << 24;  // of a file

// A row's place in its scope. Greater is newer.
struct Key {
  std::int64_t time_ms = 0;
  std::uint64_t position = 0;
  friend auto operator<=>(const Key&, const Key&) = default;
};

// [begin, end) of rows.
struct Range {
  Row begin = 0;
  Row end = 0;
  friend bool operator==(const Range&, const Range&) = default;
};

// What rows are found by: 64 bits of the caller's, whose upper bits are spread evenly, such as a hash of
// scope, attribute and value.
using Term = Strong<struct TermTag, std::uint64_t>;

// XXH64 as its specification has it: the same for ever, so terms in files may be made of it.
std::uint64_t xxh64(std::string_view bytes, std::uint64_t seed = 0);

// What the caller keeps in the file, by a number of its own from kFirstTag on.
using Tag = std::uint32_t;
inline constexpr Tag kFirstTag = 256;

namespace detail {
struct Sections;  // where the file's parts lie; index.cc
}

// The rows of a term, newest (highest) first.
//
//   while (const auto row = rows.next()) …
//   if (!rows.good()) → rows.error(): the file is damaged, or cannot be read
class Rows {
 public:
  Rows() = default;  // none

  // The next lower row; nothing at the end, or when the file turns out to be damaged.
  std::optional<Row> next();
  // next() goes on below `row`. Only downwards: a row above what next() gave last changes nothing.
  void seek_before(Row row);
  // How many rows the whole list has.
  Row count() const { return count_; }
  bool good() const { return !error_.has_value(); }
  // REQUIRES: !good().
  const Error& error() const { return *error_; }

 private:
  friend class Index;
  static constexpr std::size_t kBlockRows = 128;
  using Stepped = Result<std::optional<Row>>;

  static Rows single(Row row);
  static Result<Rows> list(Window bytes, Row rows);
  Result<void> open_sparse(Window bytes);
  Result<void> open_dense(Window bytes);
  Stepped step();
  Stepped next_sparse();
  Stepped next_dense();
  struct BlockPlace {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    Row rows_end = 0;
  };
  Result<BlockPlace> block_place(std::size_t block);
  Result<void> load_block(std::size_t block);
  Result<Row> block_first(std::size_t block) { return skips_.get<Row>(block * sizeof(std::uint64_t)); }

  enum class Kind : std::uint8_t { single, sparse, dense };
  Kind kind_ = Kind::single;
  std::optional<Error> error_;
  Row count_ = 0;
  Row bound_ = 0;  // what next() gives is lower
  Row rows_ = 0;   // of the file
  Row first_ = 0;  // single: the row; dense: of the first bit
  Window skips_;   // sparse: for each block its first row and where its bytes end
  Window data_;
  std::size_t block_ = 0;     // sparse: which one is in block_rows_
  std::size_t in_block_ = 0;  // sparse: rows of it that are not given yet
  std::array<Row, kBlockRows> block_rows_;
};

class Index {
 public:
  // Reads the file's head, table and the blocks' checksums; of a file of version 1, which has none, all of
  // it. Errc::invalid: a newer Cairn wrote it.
  static Result<std::unique_ptr<const Index>> open(const std::string& path,
                                                   std::shared_ptr<BlockCache> cache);
  static Result<std::unique_ptr<const Index>> open(std::unique_ptr<const Input> input,
                                                   std::shared_ptr<BlockCache> cache);
  // The same over bytes that outlive it, with a cache of its own.
  static Result<std::unique_ptr<const Index>> over(std::string_view bytes);
  ~Index();
  Index(const Index&) = delete;
  Index& operator=(const Index&) = delete;

  Row rows() const;
  std::uint64_t bytes() const;
  // What it keeps in memory, its blocks in the cache not counted.
  std::size_t kept_bytes() const;

  // The rows of this scope; an empty range when it has none. O(log scopes).
  Result<Range> scope(std::string_view text) const;
  // The rows that (perhaps) have this term. O(log terms); two or three blocks.
  Result<Rows> find(Term term) const;
  // REQUIRES: row < rows(). O(1).
  Result<Key> key(Row row) const;
  // The first row of the range whose key is not less than this one; the range's end when there is none.
  // REQUIRES: the range is within one scope. O(log rows).
  Result<Row> lower_bound(Range range, const Key& key) const;
  // What the caller put there, checked against its checksum. Errc::not_found.
  Result<std::string> section(Tag tag) const;

  // Reads the whole file and compares its checksums: Errc::corrupt says which part is damaged.
  Result<void> verify() const;

 private:
  explicit Index(std::unique_ptr<detail::Sections> sections);
  static Result<std::unique_ptr<const Index>> read(Blocks blocks);

  const std::unique_ptr<const detail::Sections> sections_;
};

}  // namespace cairn::postings
