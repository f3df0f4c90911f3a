#include "parquet/runs.h"

#include <algorithm>
#include <cstring>

#include "parquet/thrift.h"

namespace cairn::parquet {

bool Runs::next_run() {
  std::uint64_t head = 0;
  if (!take_varint(bytes_, head)) {
    return false;
  }
  packed_ = (head & 1) != 0;
  left_ = head >> 1;
  if (packed_) {
    const auto groups = left_;  // of 8 numbers, so of `width` bytes
    if (groups > UINT32_MAX) {
      return false;
    }
    run_ = bytes_.substr(0, groups * width_);  // the last one may be cut
    bit_ = 0;
    left_ = groups * 8;
    bytes_.remove_prefix(run_.size());
    return true;
  }
  const auto size = (width_ + 7) / 8;
  if (bytes_.size() < size) {
    return false;
  }
  repeated_ = 0;
  std::memcpy(&repeated_, bytes_.data(), size);
  bytes_.remove_prefix(size);
  return true;
}

bool Runs::next(std::uint32_t& value) {
  while (left_ == 0) {
    if (bytes_.empty() || !next_run()) {
      return false;
    }
  }
  --left_;
  value = repeated_;
  if (packed_) {
    const auto first = bit_ / 8;
    if (bit_ + width_ > run_.size() * 8) {
      return false;
    }
    std::uint64_t bits = 0;
    std::memcpy(&bits, run_.data() + first, std::min<std::size_t>(sizeof bits, run_.size() - first));
    value = static_cast<std::uint32_t>((bits >> (bit_ % 8)) & ((std::uint64_t{1} << width_) - 1));
    bit_ += width_;
  }
  return true;
}

}  // namespace cairn::parquet
