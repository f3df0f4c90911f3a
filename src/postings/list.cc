#include "postings/list.h"

#include <algorithm>
#include <vector>

#include "postings/bits.h"
#include "postings/layout.h"

namespace cairn::postings {

namespace {

void put_deltas(std::string& to, std::span<const Row> rows) {
  for (std::size_t i = 1; i < rows.size(); ++i) {
    put_varint(to, rows[i] - rows[i - 1] - 1);
  }
}

std::string sparse(std::span<const Row> rows) {
  std::string skips;
  std::string data;
  if (rows.size() <= kListBlockRows) {
    put_varint(data, rows.front());
    put_deltas(data, rows);
    return data;
  }
  while (!rows.empty()) {
    const auto block = rows.first(std::min<std::size_t>(rows.size(), kListBlockRows));
    put_deltas(data, block);
    put(skips, block.front());
    put(skips, static_cast<std::uint32_t>(data.size()));
    rows = rows.subspan(block.size());
  }
  return skips + data;
}

std::size_t dense_words(std::span<const Row> rows) {
  return (rows.back() - rows.front()) / 64 + 1;
}

std::string dense(std::span<const Row> rows) {
  std::vector<std::uint64_t> words(dense_words(rows));
  for (const auto row : rows) {
    const auto bit = row - rows.front();
    words[bit / 64] |= std::uint64_t{1} << (bit % 64);
  }
  std::string bytes;
  put(bytes, rows.front());
  put(bytes, static_cast<std::uint32_t>(words.size()));
  bytes.append(reinterpret_cast<const char*>(words.data()), words.size() * sizeof words[0]);
  return bytes;
}

}  // namespace

void put_list(std::string& to, std::span<const Row> rows) {
  CAIRN_CHECK(!rows.empty());
  const auto varints = sparse(rows);
  const bool is_dense = kDenseHeadBytes + dense_words(rows) * sizeof(std::uint64_t) < varints.size();
  put_varint(to, rows.size() * 2 + (is_dense ? 1 : 0));
  to += is_dense ? dense(rows) : varints;
}

}  // namespace cairn::postings
