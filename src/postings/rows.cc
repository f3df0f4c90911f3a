// Rows walks a list from its end. A sparse list is decoded a block at a time into block_rows_; a dense one is
// read in place. Whatever is read is checked where it is read: a list that does not make sense ends, and
// good() says so.
//
// Tested by rows_test.cc.
#include <algorithm>
#include <bit>

#include "postings/bits.h"
#include "postings/layout.h"
#include "postings/postings.h"

namespace cairn::postings {

static_assert(kListBlockRows == 128);

Rows Rows::single(Row row) {
  Rows rows;
  rows.count_ = 1;
  rows.first_ = row;
  rows.bound_ = row + 1;
  return rows;
}

Result<Rows> Rows::list(std::string_view bytes, Row rows) {
  Rows list;
  std::uint64_t head = 0;
  list.rows_ = list.bound_ = rows;
  if (!take_varint(bytes, head) || head < 2 || head / 2 > rows) {
    return Error{Errc::corrupt, "read postings: a list has no good length"};
  }
  list.count_ = static_cast<Row>(head / 2);
  if (!(head % 2 == 1 ? list.read_dense(bytes) : list.read_sparse(bytes))) {
    return Error{Errc::corrupt, "read postings: a list does not fit"};
  }
  return list;
}

bool Rows::read_sparse(std::string_view bytes) {
  kind_ = Kind::sparse;
  block_ = (count_ + kBlockRows - 1) / kBlockRows;
  const auto skip_bytes = block_ > 1 ? block_ * kSkipBytes : 0;
  if (skip_bytes > bytes.size()) {
    return false;
  }
  skips_ = bytes.substr(0, skip_bytes);
  data_ = bytes.substr(skip_bytes);
  return true;
}

bool Rows::read_dense(std::string_view bytes) {
  kind_ = Kind::dense;
  std::uint32_t words = 0;
  if (!get(bytes, 0, first_) || !get(bytes, sizeof first_, words) || first_ >= rows_ || words == 0 ||
      words > (rows_ - first_ + 63) / 64 || words > (bytes.size() - kDenseHeadBytes) / 8) {
    return false;
  }
  data_ = bytes.substr(kDenseHeadBytes, std::size_t{words} * 8);
  return true;
}

void Rows::seek_before(Row row) {
  bound_ = std::min(bound_, row);
}

std::optional<Row> Rows::next() {
  if (!good_ || bound_ == 0) {
    return std::nullopt;
  }
  std::optional<Row> row;
  if (kind_ == Kind::single) {
    row = first_ < bound_ && count_ > 0 ? std::optional(first_) : std::nullopt;
  } else {
    row = kind_ == Kind::dense ? next_dense() : next_sparse();
  }
  bound_ = row.value_or(0);
  return row;
}

std::optional<Row> Rows::next_dense() {
  if (bound_ <= first_) {
    return std::nullopt;
  }
  const auto bit = std::min<std::uint64_t>(bound_ - 1 - first_, data_.size() * 8 - 1);
  auto kept = static_cast<unsigned>(bit % 64) + 1;  // bits of the first word that count
  for (auto word = bit / 64 + 1; word-- > 0; kept = 64) {
    std::uint64_t bits = 0;
    get(data_, word * 8, bits);
    bits = low_bits(bits, kept);
    if (bits != 0) {
      const auto row = first_ + word * 64 + static_cast<unsigned>(std::bit_width(bits)) - 1;
      return row < rows_ || fail() ? std::optional(static_cast<Row>(row)) : std::nullopt;
    }
  }
  return std::nullopt;
}

std::optional<Row> Rows::next_sparse() {
  for (;;) {
    if (in_block_ > 0 && block_rows_[in_block_ - 1] >= bound_) {
      const auto* begin = block_rows_.data();
      in_block_ = static_cast<std::size_t>(std::lower_bound(begin, begin + in_block_, bound_) - begin);
    }
    if (in_block_ > 0) {
      return block_rows_[--in_block_];
    }
    // The highest block below the present one that begins below the bound.
    std::size_t low = 0;
    std::size_t high = block_;
    while (low < high && !skips_.empty()) {
      const auto middle = low + (high - low) / 2;
      block_first(middle) < bound_ ? low = middle + 1 : high = middle;
    }
    low = skips_.empty() ? block_ : low;
    if (low == 0 || !load_block(low - 1)) {
      return std::nullopt;
    }
  }
}

Row Rows::block_first(std::size_t block) const {
  Row first = 0;
  get(skips_, block * kSkipBytes, first);
  return first;
}

// Decodes the block: rows that rise, up to the next block's first.
bool Rows::load_block(std::size_t block) {
  const auto blocks = (count_ + kBlockRows - 1) / kBlockRows;
  auto bytes = data_;
  std::uint64_t row = 0;
  auto end = rows_;
  if (skips_.empty()) {
    if (!take_varint(bytes, row)) {
      return fail();
    }
  } else {
    std::uint32_t begins = 0;
    std::uint32_t ends = 0;
    get(skips_, block * kSkipBytes + sizeof(Row), ends);
    if (block > 0) {
      get(skips_, (block - 1) * kSkipBytes + sizeof(Row), begins);
    }
    if (begins > ends || ends > data_.size()) {
      return fail();
    }
    bytes = data_.substr(begins, ends - begins);
    row = block_first(block);
    end = block + 1 < blocks ? std::min(rows_, block_first(block + 1)) : rows_;
  }
  const auto count = std::min<std::size_t>(kBlockRows, count_ - block * kBlockRows);
  for (std::size_t i = 0; i < count; ++i) {
    std::uint64_t delta = 0;
    if (i > 0 && (!take_varint(bytes, delta) || delta >= end)) {
      return fail();
    }
    row += i > 0 ? delta + 1 : 0;
    if (row >= end) {
      return fail();
    }
    block_rows_[i] = static_cast<Row>(row);
  }
  block_ = block;
  in_block_ = count;
  return true;
}

bool Rows::fail() {
  good_ = false;
  return false;
}

}  // namespace cairn::postings
