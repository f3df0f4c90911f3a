// Index reads numbers at computed places of a file. The head and the table are summed when the file is
// opened, and the sections' sizes are held against the numbers that the places are computed from; so a place
// is within its section, or the file is refused. Every block that is read later is held against its checksum;
// what a section holds (an offset, a width) is checked where it is used all the same, because its writer may
// have been another.
//
// Tested by index_test.cc and damage_test.cc.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "codec/checksum.h"
#include "postings/bits.h"
#include "postings/layout.h"
#include "postings/postings.h"

namespace cairn::postings {

namespace {

constexpr std::size_t kOwnCacheBytes = 1U << 20;  // of an index over bytes

Error damaged(std::string_view part) {
  return {Errc::corrupt, fmt::format("read postings: {}", part)};
}

struct Head {
  std::uint32_t version = 0;
  std::uint32_t sections = 0;
  Row rows = 0;
  std::string table;

  std::uint64_t bytes() const { return kHeadBytes + table.size(); }
};

Result<Head> read_head(const Input& input) {
  std::string bytes(kHeadBytes, '\0');
  if (input.bytes() < kHeadBytes) {
    return damaged("the file is too short");
  }
  CAIRN_TRY_VOID(input.read(0, bytes));
  if (!bytes.starts_with(kMark)) {
    return damaged("the file does not begin as one");
  }
  Head head;
  std::uint64_t file_bytes = 0;
  std::uint32_t checksum = 0;
  get(bytes, kMark.size(), head.version);
  get(bytes, 12, head.sections);
  get(bytes, 16, file_bytes);
  get(bytes, 24, head.rows);
  get(bytes, kHeadSummedBytes, checksum);
  if (head.version > kFormatVersion) {
    return Error{Errc::invalid,
                 fmt::format("read postings: format version {}, this program knows versions up to {}",
                             head.version, kFormatVersion)};
  }
  if (head.version == 0 || head.sections > kSectionsMax || file_bytes != input.bytes() ||
      file_bytes < kHeadBytes + head.sections * kLineBytes) {
    return damaged("the file's head is damaged, or the file is cut");
  }
  head.table.resize(head.sections * kLineBytes);
  CAIRN_TRY_VOID(input.read(kHeadBytes, head.table));
  const auto summed = std::string_view(bytes).substr(0, kHeadSummedBytes);
  if (codec::crc32c(head.table, codec::crc32c(summed)) != checksum) {
    return damaged("the file's head is damaged");
  }
  return head;
}

// The lines of the table, but that of the blocks' checksums. Lines are sums that hold, but their writer may
// have been another.
std::optional<Line> read_table(const Head& head, std::vector<Line>& lines) {
  std::optional<Line> sums;
  for (std::uint32_t i = 0; i < head.sections; ++i) {
    Line line;
    get(head.table, i * kLineBytes, line);
    if (line.tag == kSumsTag && head.version >= kFirstSummedVersion && !sums) {
      sums = line;
    } else {
      lines.push_back(line);
    }
  }
  return sums;
}

Result<void> read_sums(Blocks& blocks, const Line& line) {
  if (line.bytes != blocks.count() * sizeof(std::uint32_t)) {
    return damaged("the checksums do not fit");
  }
  std::string bytes(line.bytes, '\0');
  CAIRN_TRY_VOID(blocks.input().read(line.offset, bytes));
  if (codec::crc32c(bytes) != line.checksum) {
    return damaged("the checksums are damaged");
  }
  std::vector<std::uint32_t> sums(blocks.count());
  std::memcpy(sums.data(), bytes.data(), bytes.size());
  blocks.set_sums(std::move(sums));
  return {};
}

// What is summed block by block: from the table's end to the checksums, or the file's end.
Result<void> set_blocks(const Head& head, const std::optional<Line>& sums, Blocks& blocks) {
  const auto all = blocks.input().bytes();
  if (head.version < kFirstSummedVersion) {
    blocks.set_range(head.bytes(), all);
    return blocks.make_sums();
  }
  if (!sums || sums->offset < head.bytes() || sums->offset > all || all - sums->offset < sums->bytes) {
    return damaged("the checksums are missing");
  }
  blocks.set_range(head.bytes(), sums->offset);
  return read_sums(blocks, *sums);
}

Result<void> set_parts(const Head& head, detail::Sections& sections) {
  for (const auto& line : sections.lines) {
    const auto end = sections.blocks.end();
    if (line.offset < head.bytes() || line.offset > end || end - line.offset < line.bytes) {
      return damaged("a section is outside the file");
    }
    if (line.tag >= 1 && line.tag <= kParts) {
      sections.part[line.tag] = Window(sections.blocks, line.offset, line.bytes);
    }
  }
  for (Tag tag = 1; tag <= kParts; ++tag) {
    if (std::ranges::count(sections.lines, tag, &Line::tag) != 1) {
      return damaged("a section is missing");
    }
  }
  return {};
}

// Do the sections have the sizes that their numbers ask for?
Result<void> set_numbers(detail::Sections& s) {
  auto buckets = s.part[kBucketsTag];
  auto scopes = s.part[kScopesTag];
  CAIRN_TRY(s.scopes, scopes.get<std::uint32_t>(0));
  CAIRN_TRY(s.terms, buckets.get<std::uint32_t>(0));
  CAIRN_TRY(s.bucket_bits, buckets.get<std::uint8_t>(4));
  CAIRN_TRY(s.value_bits, buckets.get<std::uint8_t>(5));
  CAIRN_TRY(s.rest_bits, buckets.get<std::uint8_t>(6));
  const auto print_bits = s.bucket_bits + s.rest_bits;
  const std::uint64_t entry_bits = s.rest_bits + 1U + s.value_bits;
  const std::uint64_t key_blocks = (std::uint64_t{s.rows} + kKeyBlockRows - 1) / kKeyBlockRows;
  const bool fits = print_bits > 0 && print_bits <= kFingerprintBits && s.value_bits <= 32 &&
                    s.rows <= kRowsMax && (scopes.size() - 4) / kScopeLineBytes >= s.scopes &&
                    s.part[kKeyBlocksTag].size() == key_blocks * kKeyBlockBytes &&
                    buckets.size() == kBucketsHeadBytes + ((std::uint64_t{1} << s.bucket_bits) + 1) * 4 &&
                    s.part[kEntriesTag].size() == (s.terms * entry_bits + 7) / 8;
  return fits ? Result<void>() : damaged("a section has another size than it says");
}

// The checksum of a section, read a block at a time.
Result<std::uint32_t> sum_section(const Blocks& blocks, const Line& line) {
  std::uint32_t sum = 0;
  for (auto at = line.offset; at < line.offset + line.bytes;) {
    CAIRN_TRY(const auto block, blocks.block(at));
    const auto from = at - blocks.block_begin(at);
    const auto taken = std::min<std::uint64_t>(block->size() - from, line.offset + line.bytes - at);
    sum = codec::crc32c(std::string_view(*block).substr(from, taken), sum);
    at += taken;
  }
  return sum;
}

}  // namespace

Index::Index(std::unique_ptr<detail::Sections> sections) : sections_(std::move(sections)) {}
Index::~Index() = default;

Result<std::unique_ptr<const Index>> Index::open(const std::string& path, std::shared_ptr<BlockCache> cache) {
  CAIRN_TRY(auto input, path_input(path));
  auto index = open(std::move(input), std::move(cache));
  if (!index) {
    index.error().subject = path;
  }
  return index;
}

Result<std::unique_ptr<const Index>> Index::open(std::unique_ptr<const Input> input,
                                                 std::shared_ptr<BlockCache> cache) {
  return read(Blocks(std::move(input), std::move(cache)));
}

Result<std::unique_ptr<const Index>> Index::over(std::string_view bytes) {
  return read(Blocks(memory_input(bytes), std::make_shared<BlockCache>(kOwnCacheBytes)));
}

// A file without checksums of its blocks is verified once, as a whole; those that are made of it stand for it
// from then on.
Result<std::unique_ptr<const Index>> Index::read(Blocks blocks) {
  CAIRN_TRY(const auto head, read_head(blocks.input()));
  auto sections = std::make_unique<detail::Sections>(std::move(blocks));
  sections->rows = head.rows;
  const auto sums = read_table(head, sections->lines);
  CAIRN_TRY_VOID(set_blocks(head, sums, sections->blocks));
  CAIRN_TRY_VOID(set_parts(head, *sections));
  CAIRN_TRY_VOID(set_numbers(*sections));
  std::unique_ptr<const Index> index(new Index(std::move(sections)));
  if (head.version < kFirstSummedVersion) {
    CAIRN_TRY_VOID(index->verify());
  }
  return index;
}

Row Index::rows() const {
  return sections_->rows;
}

std::uint64_t Index::bytes() const {
  return sections_->blocks.input().bytes();
}

std::size_t Index::kept_bytes() const {
  return sizeof(*this) + sizeof(*sections_) + sections_->blocks.sums_bytes() +
         sections_->lines.size() * sizeof(Line);
}

Result<void> Index::verify() const {
  for (const auto& line : sections_->lines) {
    CAIRN_TRY(const auto sum, sum_section(sections_->blocks, line));
    if (sum != line.checksum) {
      return damaged(fmt::format("section {} is damaged", line.tag));
    }
  }
  return {};
}

Result<std::string> Index::section(Tag tag) const {
  const auto line = std::ranges::find(sections_->lines, tag, &Line::tag);
  if (line == sections_->lines.end()) {
    return Error{Errc::not_found, fmt::format("read postings: there is no section {}", tag)};
  }
  CAIRN_TRY(auto bytes, Window(sections_->blocks, line->offset, line->bytes).text(0, line->bytes));
  return codec::crc32c(bytes) == line->checksum ? Result<std::string>(std::move(bytes))
                                                : damaged("a caller's section is damaged");
}

}  // namespace cairn::postings
