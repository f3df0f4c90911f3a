// Rows walks a list from its end. A sparse list is decoded a block at a time into block_rows_; a dense one is
// read a word at a time. Whatever is read is checked where it is read: a list that does not make sense ends,
// and error() says so.
//
// Tested by rows_test.cc.
#include <algorithm>
#include <array>
#include <bit>

#include "postings/bits.h"
#include "postings/layout.h"
#include "postings/postings.h"

namespace cairn::postings {

static_assert(kListBlockRows == 128);

namespace {

constexpr std::size_t kVarintBytesMax = 10;
constexpr std::size_t kDeltaBytesMax = 5;  // of a number below 2^32, in its shortest form
constexpr std::size_t kListBlockBytesMax = (kListBlockRows + 1) * kDeltaBytesMax;

Error no_list(std::string_view why) {
  return {Errc::corrupt, "read postings: a list " + std::string(why)};
}

}  // namespace

Rows Rows::single(Row row) {
  Rows rows;
  rows.count_ = 1;
  rows.first_ = row;
  rows.bound_ = row + 1;
  return rows;
}

Result<Rows> Rows::list(Window bytes, Row rows) {
  std::array<char, kVarintBytesMax> front{};
  const auto have = std::min<std::uint64_t>(front.size(), bytes.size());
  CAIRN_TRY_VOID(bytes.read(0, std::span(front).first(have)));
  std::string_view left(front.data(), have);
  std::uint64_t head = 0;
  if (!take_varint(left, head) || head < 2 || head / 2 > rows) {
    return no_list("has no good length");
  }
  Rows list;
  list.rows_ = list.bound_ = rows;
  list.count_ = static_cast<Row>(head / 2);
  auto rest = bytes.part(have - left.size());
  CAIRN_TRY_VOID(head % 2 == 1 ? list.open_dense(std::move(rest)) : list.open_sparse(std::move(rest)));
  return list;
}

Result<void> Rows::open_sparse(Window bytes) {
  kind_ = Kind::sparse;
  block_ = (count_ + kBlockRows - 1) / kBlockRows;
  const auto skip_bytes = block_ > 1 ? block_ * kSkipBytes : 0;
  if (skip_bytes > bytes.size()) {
    return no_list("does not fit");
  }
  skips_ = bytes.part(0, skip_bytes);
  data_ = bytes.part(skip_bytes);
  return {};
}

Result<void> Rows::open_dense(Window bytes) {
  kind_ = Kind::dense;
  CAIRN_TRY(first_, bytes.get<Row>(0));
  CAIRN_TRY(const auto words, bytes.get<std::uint32_t>(sizeof first_));
  if (first_ >= rows_ || words == 0 || words > (rows_ - first_ + 63) / 64 ||
      words > (bytes.size() - kDenseHeadBytes) / 8) {
    return no_list("does not fit");
  }
  data_ = bytes.part(kDenseHeadBytes, std::uint64_t{words} * 8);
  return {};
}

void Rows::seek_before(Row row) {
  bound_ = std::min(bound_, row);
}

std::optional<Row> Rows::next() {
  if (!good() || bound_ == 0) {
    return std::nullopt;
  }
  auto row = step();
  if (!row) {
    error_ = std::move(row).error();
    return std::nullopt;
  }
  bound_ = row->value_or(0);
  return *row;
}

Rows::Stepped Rows::step() {
  if (kind_ == Kind::single) {
    return first_ < bound_ && count_ > 0 ? std::optional(first_) : std::nullopt;
  }
  return kind_ == Kind::dense ? next_dense() : next_sparse();
}

Rows::Stepped Rows::next_dense() {
  if (bound_ <= first_) {
    return std::optional<Row>();
  }
  const auto bit = std::min<std::uint64_t>(bound_ - 1 - first_, data_.size() * 8 - 1);
  auto kept = static_cast<unsigned>(bit % 64) + 1;  // bits of the first word that count
  for (auto word = bit / 64 + 1; word-- > 0; kept = 64) {
    CAIRN_TRY(auto bits, data_.get<std::uint64_t>(word * 8));
    bits = low_bits(bits, kept);
    if (bits != 0) {
      const auto row = first_ + word * 64 + static_cast<unsigned>(std::bit_width(bits)) - 1;
      return row < rows_ ? Stepped(std::optional(static_cast<Row>(row)))
                         : no_list("has rows that are not there");
    }
  }
  return std::optional<Row>();
}

Rows::Stepped Rows::next_sparse() {
  for (;;) {
    if (in_block_ > 0 && block_rows_[in_block_ - 1] >= bound_) {
      const auto* begin = block_rows_.data();
      in_block_ = static_cast<std::size_t>(std::lower_bound(begin, begin + in_block_, bound_) - begin);
    }
    if (in_block_ > 0) {
      return std::optional(block_rows_[--in_block_]);
    }
    // The highest block below the present one that begins below the bound.
    std::size_t low = 0;
    std::size_t high = block_;
    while (low < high && skips_.size() > 0) {
      const auto middle = low + (high - low) / 2;
      CAIRN_TRY(const auto first, block_first(middle));
      first < bound_ ? low = middle + 1 : high = middle;
    }
    low = skips_.size() == 0 ? block_ : low;
    if (low == 0) {
      return std::optional<Row>();
    }
    CAIRN_TRY_VOID(load_block(low - 1));
  }
}

// Where a block's bytes lie, and the row after its last. Without skips it is the only one.
Result<Rows::BlockPlace> Rows::block_place(std::size_t block) {
  if (skips_.size() == 0) {
    return BlockPlace{
        .begin = 0, .end = std::min<std::uint64_t>(data_.size(), kListBlockBytesMax), .rows_end = rows_};
  }
  BlockPlace place{.begin = 0, .end = 0, .rows_end = rows_};
  CAIRN_TRY(place.end, skips_.get<std::uint32_t>(block * kSkipBytes + sizeof(Row)));
  if (block > 0) {
    CAIRN_TRY(place.begin, skips_.get<std::uint32_t>((block - 1) * kSkipBytes + sizeof(Row)));
  }
  if ((block + 1) * kSkipBytes < skips_.size()) {
    CAIRN_TRY(const auto next, block_first(block + 1));
    place.rows_end = std::min(rows_, next);
  }
  if (place.begin > place.end || place.end > data_.size() || place.end - place.begin > kListBlockBytesMax) {
    return no_list("does not fit");
  }
  return place;
}

// Decodes the block: rows that rise, up to the next block's first.
Result<void> Rows::load_block(std::size_t block) {
  CAIRN_TRY(const auto place, block_place(block));
  std::array<char, kListBlockBytesMax> buffer;
  const auto length = place.end - place.begin;
  CAIRN_TRY_VOID(data_.read(place.begin, std::span(buffer).first(length)));
  std::string_view bytes(buffer.data(), length);
  std::uint64_t row = 0;
  if (skips_.size() > 0) {
    CAIRN_TRY(row, block_first(block));
  } else if (!take_varint(bytes, row)) {
    return no_list("is cut");
  }
  const auto count = std::min<std::size_t>(kBlockRows, count_ - block * kBlockRows);
  for (std::size_t i = 0; i < count; ++i) {
    std::uint64_t delta = 0;
    if (i > 0 && (!take_varint(bytes, delta) || delta >= place.rows_end)) {
      return no_list("is cut");
    }
    row += i > 0 ? delta + 1 : 0;
    if (row >= place.rows_end) {
      return no_list("does not rise");
    }
    block_rows_[i] = static_cast<Row>(row);
  }
  block_ = block;
  in_block_ = count;
  return {};
}

}  // namespace cairn::postings
