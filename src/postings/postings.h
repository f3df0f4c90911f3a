// An index of a sealed, sorted set of rows: which rows have a term, and each row's key. One immutable file,
// mapped and never changed. docs/formats/postings.md. Knows no CloudTrail: what a scope is and which terms a
// row has is the caller's.
//
// Rows are numbered from 0 and sorted by (scope, key); so the rows of a scope are a range, keys rise within
// it, and the newest row of a scope has the highest number.
//
// A hit may be false: a file keeps some 30 bits of a term, so about one absent term in a thousand has rows.
// The caller looks at the row itself. A hit is never missed.
//
// Index is thread-safe and immutable; Rows is used by one thread and must not outlive its Index. No answer
// allocates. Every offset that is read from the file is checked: damage gives Errc::corrupt, never a crash,
// but damage inside a section that still makes sense is found by verify() alone. The file must not be cut or
// written to while it is open.
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
//   if (!rows.good()) → the file is damaged: Errc::corrupt
class Rows {
 public:
  Rows() = default;  // none

  // The next lower row; nothing at the end, or when the file turns out to be damaged.
  std::optional<Row> next();
  // next() goes on below `row`. Only downwards: a row above what next() gave last changes nothing.
  void seek_before(Row row);
  // How many rows the whole list has.
  Row count() const { return count_; }
  bool good() const { return good_; }

 private:
  friend class Index;
  static constexpr std::size_t kBlockRows = 128;

  static Rows single(Row row);
  static Result<Rows> list(std::string_view bytes, Row rows);
  bool read_sparse(std::string_view bytes);
  bool read_dense(std::string_view bytes);
  std::optional<Row> next_sparse();
  std::optional<Row> next_dense();
  bool load_block(std::size_t block);
  Row block_first(std::size_t block) const;
  bool fail();

  enum class Kind : std::uint8_t { single, sparse, dense };
  Kind kind_ = Kind::single;
  bool good_ = true;
  Row count_ = 0;
  Row bound_ = 0;           // what next() gives is lower
  Row rows_ = 0;            // of the file
  Row first_ = 0;           // single: the row; dense: of the first bit
  std::string_view skips_;  // sparse: for each block its first row and where its bytes begin
  std::string_view data_;
  std::size_t block_ = 0;     // sparse: which one is in block_rows_
  std::size_t in_block_ = 0;  // sparse: rows of it that are not given yet
  std::array<Row, kBlockRows> block_rows_;
};

class Index {
 public:
  // Maps the file; reads its head and table. Errc::invalid: a newer Cairn wrote it.
  static Result<std::unique_ptr<const Index>> open(const std::string& path);
  // The same over bytes that outlive it.
  static Result<std::unique_ptr<const Index>> over(std::string_view bytes);
  ~Index();
  Index(const Index&) = delete;
  Index& operator=(const Index&) = delete;

  Row rows() const;
  std::size_t bytes() const { return bytes_.size(); }

  // The rows of this scope; an empty range when it has none. O(log scopes).
  Result<Range> scope(std::string_view text) const;
  // The rows that (perhaps) have this term. O(log terms).
  Result<Rows> find(Term term) const;
  // REQUIRES: row < rows(). O(1).
  Result<Key> key(Row row) const;
  // The first row of the range whose key is not less than this one; the range's end when there is none.
  // REQUIRES: the range is within one scope. O(log rows).
  Result<Row> lower_bound(Range range, const Key& key) const;
  // What the caller put there, checked against its checksum. Errc::not_found. Views into the file.
  Result<std::string_view> section(Tag tag) const;

  // Reads the whole file and compares its checksums: Errc::corrupt says which part is damaged.
  Result<void> verify() const;

 private:
  Index(std::string_view bytes, bool mapped);
  Result<void> read_head();

  const std::string_view bytes_;
  const bool mapped_;
  std::unique_ptr<detail::Sections> sections_;
};

}  // namespace cairn::postings
