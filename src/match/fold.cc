#include "match/fold.h"

#include <algorithm>

#include "match/case_table.h"

namespace cairn::match {
namespace {

std::uint32_t fold_code_point(std::uint32_t code) {
  const auto after = std::ranges::upper_bound(kCaseTable, code, {}, &CaseRow::first);
  if (after == kCaseTable.begin()) {
    return code;
  }
  const CaseRow& row = *std::prev(after);
  const bool in_row = code <= row.last && (code - row.first) % row.stride == 0;
  return in_row ? code + static_cast<std::uint32_t>(row.delta) : code;
}

std::size_t sequence_size(unsigned char lead) {
  return lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 1;
}

// The code point at the text's beginning, and its size in bytes; size 1 and the byte's value if it is none.
std::pair<std::uint32_t, std::size_t> decode(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const std::size_t size = sequence_size(byte(0));
  if (size == 1 || size > text.size()) {
    return {byte(0), 1};
  }
  std::uint32_t code = byte(0) & (0x7fU >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0) != 0x80) {
      return {byte(0), 1};
    }
    code = code << 6 | (byte(i) & 0x3fU);
  }
  return {code, size};
}

void encode(std::uint32_t code, std::string& out) {
  const auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
  const auto more = [&](unsigned shift) { put(0x80 | (code >> shift & 0x3f)); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xc0 | code >> 6), more(0);
  } else if (code < 0x10000) {
    put(0xe0 | code >> 12), more(6), more(0);
  } else {
    put(0xf0 | code >> 18), more(12), more(6), more(0);
  }
}

}  // namespace

void fold_into(std::string_view text, std::string& out) {
  out.clear();
  while (!text.empty()) {
    const auto first = static_cast<unsigned char>(text.front());
    if (first < 0x80) {
      out += static_cast<char>(first >= 'A' && first <= 'Z' ? first + ('a' - 'A') : first);
      text.remove_prefix(1);
      continue;
    }
    const auto [code, size] = decode(text);
    if (size == 1) {
      out += text.front();
    } else {
      encode(fold_code_point(code), out);
    }
    text.remove_prefix(size);
  }
}

}  // namespace cairn::match
