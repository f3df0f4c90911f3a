// SegmentFiles: a segment's files on this machine, opened at the first use. Internal to store/. Thread-safe.
//
// What is kept open is the postings file's map and the places of the texts' row groups: a few kilobytes a
// segment. The Parquet file is opened for each reading, because there may be thousands of segments.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>

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
  SegmentFiles(std::string parquet_path, std::string postings_path, std::uint64_t rows)
      : parquet_path_(std::move(parquet_path)), postings_path_(std::move(postings_path)), rows_(rows) {}

  // Of a segment whose files are not there, or not whole: every reading is this error.
  explicit SegmentFiles(Error fault) : rows_(0), fault_(std::move(fault)) {}

  bool readable() const { return !fault_; }
  const std::string& parquet_path() const { return parquet_path_; }

  // Valid as long as this is. Errc::corrupt: the file is damaged, or of another number of rows; it is tried
  // again at the next call.
  Result<const SegmentIndex*> index();

  // The texts of these rows, in their order. The reader's buffers serve one segment after another. REQUIRES:
  // rows rise.
  Result<std::vector<std::string>> texts(parquet::RowReader& reader, std::span<const std::uint64_t> rows);

 private:
  Result<SegmentIndex> open() const;

  const std::string parquet_path_;
  const std::string postings_path_;
  const std::uint64_t rows_;
  const std::optional<Error> fault_;
  std::mutex mutex_;
  std::optional<SegmentIndex> index_;  // guarded; does not change once it is there
};

// Puts `segment.files` there. Errc::not_found: a blob is missing.
Task<Result<void>> find_files(blob::Blob& blob, Segment& segment);

}  // namespace cairn::store
