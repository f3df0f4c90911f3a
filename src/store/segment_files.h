// SegmentFiles: where a segment's two files are on this machine, and their keys. SegmentCache: what is in
// memory of them, for all lookups of a store together, with a limit: the blocks of postings files that were
// read lately, and of each segment that was searched lately where its texts are. Nothing is mapped and no
// file stays open, because there may be thousands of segments. Internal to store/. Thread-safe.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/lru.h"
#include "blob/blob.h"
#include "parquet/parquet.h"
#include "postings/postings.h"
#include "store/segment.h"

namespace cairn::store {

// The section of the postings file with parquet::encode() of the column eventJson.
inline constexpr postings::Tag kTextsTag = postings::kFirstTag;

// A segment's index, and where its texts are.
struct SegmentIndex {
  std::unique_ptr<const postings::Index> index;
  parquet::Column texts;
};

class SegmentFiles {
 public:
  SegmentFiles(blob::LocalFile parquet, blob::LocalFile postings, std::uint64_t rows)
      : parquet_(std::move(parquet)), postings_(std::move(postings)), rows_(rows) {}

  // Of a segment whose files are not there, or not whole: every reading is this error.
  explicit SegmentFiles(Error fault) : rows_(0), fault_(std::move(fault)) {}

  bool readable() const { return !fault_; }
  const blob::LocalFile& parquet() const { return parquet_; }
  const blob::LocalFile& postings() const { return postings_; }

  // Errc::corrupt: the file is damaged, or of another number of rows.
  Result<SegmentIndex> open(std::shared_ptr<postings::BlockCache> blocks) const;

  // The texts of these rows, in their order. The reader's buffers serve one segment after another. REQUIRES:
  // rows rise; the index is this segment's.
  Result<std::vector<std::string>> texts(const SegmentIndex& index, parquet::RowReader& reader,
                                         std::span<const std::uint64_t> rows) const;

 private:
  const blob::LocalFile parquet_;
  const blob::LocalFile postings_;
  const std::uint64_t rows_;
  const std::optional<Error> fault_;
};

class SegmentCache {
 public:
  // Limits in bytes: of what is kept of each segment, and of the postings files' blocks.
  SegmentCache(std::size_t segments_bytes_max, std::size_t blocks_bytes_max)
      : blocks_(std::make_shared<postings::BlockCache>(blocks_bytes_max)), opened_(segments_bytes_max) {}

  // Valid as long as it is held. What could not be opened is tried again at the next call.
  Result<std::shared_ptr<const SegmentIndex>> open(const SegmentFiles& files);

  std::size_t bytes() const { return blocks_->bytes() + opened_.cost(); }

 private:
  const std::shared_ptr<postings::BlockCache> blocks_;
  Lru<std::string, std::shared_ptr<const SegmentIndex>> opened_;  // by the postings file's path
};

// Puts `segment.files` there. Errc::not_found: a blob is missing.
Task<Result<void>> find_files(blob::Blob& blob, Segment& segment);

}  // namespace cairn::store
