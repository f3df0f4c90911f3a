// Index reads numbers at computed places of a mapped file. The head and the table are summed when the file is
// opened, and the sections' sizes are held against the numbers that the places are computed from; so a place
// is within its section, or the file is refused. What a section holds (an offset, a width) is checked where
// it is used.
//
// Tested by index_test.cc and damage_test.cc.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "base/file.h"
#include "codec/checksum.h"
#include "postings/bits.h"
#include "postings/layout.h"
#include "postings/postings.h"

namespace cairn::postings {

namespace {

Error damaged(std::string_view part) {
  return {Errc::corrupt, fmt::format("read postings: {}", part)};
}

// The bytes of one line of the table. Lines are sums that hold, but their writer may have been another.
Result<std::string_view> section_bytes(std::string_view file, const Line& line) {
  if (line.offset > file.size() || file.size() - line.offset < line.bytes) {
    return damaged("a section is outside the file");
  }
  return file.substr(line.offset, line.bytes);
}

Result<void> read_table(std::string_view file, detail::Sections& sections, std::uint32_t count) {
  for (std::uint32_t i = 0; i < count; ++i) {
    Line line;
    get(file, kHeadBytes + i * kLineBytes, line);
    CAIRN_TRY(const auto bytes, section_bytes(file, line));
    sections.lines.push_back(line);
    if (line.tag >= 1 && line.tag <= kParts) {
      sections.part[line.tag] = bytes;
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
bool fits(detail::Sections& s) {
  const auto& buckets = s.part[kBucketsTag];
  std::uint8_t bucket_bits = 0;
  std::uint8_t value_bits = 0;
  std::uint8_t rest_bits = 0;
  if (!get(s.part[kScopesTag], 0, s.scopes) || !get(buckets, 0, s.terms) || !get(buckets, 4, bucket_bits) ||
      !get(buckets, 5, value_bits) || !get(buckets, 6, rest_bits) ||
      bucket_bits + rest_bits > kFingerprintBits || bucket_bits + rest_bits == 0 || value_bits > 32) {
    return false;
  }
  s.bucket_bits = bucket_bits;
  s.value_bits = value_bits;
  s.rest_bits = rest_bits;
  const std::uint64_t entry_bits = rest_bits + 1U + value_bits;
  const std::uint64_t key_blocks = (std::uint64_t{s.rows} + kKeyBlockRows - 1) / kKeyBlockRows;
  return s.rows <= kRowsMax && (s.part[kScopesTag].size() - 4) / kScopeLineBytes >= s.scopes &&
         s.part[kKeyBlocksTag].size() == key_blocks * kKeyBlockBytes &&
         buckets.size() == kBucketsHeadBytes + ((std::uint64_t{1} << bucket_bits) + 1) * 4 &&
         s.part[kEntriesTag].size() == (s.terms * entry_bits + 7) / 8;
}

}  // namespace

Index::Index(std::string_view bytes, bool mapped)
    : bytes_(bytes), mapped_(mapped), sections_(std::make_unique<detail::Sections>()) {}

Index::~Index() {
  if (mapped_) {
    ::munmap(const_cast<char*>(bytes_.data()), bytes_.size());  // NOLINT: mapped read-only
  }
}

Result<std::unique_ptr<const Index>> Index::over(std::string_view bytes) {
  std::unique_ptr<Index> index(new Index(bytes, false));
  CAIRN_TRY_VOID(index->read_head());
  return std::unique_ptr<const Index>(std::move(index));
}

Result<std::unique_ptr<const Index>> Index::open(const std::string& path) {
  const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status {};
  if (!file.is_open() || ::fstat(file.descriptor(), &status) != 0) {
    return system_error(errno, "open postings file", path);
  }
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size < kHeadBytes) {
    return Error{Errc::corrupt, "open postings file: it is too short", path};
  }
  void* mapped = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, file.descriptor(), 0);
  if (mapped == MAP_FAILED) {  // NOLINT: the macro casts
    return system_error(errno, "map postings file", path);
  }
  std::unique_ptr<Index> index(new Index({static_cast<const char*>(mapped), size}, true));
  if (auto read = index->read_head(); !read) {
    read.error().subject = path;
    return std::move(read).error();
  }
  return std::unique_ptr<const Index>(std::move(index));
}

Result<void> Index::read_head() {
  std::uint32_t version = 0;
  std::uint32_t count = 0;
  std::uint64_t bytes = 0;
  std::uint32_t checksum = 0;
  if (!bytes_.starts_with(kMark) || !get(bytes_, kHeadSummedBytes, checksum)) {
    return damaged("the file does not begin as one");
  }
  get(bytes_, kMark.size(), version);
  if (version > kFormatVersion) {
    return Error{Errc::invalid,
                 fmt::format("read postings: format version {}, this program knows versions up to {}",
                             version, kFormatVersion)};
  }
  get(bytes_, 12, count);
  get(bytes_, 16, bytes);
  get(bytes_, 24, sections_->rows);
  if (version == 0 || count > kSectionsMax || bytes != bytes_.size() ||
      bytes_.size() < kHeadBytes + count * kLineBytes ||
      codec::crc32c(bytes_.substr(kHeadBytes, count * kLineBytes),
                    codec::crc32c(bytes_.substr(0, kHeadSummedBytes))) != checksum) {
    return damaged("the file's head is damaged, or the file is cut");
  }
  CAIRN_TRY_VOID(read_table(bytes_, *sections_, count));
  return fits(*sections_) ? Result<void>() : damaged("a section has another size than it says");
}

Row Index::rows() const {
  return sections_->rows;
}

Result<void> Index::verify() const {
  for (const auto& line : sections_->lines) {
    CAIRN_TRY(const auto bytes, section_bytes(bytes_, line));
    if (codec::crc32c(bytes) != line.checksum) {
      return damaged(fmt::format("section {} is damaged", line.tag));
    }
  }
  return {};
}

Result<std::string_view> Index::section(Tag tag) const {
  const auto line = std::ranges::find(sections_->lines, tag, &Line::tag);
  if (line == sections_->lines.end()) {
    return Error{Errc::not_found, fmt::format("read postings: there is no section {}", tag)};
  }
  CAIRN_TRY(const auto bytes, section_bytes(bytes_, *line));
  return codec::crc32c(bytes) == line->checksum ? Result<std::string_view>(bytes)
                                                : damaged("a caller's section is damaged");
}

}  // namespace cairn::postings
