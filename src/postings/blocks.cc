// Tested by index_test.cc and damage_test.cc.
#include "postings/blocks.h"

#include <fmt/format.h>

#include <array>
#include <cstring>

#include "codec/checksum.h"
#include "postings/bits.h"

namespace cairn::postings {

namespace {

Error outside() {
  return {Errc::corrupt, "read postings: a place is outside its section"};
}

}  // namespace

void Blocks::set_range(std::uint64_t begin, std::uint64_t end) {
  CAIRN_CHECK(begin <= end && end <= input_->bytes());
  begin_ = begin;
  end_ = end;
}

void Blocks::set_sums(std::vector<std::uint32_t> sums) {
  CAIRN_CHECK(sums.size() == count());
  sums_ = std::move(sums);
}

Result<void> Blocks::make_sums() {
  std::vector<std::uint32_t> sums;
  for (std::uint64_t i = 0; i < count(); ++i) {
    CAIRN_TRY(const auto bytes, read(begin_ / kBlockBytes + i));
    sums.push_back(codec::crc32c(bytes));
  }
  set_sums(std::move(sums));
  return {};
}

Result<std::string> Blocks::read(std::uint64_t number) const {
  const auto begin = std::max(begin_, number * kBlockBytes);
  std::string bytes(std::min(end_, (number + 1) * kBlockBytes) - begin, '\0');
  CAIRN_TRY_VOID(input_->read(begin, bytes));
  return bytes;
}

Result<Block> Blocks::block(std::uint64_t at) const {
  CAIRN_CHECK(at >= begin_ && at < end_);
  const auto number = at / kBlockBytes;
  if (auto kept = cache_->find(file_, number)) {
    return kept;
  }
  CAIRN_TRY(auto bytes, read(number));
  if (codec::crc32c(bytes) != sums_[number - begin_ / kBlockBytes]) {
    return Error{Errc::corrupt,
                 fmt::format("read postings: the block at byte {} is damaged", block_begin(at))};
  }
  Block block = std::make_shared<const std::string>(std::move(bytes));
  cache_->put(file_, number, block);
  return block;
}

Result<void> Window::read(std::uint64_t at, std::span<char> to) {
  if (at > bytes_ || bytes_ - at < to.size()) {
    return outside();
  }
  for (at += offset_; !to.empty();) {
    if (!block_ || at < block_begin_ || at - block_begin_ >= block_->size()) {
      CAIRN_TRY(block_, blocks_->block(at));
      block_begin_ = blocks_->block_begin(at);
    }
    const auto taken = std::min<std::uint64_t>(to.size(), block_begin_ + block_->size() - at);
    std::memcpy(to.data(), block_->data() + (at - block_begin_), taken);
    to = to.subspan(taken);
    at += taken;
  }
  return {};
}

Result<std::string> Window::text(std::uint64_t at, std::uint64_t bytes) {
  if (at > bytes_ || bytes_ - at < bytes) {
    return outside();
  }
  std::string text(bytes, '\0');
  CAIRN_TRY_VOID(read(at, text));
  return text;
}

// The bytes that the number touches, at most nine.
Result<std::uint64_t> Window::get_bits(std::uint64_t at_bit, unsigned width) {
  const auto bits = bytes_ * 8;
  if (width > 64 || at_bit > bits || bits - at_bit < width) {
    return outside();
  }
  if (width == 0) {
    return std::uint64_t{0};
  }
  std::array<char, 9> bytes{};
  const auto first = at_bit / 8;
  const auto last = (at_bit + width - 1) / 8;
  CAIRN_TRY_VOID(read(first, std::span(bytes).first(last - first + 1)));
  std::uint64_t value = 0;
  CAIRN_CHECK(postings::get_bits({bytes.data(), bytes.size()}, at_bit % 8, width, value));
  return value;
}

}  // namespace cairn::postings
