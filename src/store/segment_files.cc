#include "store/segment_files.h"

#include <fcntl.h>

#include <cerrno>

#include "base/file.h"

namespace cairn::store {

namespace {

// Of what is kept of a segment, besides its index and its places of texts: measured, roughly.
constexpr std::size_t kKeepingBytes = 1024;

std::size_t kept_bytes(const SegmentIndex& opened) {
  return opened.index->kept_bytes() + opened.texts.chunks.size() * sizeof(parquet::Chunk) + kKeepingBytes;
}

}  // namespace

Result<SegmentIndex> SegmentFiles::open(std::shared_ptr<postings::BlockCache> blocks) const {
  if (fault_) {
    return *fault_;
  }
  SegmentIndex opened;
  CAIRN_TRY(opened.index, postings::Index::open(postings_path_, std::move(blocks)));
  CAIRN_TRY(const auto section, opened.index->section(kTextsTag));
  CAIRN_TRY(opened.texts, parquet::decode(section));
  if (opened.index->rows() != rows_ || opened.texts.rows() != rows_) {
    return Error{Errc::corrupt, "open a segment's index: it has another number of rows", postings_path_};
  }
  return opened;
}

Result<std::shared_ptr<const SegmentIndex>> SegmentCache::open(const SegmentFiles& files) {
  if (auto kept = opened_.find(files.postings_path())) {
    return *std::move(kept);
  }
  CAIRN_TRY(auto made, files.open(blocks_));
  auto opened = std::make_shared<const SegmentIndex>(std::move(made));
  opened_.put(files.postings_path(), opened, kept_bytes(*opened));
  return opened;
}

Result<std::vector<std::string>> SegmentFiles::texts(const SegmentIndex& index, parquet::RowReader& reader,
                                                     std::span<const std::uint64_t> rows) const {
  const File file(::open(parquet_path_.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) {
    return system_error(errno, "open a segment's file", parquet_path_);
  }
  std::vector<std::string> texts;
  texts.reserve(rows.size());
  CAIRN_TRY_VOID(reader.read(file.descriptor(), index.texts, rows,
                             [&](std::uint64_t, std::optional<std::string_view> text) -> Result<void> {
                               texts.emplace_back(text.value_or(std::string_view()));
                               return {};
                             }));
  if (texts.size() != rows.size()) {
    return Error{Errc::corrupt, "read the rows of a page: one is missing", parquet_path_};
  }
  return texts;
}

Task<Result<void>> find_files(blob::Blob& blob, Segment& segment) {
  CAIRN_CO_TRY(auto parquet, co_await blob.local_path(segment.blob));
  CAIRN_CO_TRY(auto postings, co_await blob.local_path(segment.postings));
  segment.files = std::make_shared<SegmentFiles>(std::move(parquet), std::move(postings), segment.rows);
  co_return Result<void>();
}

}  // namespace cairn::store
