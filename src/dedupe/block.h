// Block: what one save adds to the file: ids by account, and the journal's cursor that holds once they are
// read. docs/formats/dedupe.md has the grammar. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dedupe/event_id.h"
#include "journal/journal.h"

namespace cairn::dedupe {

inline constexpr std::size_t kBlockHeadBytes = 24;
inline constexpr std::size_t kBlockBytesMax = 4 << 20;  // what a reader believes of a block's length
inline constexpr std::size_t kAccountBytesMax = 255;

struct Section {
  std::string account;
  std::vector<Id> ids;  // in order, oldest first
};

struct Block {
  journal::Position cursor;
  std::vector<Section> sections;
};

std::size_t section_bytes(const Section& section);
// REQUIRES: kBlockBytesMax at most, accounts of kAccountBytesMax at most.
std::string encode(const Block& block);
// Nothing when the bytes do not begin with a whole, good block. `used` says how long it is.
std::optional<Block> decode(std::string_view bytes, std::size_t& used);
// How long a block says it is, by its head; 0 when that cannot be. REQUIRES: kBlockHeadBytes at least.
std::size_t block_bytes(std::string_view head);

}  // namespace cairn::dedupe
