#include "store/segment_files.h"

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
  CAIRN_TRY(auto input, blob::open_for_each_reading(postings_));
  auto index = postings::Index::open(std::move(input), std::move(blocks));
  if (!index) {
    index.error().subject = postings_.path;
  }
  CAIRN_TRY(opened.index, std::move(index));
  CAIRN_TRY(const auto section, opened.index->section(kTextsTag));
  CAIRN_TRY(opened.texts, parquet::decode(section));
  if (opened.index->rows() != rows_ || opened.texts.rows() != rows_) {
    return Error{Errc::corrupt, "open a segment's index: it has another number of rows", postings_.path};
  }
  return opened;
}

Result<std::shared_ptr<const SegmentIndex>> SegmentCache::open(const SegmentFiles& files) {
  if (auto kept = opened_.find(files.postings().path)) {
    return *std::move(kept);
  }
  CAIRN_TRY(auto made, files.open(blocks_));
  auto opened = std::make_shared<const SegmentIndex>(std::move(made));
  opened_.put(files.postings().path, opened, kept_bytes(*opened));
  return opened;
}

Result<std::vector<std::string>> SegmentFiles::texts(const SegmentIndex& index, parquet::RowReader& reader,
                                                     std::span<const std::uint64_t> rows) const {
  CAIRN_TRY(const auto file, blob::open_file(parquet_));
  std::vector<std::string> texts;
  texts.reserve(rows.size());
  CAIRN_TRY_VOID(reader.read(*file, index.texts, rows,
                             [&](std::uint64_t, std::optional<std::string_view> text) -> Result<void> {
                               texts.emplace_back(text.value_or(std::string_view()));
                               return {};
                             }));
  if (texts.size() != rows.size()) {
    return Error{Errc::corrupt, "read the rows of a page: one is missing", parquet_.path};
  }
  return texts;
}

Task<Result<void>> find_files(blob::Blob& blob, Segment& segment) {
  CAIRN_CO_TRY(auto parquet, co_await blob.local_file(segment.blob));
  CAIRN_CO_TRY(auto postings, co_await blob.local_file(segment.postings));
  segment.files = std::make_shared<SegmentFiles>(std::move(parquet), std::move(postings), segment.rows);
  co_return Result<void>();
}

}  // namespace cairn::store
