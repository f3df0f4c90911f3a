// Structure: where a JSON text's brackets, colons, commas, strings and plain values begin; found by simdjson
// many bytes at a time. One thread. What is checked: the text is UTF-8, strings are closed and hold no
// control characters. Not more: see RecordWalk for the grammar.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "base/result.h"

namespace cairn::match {

class Structure {
 public:
  Structure();
  ~Structure();

  // Offsets in ascending order, valid until the next call. Behind the last one may be read: it is the text's
  // size. Errc::invalid: not such a text; Errc::limit: larger than Limits::record_bytes_max.
  Result<std::span<const std::uint32_t>> find(std::string_view text);

 private:
  struct Finder;
  std::unique_ptr<Finder> finder_;
};

}  // namespace cairn::match
