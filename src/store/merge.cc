// Tested by job_test.cc.
#include "store/merge.h"

#include <fmt/format.h>

#include <algorithm>

#include "parquet/parquet.h"

namespace cairn::store {

namespace {

// One segment's rows, as views of their texts.
class Source {
 public:
  static Result<std::unique_ptr<Source>> open(const MergeSource& from) {
    CAIRN_TRY(auto file, blob::open_file(from.file));
    CAIRN_TRY(auto cursor, parquet::RowCursor::open(*file, "eventJson", "_position"));
    if (cursor.rows() != from.rows) {
      return Error{Errc::corrupt,
                   fmt::format("merge: a segment has {} rows, not {}", cursor.rows(), from.rows),
                   from.file.path};
    }
    return std::make_unique<Source>(from.file.path, std::move(file), std::move(cursor));
  }
  Source(std::string path, std::unique_ptr<const Input> file, parquet::RowCursor cursor)
      : path_(std::move(path)), file_(std::move(file)), cursor_(std::move(cursor)) {}

  // False: there are no more rows.
  Result<bool> next() {
    CAIRN_TRY(const auto there, cursor_.next());
    if (!there) {
      return false;
    }
    auto view = event::borrowed_view(cursor_.text());
    if (!view) {
      return Error{Errc::corrupt, "merge: a row is no record: " + view.error().text(), path_};
    }
    row_ = {
        .position = journal::Position{cursor_.number()}, .view = *std::move(view), .json = cursor_.text()};
    return true;
  }
  const Row& row() const { return row_; }

 private:
  const std::string path_;
  std::unique_ptr<const Input> file_;
  parquet::RowCursor cursor_;
  Row row_;
};

bool after(const std::unique_ptr<Source>& a, const std::unique_ptr<Source>& b) {
  return segment_order(b->row(), a->row());
}

class Merged final : public RowStream {
 public:
  static Result<std::unique_ptr<Merged>> open(const std::vector<MergeSource>& from) {
    auto merged = std::make_unique<Merged>();
    for (const auto& one : from) {
      CAIRN_TRY(auto source, Source::open(one));
      CAIRN_TRY_VOID(merged->advance(std::move(source)));
    }
    return merged;
  }

  Result<const Row*> next() override {
    if (given_) {
      CAIRN_TRY_VOID(advance(std::move(given_)));
    }
    if (sources_.empty()) {
      return nullptr;
    }
    std::ranges::pop_heap(sources_, after);
    given_ = std::move(sources_.back());
    sources_.pop_back();
    return &given_->row();
  }

 private:
  Result<void> advance(std::unique_ptr<Source> source) {
    CAIRN_TRY(const auto there, source->next());
    if (there) {
      sources_.push_back(std::move(source));
      std::ranges::push_heap(sources_, after);
    }
    return {};
  }

  std::vector<std::unique_ptr<Source>> sources_;  // a heap, the first row in front
  std::unique_ptr<Source> given_;                 // whose row was given last
};

}  // namespace

Result<Made> merge(const MergeJob& job, SegmentWriter& writer) {
  CAIRN_TRY(const auto rows, Merged::open(job.sources));
  return writer.write(job.group, *rows);
}

}  // namespace cairn::store
