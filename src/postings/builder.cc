// Tested by index_test.cc.
#include "postings/builder.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/file.h"
#include "codec/checksum.h"
#include "postings/bits.h"
#include "postings/layout.h"
#include "postings/parts.h"

namespace cairn::postings {

namespace {

std::size_t aligned(std::size_t bytes) {
  return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}

std::string file_head(std::size_t sections, std::uint64_t bytes, Row rows) {
  std::string head(kMark);
  put(head, kFormatVersion);
  put(head, static_cast<std::uint32_t>(sections));
  put(head, bytes);
  put(head, rows);
  CAIRN_CHECK(head.size() == kHeadSummedBytes);
  return head;
}

// Of each block of the file that is to be, whose first `begin` bytes are not summed.
std::string block_sums(std::string_view file, std::size_t begin) {
  std::string sums;
  while (begin < file.size()) {
    const auto end = std::min<std::size_t>(file.size(), (begin / kBlockBytes + 1) * kBlockBytes);
    put(sums, codec::crc32c(file.substr(begin, end - begin)));
    begin = end;
  }
  return sums;
}

}  // namespace

void Builder::scope(std::string_view text) {
  CAIRN_CHECK(text.size() <= kScopeBytesMax);
  const auto begin = static_cast<Row>(keys_.size());
  scopes_.push_back({.text = std::string(text), .rows = {begin, begin}});
}

Row Builder::row(const Key& key) {
  CAIRN_CHECK(!scopes_.empty() && keys_.size() < kRowsMax);
  auto& rows = scopes_.back().rows;
  CAIRN_CHECK(rows.begin == rows.end || keys_.back() <= key);
  keys_.push_back(key);
  return rows.end++;
}

void Builder::term(Term term) {
  CAIRN_CHECK(!keys_.empty());
  postings_.push_back(std::uint64_t{fingerprint(term)} << 32 | (keys_.size() - 1));
}

void Builder::section(Tag tag, std::string bytes) {
  CAIRN_CHECK(tag >= kFirstTag && sections_.size() + kParts < kSectionsMax);
  CAIRN_CHECK(std::ranges::find(sections_, tag, &Section::tag) == sections_.end());
  sections_.push_back({tag, std::move(bytes)});
}

std::string Builder::scope_part() {
  std::ranges::sort(scopes_, {}, &Scope::text);
  CAIRN_CHECK(std::ranges::adjacent_find(scopes_, {}, &Scope::text) == scopes_.end());
  std::string part;
  std::string texts;
  put(part, static_cast<std::uint32_t>(scopes_.size()));
  for (const auto& scope : scopes_) {
    put(part, scope.rows.begin);
    put(part, scope.rows.end);
    put(part, static_cast<std::uint32_t>(texts.size()));
    put(part, static_cast<std::uint32_t>(scope.text.size()));
    texts += scope.text;
  }
  return part + texts;
}

std::string Builder::finish() && {
  std::ranges::sort(postings_);
  postings_.erase(std::ranges::unique(postings_).begin(), postings_.end());
  auto keys = key_parts(keys_);
  auto terms = term_parts(postings_);
  std::vector<Section> all{{kScopesTag, scope_part()},
                           {kKeyBlocksTag, std::move(keys.blocks)},
                           {kKeyBitsTag, std::move(keys.bits)},
                           {kBucketsTag, std::move(terms.buckets)},
                           {kEntriesTag, std::move(terms.entries)},
                           {kListsTag, std::move(terms.lists)}};
  std::ranges::move(sections_, std::back_inserter(all));

  const auto table_end = kHeadBytes + (all.size() + 1) * kLineBytes;
  std::string file(table_end, '\0');  // its head and table are written when the rest is known
  std::string table;
  const auto append = [&](const Section& section) {
    put(table, Line{section.tag, codec::crc32c(section.bytes), file.size(), section.bytes.size()});
    file += section.bytes;
    file.resize(aligned(file.size()));
  };
  std::ranges::for_each(all, append);
  append({kSumsTag, block_sums(file, table_end)});
  auto head = file_head(all.size() + 1, file.size(), static_cast<Row>(keys_.size()));
  put(head, codec::crc32c(table, codec::crc32c(head)));
  file.replace(0, table_end, head + table);
  return file;
}

Result<void> write_file(const std::string& path, std::string_view bytes) {
  const File file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file.is_open()) {
    return system_error(errno, "make postings file", path);
  }
  while (!bytes.empty()) {
    const auto written = ::write(file.descriptor(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) {
      continue;
    }
    if (written <= 0) {
      return system_error(written < 0 ? errno : ENOSPC, "write postings file", path);
    }
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::fsync(file.descriptor()) != 0) {
    return system_error(errno, "sync postings file", path);
  }
  return {};
}

}  // namespace cairn::postings
