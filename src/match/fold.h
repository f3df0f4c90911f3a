// Text without its case, for equals-ignore-case: two texts are alike if their folds are equal.
#pragma once

#include <string>
#include <string_view>

namespace cairn::match {

// By Unicode's simple mappings, one code point to one: ß stays ß and is not SS. Bytes that are not UTF-8
// stay.
void fold_into(std::string_view text, std::string& out);

inline std::string folded(std::string_view text) {
  std::string out;
  fold_into(text, out);
  return out;
}

}  // namespace cairn::match
