#include "match/text_table.h"

#include <bit>

#include "base/check.h"

namespace cairn::match {

TextTable::TextTable(const MarkedTexts& texts) {
  slots_.resize(texts.empty() ? 0 : std::bit_ceil(texts.size() * 2), Slot{});
  for (const auto& [text, marks] : texts) {
    CAIRN_CHECK(!marks.empty());
    const auto hash = hash_text(text);
    auto slot = hash & (slots_.size() - 1);
    while (slots_[slot].count != 0) {
      slot = (slot + 1) & (slots_.size() - 1);
    }
    slots_[slot] = {.hash = hash,
                    .text = static_cast<std::uint32_t>(texts_.size()),
                    .size = static_cast<std::uint32_t>(text.size()),
                    .marks = static_cast<std::uint32_t>(marks_.size()),
                    .count = static_cast<std::uint32_t>(marks.size())};
    texts_ += text;
    marks_.insert(marks_.end(), marks.begin(), marks.end());
  }
}

}  // namespace cairn::match
